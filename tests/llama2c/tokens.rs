//! Text to tokens and back.

use proptest::prelude::*;
use pz::models::llama2c::{BOS, Tokenizer};

use super::{example_data, expected, ids, shared_data};

fn decoded(tokenizer: &Tokenizer, tokens: &[u32]) -> Vec<u8> {
    tokens.windows(2).flat_map(|pair| tokenizer.decode(pair[0], pair[1])).copied().collect()
}

// What Python gives, by the rule word for word. In each line: text, tokens by tok512.bin, by babyllama's .vocab.
const CASES: [(&str, &[u32], &[u32]); 10] = [
    ("", &[1], &[1]),
    ("a", &[1, 261], &[1, 3, 5]),
    (" ", &[1, 410, 410], &[1, 3, 3]),
    (
        "Hello, world!",
        &[1, 346, 306, 414, 432, 263, 304, 341, 443],
        &[1, 3, 33, 4, 14, 14, 7, 25, 3, 17, 7, 13, 14, 11, 36],
    ),
    (
        "café 🦀 naïve",
        &[1, 280, 412, 431, 485, 410, 243, 162, 169, 131, 297, 412, 198, 178, 360],
        &[1, 3, 22, 5, 24, 78, 3, 0, 3, 9, 5, 0, 28, 4],
    ),
    (
        "tab\there\nnew line",
        &[1, 259, 412, 430, 12, 260, 276, 13, 416, 411, 424, 278, 271, 411],
        &[1, 3, 6, 5, 23, 0, 8, 4, 13, 4, 0, 9, 4, 17, 3, 14, 10, 9, 4],
    ),
    (
        "“Quoted” — dash…",
        &[1, 410, 465, 473, 425, 309, 266, 466, 410, 481, 279, 412, 419, 415, 486],
        &[1, 3, 58, 66, 18, 7, 6, 4, 11, 59, 3, 74, 3, 11, 5, 12, 8, 79],
    ),
    ("the the  the", &[1, 265, 265, 410, 265], &[1, 3, 6, 8, 4, 3, 6, 8, 4, 3, 3, 6, 8, 4]),
    (
        "12345 <s> <unk>",
        &[1, 410, 475, 479, 472, 484, 480, 410, 504, 419, 505, 410, 504, 379, 433, 505],
        &[1, 3, 68, 72, 65, 77, 73, 3, 97, 12, 98, 3, 97, 18, 9, 26, 98],
    ),
    ("Łódź", &[1, 410, 200, 132, 198, 182, 418, 200, 189], &[1, 3, 0, 0, 11, 0]),
];

#[test]
fn texts_are_cut_as_llama2c_cuts_them() {
    let tokenizer = Tokenizer::open(example_data("tok512.bin")).unwrap();
    assert_eq!(tokenizer.len(), 512);
    for (text, tokens, _) in CASES {
        assert_eq!(tokenizer.encode(text), tokens, "{text:?}");
        assert_eq!(decoded(&tokenizer, tokens), text.as_bytes(), "{text:?}");
    }
}

#[test]
fn the_prompts_of_the_expected_file_give_its_tokens_and_the_tokens_its_text() {
    let tokenizer = Tokenizer::open(example_data("tok512.bin")).unwrap();
    let expected = expected();
    let greedy = &expected["greedy"][0];
    assert_eq!(tokenizer.encode(greedy["prompt"].as_str().unwrap()), ids(&greedy["prompt_token_ids"]));
    let text = decoded(&tokenizer, &ids(&greedy["token_ids"]));
    assert_eq!(String::from_utf8(text).unwrap(), greedy["text"].as_str().unwrap());
    let sentence = &expected["teacher_forced"][0];
    assert_eq!(tokenizer.encode(sentence["text"].as_str().unwrap()), ids(&sentence["token_ids"]));
}

#[test]
fn a_vocabulary_of_characters_is_read_by_its_content() {
    let Some(path) = shared_data("babyllama_tok105.vocab") else { return };
    let tokenizer = Tokenizer::open(path).unwrap();
    assert_eq!(tokenizer.len(), 105);
    for (text, _, tokens) in CASES {
        assert_eq!(tokenizer.encode(text), tokens, "{text:?}");
    }
    assert_eq!(decoded(&tokenizer, &[BOS, 3, 5, 3, 0]), b"a <unk>");
}

proptest! {
    #[test]
    fn every_text_comes_back_from_its_tokens(text in any::<String>(), words in "[ a-zA-Z.,\n]{0,80}") {
        let tokenizer = Tokenizer::open(example_data("tok512.bin")).unwrap();
        for text in [text, words] {
            let tokens = tokenizer.encode(&text);
            prop_assert_eq!(tokens[0], BOS);
            prop_assert_eq!(decoded(&tokenizer, &tokens), text.as_bytes());
        }
    }

    #[test]
    fn no_file_makes_a_tokenizer_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..6227, value in any::<[u8; 4]>(), length in 0_usize..6300,
    ) {
        let _ = Tokenizer::from_bytes("noise", &bytes);
        let mut file = std::fs::read(example_data("tok512.bin")).unwrap();
        let end = (at + 4).min(file.len());
        file[at..end].copy_from_slice(&value[..end - at]);
        file.truncate(length);
        match Tokenizer::from_bytes("broken", &file) {
            Ok(tokenizer) => prop_assert_eq!(tokenizer.encode("a story")[0], BOS),
            Err(error) => prop_assert!(error.to_string().starts_with("broken: "), "{}", error),
        }
    }
}

#[test]
fn a_long_prompt_is_cut_in_time() {
    // Quadratic merging takes minutes for this.
    let tokenizer = Tokenizer::open(example_data("tok512.bin")).unwrap();
    let text = "the cat sat on the mat. ".repeat(20_000);
    assert_eq!(decoded(&tokenizer, &tokenizer.encode(&text)), text.as_bytes());
}
