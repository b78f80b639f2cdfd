//! What a user can get wrong: one line on standard error that names the file, the field and both values; nothing on
//! standard output; status 1, or 2 where the command line itself is wrong.

use std::ffi::OsString;
use std::path::PathBuf;

use super::command::{example_data, story};

/// Writes a file for one case.
fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("story");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

#[track_caller]
fn assert_told<S: AsRef<std::ffi::OsStr>>(args: &[S], status: i32, parts: &[&str]) {
    let told = story(args).told();
    assert_eq!(told.status, status, "{}", told.err);
    assert_eq!(told.out, "", "{}", told.err);
    assert_eq!(told.err.lines().count(), 1, "{}", told.err);
    assert!(told.err.starts_with("error: "), "{}", told.err);
    for part in parts {
        assert!(told.err.contains(part), "{}\n  should name: {part}", told.err);
    }
}

fn model() -> Vec<u8> {
    std::fs::read(example_data("stories260K.bin")).unwrap()
}

#[track_caller]
fn assert_model(name: &str, bytes: &[u8], parts: &[&str]) {
    let path = file(name, bytes);
    let args = [OsString::from("--model"), path.into(), "--prompt".into(), "One day".into()];
    assert_told(&args, 1, &[&[name], parts].concat());
}

#[test]
fn checkpoints_of_a_wrong_length() {
    assert_told(&["--model", "no/such.bin"], 1, &["no/such.bin", "cannot be read"]);
    assert_told(&["--model", "examples"], 1, &["examples", "a directory"]);
    let whole = model();
    let wanted = "wants 1056540 bytes";
    assert_model("empty.bin", b"", &["its length is 0 bytes", "wants 28 bytes"]);
    assert_model("head.bin", &whole[..27], &["its length is 27 bytes", "wants 28 bytes"]);
    assert_model("header_only.bin", &whole[..28], &["header field `dim` is 64", "256 bytes", "28 bytes"]);
    assert_model("short.bin", &whole[..1_056_539], &["truncated", "its length is 1056539 bytes", wanted]);
    assert_model("half.bin", &whole[..500_000], &["truncated", "its length is 500000 bytes", wanted]);
    let long = [&whole[..], b"x"].concat();
    assert_model("long.bin", &long, &["over-long", "its length is 1056541 bytes", wanted]);
}

#[test]
fn checkpoints_with_absurd_headers() {
    let cases = [
        ("zero_dim", 0, 0, "`dim` is 0"),
        ("negative_hidden", 1, -172, "`hidden_dim` is -172"),
        ("no_layers", 2, 0, "`n_layers` is 0"),
        ("least_heads", 3, i32::MIN, "`n_heads` is -2147483648"),
        ("odd_heads", 3, 7, "`n_heads` is 7, which does not divide `dim`, 64"),
        ("odd_kv_heads", 4, 3, "`n_kv_heads` is 3, which does not divide `n_heads`, 8"),
        ("no_words", 5, 0, "`vocab_size` is 0"),
        ("one_word_untied", 5, -1, "`vocab_size` is -1, and must be at least 2"),
        (
            "great_dim",
            0,
            i32::MAX,
            "`dim` is 2147483647, which wants at least 8589934588 bytes, and the file has 1056540",
        ),
        ("great_layers", 2, i32::MAX, "`n_layers` is 2147483647"),
        ("great_words", 5, i32::MIN, "`vocab_size` is -2147483648"),
        ("great_context", 6, 1 << 30, "`seq_len` is 1073741824, which wants at least 4294967296 bytes"),
        ("untied", 5, -512, "its length is 1056540 bytes"),
        ("odd_size", 3, 64, "64 heads of odd size 1"),
    ];
    for (name, place, value, part) in cases {
        let mut bytes = model();
        bytes[4 * place..4 * place + 4].copy_from_slice(&value.to_le_bytes());
        assert_model(&format!("{name}.bin"), &bytes, &[part]);
    }
}

#[cfg(unix)]
#[test]
fn headers_whose_products_overflow() {
    // A file of 16 GiB, all hole but for its header, in which every number is possible by itself.
    let header = [1 << 30, 1 << 30, 1 << 30, 1, 1, 1 << 30, 1 << 30].map(i32::to_le_bytes).concat();
    let path = file("overflow.bin", &header);
    std::fs::File::options().write(true).open(&path).unwrap().set_len(1 << 34).unwrap();
    // 4 (dim vocab + layers (2 dim + 4 dim^2 + 3 hidden dim) + dim + seq dim) + 28, in Python.
    let wanted = "wants 34662321118437391775179997212 bytes";
    assert_told(&[OsString::from("--model"), path.into()], 1, &["overflow.bin", "17179869184 bytes", wanted]);
}

