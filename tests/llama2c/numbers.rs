//! The trained model's numbers: the story token by token, likelihoods and logits, with a cache and without.

use pz::NamedArray;
use pz::models::llama2c::{BOS, Checkpoint, Reader, Story, Tokenizer};
use pz::models::transformer::TransformerLM;
use pz::models::transformer::decode::Strategy;
use pz::random::Key;

use super::{example_data, expected, floats, ids, shared_data};

fn stories() -> TransformerLM {
    Checkpoint::open(example_data("stories260K.bin")).unwrap().into_model().unwrap()
}

fn greedy(reader: Reader, prompt: Vec<u32>, tokens: usize) -> Vec<u32> {
    let story = Story::new(reader, prompt, tokens, Strategy::Greedy).collect::<pz::Result<Vec<_>>>().unwrap();
    [vec![BOS], story].concat()
}

#[test]
fn the_story_is_the_expected_one_token_by_token() {
    let model = stories();
    let expected = expected();
    let greedy_case = &expected["greedy"][0];
    let prompt = ids(&greedy_case["prompt_token_ids"]);
    let tokens = ids(&greedy_case["token_ids"]);
    let steps = tokens.len() - 1;
    assert_eq!(steps as u64, greedy_case["steps"].as_u64().unwrap());
    assert_eq!(greedy(Reader::caching(&model, steps).unwrap(), prompt.clone(), steps), tokens);
    assert_eq!(greedy(Reader::rereading(&model), prompt, steps), tokens);
}

#[test]
fn a_story_ends_where_the_model_begins_another() {
    // The numpy program's 345 tokens after BOS, of 400 that were allowed.
    let told = greedy(Reader::caching(&stories(), 400).unwrap(), vec![BOS], 400);
    assert_eq!(told.len(), 346);
    let tokenizer = Tokenizer::open(example_data("tok512.bin")).unwrap();
    let text: Vec<u8> =
        told.windows(2).flat_map(|pair| tokenizer.decode(pair[0], pair[1]).to_vec()).collect();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with("Once upon a time, there was a little girl named Lily. She loved to play outside")
    );
    assert!(
        text.ends_with("She was so happy and said, \"Thank you, Lily! You are a good friend.\""),
        "{text}"
    );
}

#[test]
fn a_prompt_that_is_too_long_is_cut() {
    let told = greedy(Reader::rereading(&stories()), vec![BOS, 385, 328, 432], 2);
    assert_eq!(told, [BOS, 385, 328]);
    assert_eq!(greedy(Reader::rereading(&stories()), vec![BOS, 385], 0), [BOS]);
}

/// Rows of logits, one for each token that was read.
fn rows(logits: &NamedArray) -> Vec<Vec<f64>> {
    let vocabulary = logits.size("vocabulary").unwrap();
    let values = logits.order_as(["seq", "vocabulary"]).unwrap().to_vec::<f32>().unwrap();
    values.chunks(vocabulary).map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect()
}

fn log_sum_exp(row: &[f64]) -> f64 {
    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + row.iter().map(|x| (x - top).exp()).sum::<f64>().ln()
}

#[track_caller]
fn assert_near(found: f64, wanted: f64, bound: f64, what: &str) {
    assert!((found - wanted).abs() <= bound, "{what}: {found}, and {wanted} within {bound} was wanted");
}

/// Checks the logits after each token of the expected sentence.
#[track_caller]
fn assert_likelihoods(rows: &[Vec<f64>]) {
    let expected = expected();
    let sentence = &expected["teacher_forced"][0];
    let tokens = ids(&sentence["token_ids"]);
    let nll = floats(&sentence["nll_per_token"]);
    assert_eq!(rows.len(), tokens.len());
    assert_eq!(nll.len(), tokens.len() - 1);
    for (place, wanted) in nll.iter().enumerate() {
        let row = &rows[place];
        let found = log_sum_exp(row) - row[tokens[place + 1] as usize];
        assert_near(found, *wanted, 1e-4, &format!("negative log-likelihood of token {place}"));
    }
    let last = rows.last().unwrap();
    assert_eq!(last.len(), 512);
    for (token, wanted) in floats(&sentence["last_position_logits_first16"]).into_iter().enumerate() {
        assert_near(last[token], wanted, 1e-4, &format!("last logit of token {token}"));
    }
    for pair in sentence["last_position_top5"].as_array().unwrap() {
        let (token, wanted) = (pair[0].as_u64().unwrap() as usize, pair[1].as_f64().unwrap());
        assert_near(last[token], wanted, 1e-4, &format!("last logit of token {token}"));
    }
    let wanted = sentence["last_position_logsumexp"].as_f64().unwrap();
    assert_near(log_sum_exp(last), wanted, 1e-4, "log of the sum of the last logits");
}

