//! What is drawn against JAX and Penzai: `fixtures/random.json` holds what they drew from the same keys
//! (`fixtures/make_random.py`), and the goldens are those that Penzai's behaviour was pinned with.

#[path = "random/bounds.rs"]
mod bounds;
#[path = "random/fixture.rs"]
mod fixture;
#[path = "random/graph.rs"]
mod graph;
#[path = "random/words.rs"]
mod words;

use std::collections::BTreeMap;

use fixture::{Digits, assert_drawn, draw, fixture};
use pz::{DType, NamedArray, nx::Random, random::Key};
use serde_json::Value;

#[test]
fn keys_derive_as_in_jax() {
    for record in fixture()["keys"].as_array().unwrap() {
        let key = Key::new(record["seed"].as_u64().unwrap());
        let split = Digits::of(&record["split"]);
        assert_eq!(Digits::new(&NamedArray::from_positional(key.split(5), &[5]).unwrap()), split);
        assert_eq!(Digits::new(&key.random_split([5]).unwrap()), split);
        for pair in record["fold_in"].as_array().unwrap() {
            let number = u32::try_from(pair[0].as_u64().unwrap()).unwrap();
            assert_eq!(Digits::new(&NamedArray::scalar(key.fold_in(number))), Digits::of(&pair[1]));
            let folded = NamedArray::from(key).fold_in(NamedArray::scalar(number)).unwrap();
            assert_eq!(folded.item::<Key>().unwrap(), key.fold_in(number));
        }
    }
}

