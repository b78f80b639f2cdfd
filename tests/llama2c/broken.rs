//! Checkpoints that are not what they claim: an error of one line, and never a panic.

use proptest::prelude::*;
use pz::models::llama2c::Checkpoint;

use super::example_data;

fn trained() -> Vec<u8> {
    std::fs::read(example_data("stories260K.bin")).unwrap()
}

/// Reads a file that may be broken. What can be read has the length that its header says.
fn judge(file: &[u8]) -> Result<(), TestCaseError> {
    match Checkpoint::from_bytes("broken.bin", file) {
        Ok(checkpoint) => prop_assert_eq!(checkpoint.header.file_bytes(), file.len() as u128),
        Err(error) => {
            let text = error.to_string();
            prop_assert!(text.starts_with("broken.bin: "), "{}", text);
            prop_assert!(!text.contains('\n'), "{}", text);
        }
    }
    Ok(())
}

/// Numbers that a header field is likely to be wrong by.
fn field() -> impl Strategy<Value = i32> {
    prop_oneof![
        any::<i32>(),
        -3..600_i32,
        prop::sample::select(vec![i32::MIN, i32::MAX, 1 << 16, 1 << 30, 0, 1, 2, 64, 512]),
    ]
}

proptest! {
    #[test]
    fn mutated_headers_are_judged(changes in prop::collection::vec((0_usize..7, field()), 1..4)) {
        let mut file = trained();
        for (place, value) in changes {
            file[4 * place..4 * place + 4].copy_from_slice(&value.to_le_bytes());
        }
        judge(&file)?;
    }

    #[test]
    fn truncated_and_over_long_files_are_judged(length in 0_usize..1_060_000) {
        let mut file = trained();
        let whole = file.len();
        file.resize(length, 0);
        judge(&file)?;
        prop_assert_eq!(Checkpoint::from_bytes("broken.bin", &file).is_ok(), length == whole);
    }

    #[test]
    fn noise_is_judged(file in prop::collection::vec(any::<u8>(), 0..300)) {
        judge(&file)?;
    }
}

#[test]
fn a_file_that_is_not_there_and_one_that_is_no_file_are_named() {
    let missing = Checkpoint::open("no/such/file.bin").unwrap_err().to_string();
    assert!(missing.starts_with("no/such/file.bin: cannot be read"), "{missing}");
    let folder = Checkpoint::open(example_data("")).unwrap_err().to_string();
    assert!(folder.contains("is a directory"), "{folder}");
}