#[test]
fn likelihoods_are_the_expected_ones_without_a_cache() {
    let tokens = ids(&expected()["teacher_forced"][0]["token_ids"]);
    assert_likelihoods(&rows(&Reader::rereading(&stories()).read(&tokens).unwrap()));
}

#[test]
fn likelihoods_are_the_expected_ones_with_a_cache_however_the_sentence_is_cut() {
    let model = stories();
    let tokens = ids(&expected()["teacher_forced"][0]["token_ids"]);
    for (piece, room) in [(tokens.len(), 19), (1, 19), (4, 40)] {
        let mut reader = Reader::caching(&model, room).unwrap();
        let pieces = tokens.chunks(piece);
        assert_likelihoods(&pieces.flat_map(|piece| rows(&reader.read(piece).unwrap())).collect::<Vec<_>>());
    }
}

#[test]
fn a_full_cache_is_an_error() {
    let model = stories();
    let told: pz::Result<Vec<u32>> =
        Story::new(Reader::caching(&model, 4).unwrap(), vec![BOS], 8, Strategy::Greedy).collect();
    assert!(told.is_err());
}

#[test]
fn chances_are_those_of_the_seed() {
    let model = stories();
    let told = |seed: u64, temperature: f32| {
        let strategy = Strategy::Temperature { temperature, key: Key::new(seed) };
        let reader = Reader::caching(&model, 30).unwrap();
        Story::new(reader, vec![BOS], 30, strategy).collect::<pz::Result<Vec<_>>>().unwrap()
    };
    assert_eq!(told(1, 1.0), told(1, 1.0));
    assert_ne!(told(1, 1.0), told(2, 1.0));
    // As the temperature falls, only the likeliest remains.
    let likeliest = greedy(Reader::rereading(&model), vec![BOS], 30);
    assert_eq!(told(1, 1e-6), likeliest[1..]);
}

#[test]
fn a_model_that_gives_no_numbers_is_an_error() {
    let mut file = std::fs::read(example_data("stories260K.bin")).unwrap();
    // The embedding of BOS.
    file[28 + 4 * 64..28 + 4 * 128].fill(0xFF);
    let model = Checkpoint::from_bytes("broken", &file).unwrap().into_model().unwrap();
    let mut story = Story::new(Reader::rereading(&model), vec![BOS], 8, Strategy::Greedy);
    let error = story.next().unwrap().unwrap_err().to_string();
    assert!(error.contains("not a number"), "{error}");
    assert!(story.next().is_none());
}

/// The text of a greedy story of 100 tokens, by a model and vocabulary that the repository does not hold.
fn other(model: &str, vocabulary: &str, prompt: &str) -> Option<String> {
    let model = Checkpoint::open(shared_data(model)?).unwrap();
    let vocabulary = Tokenizer::open(if vocabulary == "tok512.bin" {
        example_data(vocabulary)
    } else {
        shared_data(vocabulary)?
    })
    .unwrap();
    vocabulary.expect_len(model.header.vocab_size, &model.name).unwrap();
    let reader = Reader::caching(&model.into_model().unwrap(), 100).unwrap();
    let told = greedy(reader, vocabulary.encode(prompt), 100);
    let text: Vec<u8> =
        told.windows(2).flat_map(|pair| vocabulary.decode(pair[0], pair[1]).to_vec()).collect();
    Some(String::from_utf8(text).unwrap())
}

#[test]
fn llama2xs_writes_what_numpy_writes() {
    if let Some(text) = other("llama2xs.bin", "tok512.bin", "One day, Tom and his dog") {
        assert_eq!(
            text,
            "One day, Tom and his dog who loved to play with her toys. He was very happy. He wanted to see the ball. \
             He was very happy. He wanted to see the ball. He was very happy. He was so happy and showed it.\nThey \
             played with their toys and the bird was very happy. She said, \"It's o"
        );
    }
}

#[test]
fn babyllama_writes_what_numpy_writes() {
    if let Some(text) = other("babyllama_tok105.bin", "babyllama_tok105.vocab", "One day, Tom and his dog") {
        assert_eq!(
            text,
            "One day, Tom and his dog were playing in the park. They saw a big box on the ground. The box was ve"
        );
    }
}