#[test]
fn fifty_keys_draw_what_they_draw_in_jax() {
    let keys = fixture()["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 50);
    for record in keys {
        let key = Key::new(record["seed"].as_u64().unwrap());
        for (name, wanted) in record["draws"].as_object().unwrap() {
            let drawn = draw(name, &key).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_drawn(&format!("{name} of {key:?}"), &drawn, &Digits::of(wanted));
        }
    }
}

/// An array of all the keys draws for each what that key draws alone.
#[test]
fn keys_in_an_array_draw_as_they_do_alone() {
    let keys: Vec<Key> = (0..3).map(|seed| Key::new(seed).fold_in(9)).collect();
    let array = NamedArray::from_vec(keys.clone(), [("key", 3)]).unwrap();
    for name in fixture()["keys"][0]["draws"].as_object().unwrap().keys() {
        let all = draw(name, &array).unwrap();
        for (place, key) in keys.iter().enumerate() {
            let own = all.index("key", place).unwrap();
            let alone = draw(name, key).unwrap();
            assert_eq!(Digits::new(&own), Digits::new(&alone), "{name}");
        }
    }
}

#[test]
fn long_draws_agree_with_jax_in_every_row() {
    for long in fixture()["long"].as_array().unwrap() {
        let (size, step) = (long["size"].as_u64().unwrap(), long["step"].as_u64().unwrap());
        let name =
            format!("{} {} [{size}]", long["sampler"].as_str().unwrap(), long["dtype"].as_str().unwrap());
        let drawn = draw(&name, &Key::new(7)).unwrap();
        assert_drawn(&name, &every(&drawn, step), &Digits::of(&long["values"]));
    }
    let order = Key::new(7).permutation(&NamedArray::arange("n", 5_000), "n").unwrap();
    let order = order.untag("n").unwrap();
    assert_eq!(Digits::new(&every(&order, 97)), Digits::of(&fixture()["long_permutation"]));
}

fn every(drawn: &NamedArray, step: u64) -> NamedArray {
    let size = drawn.len() as u64;
    let places: Vec<i32> = (0..size).step_by(step as usize).map(|place| place as i32).collect();
    let places = NamedArray::from_vec(places.clone(), [("place", places.len())]).unwrap();
    drawn.tag(["n"]).unwrap().take("n", &places).unwrap().untag("place").unwrap()
}

#[test]
fn random_split_equals_penzai() {
    for record in fixture()["keys"].as_array().unwrap() {
        let key = Key::new(record["seed"].as_u64().unwrap());
        let pairs = [("b", 2), ("a", 3)];
        let outer = key.random_split([("outer", 2)]).unwrap();
        let found = [
            ("mapping", key.random_split(BTreeMap::from(pairs))),
            ("ordered", key.random_split(pairs)),
            ("pairs", key.random_split(pairs.to_vec())),
            ("empty", key.random_split(())),
            ("nested", outer.random_split(pairs)),
        ];
        for (name, found) in found {
            let (found, wanted) = (found.unwrap(), &record["random_split"][name]);
            let shape: Vec<Value> = wanted["shape"].as_array().unwrap().clone();
            let names = found.named_shape();
            assert_eq!(names.len(), shape.len(), "{name}");
            for ((axis, size), pair) in names.iter().zip(shape) {
                assert_eq!(
                    (axis.as_str(), *size as u64),
                    (pair[0].as_str().unwrap(), pair[1].as_u64().unwrap())
                );
            }
            assert_eq!(Digits::new(&found), Digits::of(&wanted["keys"]), "{name}");
        }
    }
    // The golden value of Penzai's behaviour.
    let four = Key::new(3).random_split([("a", 2), ("b", 2)]).unwrap();
    let words = four.key_data().unwrap().tag("word").unwrap().to_vec::<u32>().unwrap();
    assert_eq!(words[..4], [3716834203, 3481239269, 1946498123, 2217676430]);
}

#[test]
fn a_stream_gives_the_keys_of_penzai() {
    let stream = pz::RandomStream::from_base_key(&Key::new(5)).unwrap();
    let next = || stream.next_key().unwrap().item::<Key>().unwrap().words();
    assert_eq!(next(), [2724472204, 3573582090]);
    assert_eq!(next(), [202567368, 3886822060]);
    assert_eq!(next(), [3594430910, 1784718894]);
    assert_eq!(stream.offset.value().item::<i32>().unwrap(), 3);
    assert_eq!(stream.offset.label().to_string(), "random_stream_offset");
    let text = pz::RandomStream::from_base_key(&NamedArray::scalar(1f32)).unwrap_err().to_string();
    assert!(text.contains("must be"), "{text}");
}

#[test]
fn only_the_low_32_bits_of_a_seed_count() {
    assert_eq!(Key::new(u64::MAX).words(), [0, u32::MAX]);
    assert_eq!(Key::new(1 << 32), Key::new(0));
}

#[test]
fn extreme_ranges_stay_in_range() {
    let key = Key::new(3);
    let floats = |array: pz::Result<NamedArray>| array.unwrap().to_vec::<f32>().unwrap();
    assert!(floats(key.uniform_range([100], 2.0..2.0, DType::F32)).iter().all(|x| *x == 2.0));
    assert!(floats(key.uniform_range([100], 2.0..1.0, DType::F32)).iter().all(|x| *x == 2.0));
    assert!(floats(key.truncated_normal([1000], -0.1..0.1, DType::F32)).iter().all(|x| x.abs() < 0.1));
    let above = floats(key.truncated_normal([1000], 1.0..f64::INFINITY, DType::F32));
    assert!(above.iter().all(|x| *x > 1.0 && x.is_finite()));
    for dtype in [DType::F16, DType::BF16] {
        let narrow = key.truncated_normal([1000], -0.1..0.1, dtype).unwrap().cast(DType::F32);
        assert!(floats(narrow).iter().all(|x| x.abs() < 0.1), "{dtype}");
    }
    assert!(floats(key.normal([2, 0, 3], DType::F32)).is_empty());
    assert!(key.random_split([0]).unwrap().is_empty() && key.split(0).is_empty());
}

#[test]
fn a_key_is_a_generator_of_rand() {
    use pz::random::KeyRng;
    use rand_core::{Rng, SeedableRng};
    let key = Key::new(42);
    let mut rng = KeyRng::new(key);
    let words: Vec<u32> = (0..9).map(|_| rng.next_u32()).collect();
    assert_eq!(words, key.bits([9], DType::U32).unwrap().to_vec::<u32>().unwrap());
    let mut rng = KeyRng::seed_from_u64(42);
    let words: Vec<u64> = (0..9).map(|_| rng.next_u64()).collect();
    assert_eq!(words, key.bits([9], DType::U64).unwrap().to_vec::<u64>().unwrap());
    let mut bytes = [0; 13];
    KeyRng::from(key).fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], words[0].to_le_bytes());
    assert_eq!(bytes[8..], words[1].to_le_bytes()[..5]);
    assert_eq!(KeyRng::from_seed([0, 0, 0, 0, 42, 0, 0, 0]), KeyRng::new(key));
}