#[test]
fn tokenizers() {
    let tokenizer = std::fs::read(example_data("tok512.bin")).unwrap();
    let mut long_piece = tokenizer.clone();
    long_piece[8..12].copy_from_slice(&i32::MAX.to_le_bytes());
    let trailing = [&tokenizer[..], b"xyz"].concat();
    // The beginning of babyllama's `.model`, as sentencepiece wrote it.
    let sentencepiece =
        b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02\x0a\x0c\x0a\x03<s>\x15\0\0\0\0\x18\x03".to_vec();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        ("none.vocab", vec![], &["its length is 0 bytes"]),
        ("cut.tok", tokenizer[..6220].to_vec(), &["4 bytes left over after 511 whole pieces", "at least 8"]),
        ("trailing.tok", trailing, &["3 bytes left over after 512 whole pieces", "at least 8"]),
        (
            "spm.model",
            sentencepiece,
            &["a sentencepiece model", "spm_export_vocab --model=", "spm.model.vocab"],
        ),
        ("one.vocab", b"a\t0\n".to_vec(), &["1 piece,", "stories260K.bin", "512"]),
        ("fewer.tok", tokenizer[..6216].to_vec(), &["511 pieces", "stories260K.bin", "512"]),
        ("great.tok", long_piece, &["piece 0 has length 2147483647", "7"]),
        ("two.vocab", b"a\t0\nb\t-1\n".to_vec(), &["2 pieces", "stories260K.bin", "512"]),
        ("text.vocab", b"Once upon a time\n".to_vec(), &["line 1", "a tab"]),
    ];
    for (name, bytes, parts) in cases {
        let path = file(name, &bytes);
        assert_told(&[OsString::from("--tokenizer"), path.into()], 1, &[&[name], parts].concat());
    }
    assert_told(&["--tokenizer", "no/such.tok"], 1, &["no/such.tok", "cannot be read"]);
}

#[test]
fn options_beyond_the_model() {
    assert_told(&["--tokens", "513"], 1, &["--tokens is 513", "`seq_len`", "stories260K.bin", "is 512"]);
    assert_told(&["--tokens", "18446744073709551615"], 1, &["18446744073709551615", "512"]);
    assert_told(&["--knock-out", "5:0"], 1, &["--knock-out", "the layer is 5", "stories260K.bin", "has 5"]);
    assert_told(&["--knock-out", "0:8"], 1, &["--knock-out", "the head is 8", "stories260K.bin", "has 8"]);
    assert_told(
        &["--knock-out", "18446744073709551615:0"],
        1,
        &["the layer is 18446744073709551615", "has 5"],
    );
    assert_told(&["--knock-out", "0:18446744073709551615", "--tree"], 1, &["18446744073709551615", "has 8"]);
}

#[cfg(unix)]
#[test]
fn prompts_that_are_no_text() {
    use std::os::unix::ffi::OsStringExt;
    let prompt = OsString::from_vec(b"One \xFF day".to_vec());
    assert_told(&[OsString::from("--prompt"), prompt], 1, &["--prompt", "byte 0xff at 4", "UTF-8"]);
    let cut = OsString::from_vec(b"caf\xC3".to_vec());
    assert_told(&[OsString::from("--prompt"), cut], 1, &["--prompt", "byte 0xc3 at 3", "UTF-8"]);
}

#[test]
fn command_lines() {
    let cases: [(&[&str], &str); 12] = [
        (&["--tokens", "many"], "'many'"),
        (&["--tokens", "-1"], "--tokens"),
        (&["--temperature", "-1"], "--temperature"),
        (&["--seed", "-1"], "--seed"),
        (&["--knock-out", "-1:0"], "--knock-out"),
        (&["--tokens"], "--tokens"),
        (&["--temperature", "NaN"], "a number from 0 up"),
        (&["--temperature", "inf"], "a number from 0 up"),
        (&["--seed", "x"], "'x'"),
        (&["--knock-out", "3"], "two numbers with a colon"),
        (&["--knock-out", "1:x"], "two numbers with a colon"),
        (&["--plot"], "--plot"),
    ];
    for (args, part) in cases {
        assert_told(args, 2, &[part]);
    }
}
