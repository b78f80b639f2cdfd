//! The generator against JAX: `fixtures/random.json` holds what `jax.random` drew from the same keys
//! (`fixtures/make_random.py`), and the goldens are those that Penzai's behaviour was pinned with.

use pz::random::Key;
use serde_json::Value;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/random.json")).expect("the fixture is JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn number(value: &Value) -> u64 {
    value.as_u64().expect("a number")
}

fn word(value: &Value) -> u32 {
    u32::try_from(number(value)).expect("a 32-bit word")
}

fn words(value: &Value) -> Vec<u32> {
    list(value).iter().map(word).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    words(value).into_iter().map(f32::from_bits).collect()
}

/// How many f32 lie between two numbers.
fn ulps(a: f32, b: f32) -> u32 {
    let place = |x: f32| {
        let magnitude = (x.to_bits() & 0x7fff_ffff) as i32;
        if x.is_sign_negative() { -magnitude } else { magnitude }
    };
    place(a).abs_diff(place(b))
}

fn assert_close(what: &str, got: &[f32], wanted: &[f32]) {
    assert_eq!(got.len(), wanted.len(), "{what}");
    for (i, (got, wanted)) in got.iter().zip(wanted).enumerate() {
        assert!(ulps(*got, *wanted) <= 1, "{what}[{i}]: {got} is not within 1 ULP of {wanted}");
    }
}

#[test]
fn keys_derive_as_in_jax() {
    for record in list(&fixture()["keys"]) {
        let key = Key::new(number(&record["seed"]));
        assert_eq!(key.words().to_vec(), words(&record["words"]));
        let split: Vec<_> = key.split(5).into_iter().map(|key| key.words().to_vec()).collect();
        assert_eq!(split, list(&record["split"]).iter().map(words).collect::<Vec<_>>());
        for pair in list(&record["fold_in"]) {
            assert_eq!(key.fold_in(word(&pair[0])).words().to_vec(), words(&pair[1]));
        }
    }
}

#[test]
fn bits_and_uniforms_equal_those_of_jax() {
    for record in list(&fixture()["keys"]) {
        let key = Key::new(number(&record["seed"]));
        for draw in list(&record["draws"]) {
            let size = number(&draw["size"]) as usize;
            assert_eq!(key.bits(size), words(&draw["bits"]));
            assert_eq!(key.uniform(size), floats(&draw["uniform"]));
        }
    }
}

#[test]
fn samplers_agree_with_jax_to_the_last_place() {
    let fixture = fixture();
    for record in list(&fixture["keys"]) {
        let key = Key::new(number(&record["seed"]));
        for draw in list(&record["draws"]) {
            let size = number(&draw["size"]) as usize;
            assert_close(
                "uniform_range",
                &key.uniform_range(size, -0.3, 1.7),
                &floats(&draw["uniform_range"]),
            );
            assert_close("normal", &key.normal(size), &floats(&draw["normal"]));
            let truncated = key.truncated_normal(size, -2.0, 2.0);
            assert_close("truncated_normal", &truncated, &floats(&draw["truncated_normal"]));
            assert_close("gumbel", &key.gumbel(size), &floats(&draw["gumbel"]));
            let class = key.categorical(&floats(&draw["logits"])).unwrap();
            assert_eq!(class as u64, number(&draw["categorical"]));
        }
    }
    let long = &fixture["long_normal"];
    let normals = Key::new(number(&long["seed"])).normal(number(&long["size"]) as usize);
    let some: Vec<f32> = normals.into_iter().step_by(number(&long["step"]) as usize).collect();
    assert_close("long normal", &some, &floats(&long["values"]));
}

#[test]
fn a_class_is_drawn_as_jax_draws_it() {
    let drawn: Vec<usize> =
        (0..6).map(|seed| Key::new(seed).categorical(&[0.0, 1.0, 2.0]).unwrap()).collect();
    assert_eq!(drawn, [1, 2, 1, 1, 1, 1]);
}

#[test]
fn bad_logits_are_named() {
    let none = Key::new(0).categorical(&[]).unwrap_err().to_string();
    assert!(none.contains("found no logits"), "{none}");
    let nan = Key::new(0).categorical(&[0.0, f32::NAN]).unwrap_err().to_string();
    assert!(nan.contains("the logit of class 1 of 2 is not a number"), "{nan}");
}

#[test]
fn only_the_low_32_bits_of_a_seed_count() {
    assert_eq!(Key::new(u64::MAX).words(), [0, u32::MAX]);
    assert_eq!(Key::new(1 << 32), Key::new(0));
}

#[test]
fn extreme_ranges_stay_in_range() {
    let key = Key::new(3);
    assert!(key.uniform_range(100, 2.0, 2.0).iter().all(|x| *x == 2.0));
    assert!(key.truncated_normal(1000, -0.1, 0.1).iter().all(|x| x.abs() < 0.1));
    assert!(key.normal(0).is_empty() && key.split(0).is_empty());
}
