//! Drawing between arrays of bounds: what JAX draws, and how it changes with the bounds.

use pz::nx::nmap;
use pz::{AxisName, DType, NamedArray, Random, Result, random::Key};
use serde_json::Value;

use crate::fixture::{Digits, assert_drawn, fixture};

/// An array of the fixture's digits.
fn array(digits: &Value, dtype: DType, shape: &[(&'static str, usize)]) -> NamedArray {
    let text = digits.as_str().expect("digits");
    let words = (0..text.len()).step_by(2 * dtype.size());
    let words: Vec<u64> =
        words.map(|at| u64::from_str_radix(&text[at..at + 2 * dtype.size()], 16).expect("digits")).collect();
    let shape = shape.iter().copied();
    match dtype {
        DType::F16 => {
            NamedArray::from_vec(words.iter().map(|w| half::f16::from_bits(*w as u16)).collect(), shape)
        }
        DType::BF16 => {
            NamedArray::from_vec(words.iter().map(|w| half::bf16::from_bits(*w as u16)).collect(), shape)
        }
        DType::F32 => NamedArray::from_vec(words.iter().map(|w| f32::from_bits(*w as u32)).collect(), shape),
        DType::F64 => NamedArray::from_vec(words.iter().map(|w| f64::from_bits(*w)).collect(), shape),
        _ => NamedArray::from_vec(words, shape).and_then(|words| words.cast(dtype)),
    }
    .expect("as many as the shape has")
}

fn dtype(name: &Value) -> DType {
    DType::ALL.into_iter().find(|dtype| dtype.to_string() == name.as_str().unwrap()).expect("a dtype")
}

const DRAWN: [(&str, usize); 2] = [("row", 3), ("column", 4)];

#[test]
fn bounds_in_arrays_draw_and_slope_as_in_jax() {
    let cases = fixture()["bounded"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let (dtype, key) = (dtype(&case["dtype"]), Key::new(case["seed"].as_u64().unwrap()));
        let name = format!("{} {dtype}", case["sampler"].as_str().unwrap());
        let low = array(&case["low"], dtype, &[("column", 4)]);
        let high = array(&case["high"], dtype, &[("row", 3)]);
        let weights = array(&case["weights"], dtype, &DRAWN);
        let draw = |bounds: &[NamedArray]| match case["sampler"].as_str().unwrap() {
            "uniform" => key.uniform_range(DRAWN, (&bounds[0], &bounds[1]), dtype),
            _ => key.truncated_normal(DRAWN, (&bounds[0], &bounds[1]), dtype),
        };
        let bounds = [low, high];
        assert_drawn(&name, &draw(&bounds).unwrap(), &Digits::of(&case["values"]));
        let total = |bounds: &[NamedArray]| draw(bounds)?.mul(&weights)?.sum(["row", "column"]);
        let slopes = pz::grad(total, &bounds).unwrap();
        let near = match dtype {
            DType::F64 => 1e-12,
            DType::F32 => 1e-5,
            _ => 0.03,
        };
        for (slope, (wanted, axis)) in slopes.iter().zip([("low_slope", DRAWN[1]), ("high_slope", DRAWN[0])])
        {
            let wide = |x: &NamedArray| x.cast(DType::F64).and_then(|x| x.to_vec::<f64>()).unwrap();
            let wanted = wide(&array(&case[wanted], dtype, &[axis]));
            for (found, wanted) in wide(slope).into_iter().zip(wanted) {
                assert!(
                    (found - wanted).abs() <= near * wanted.abs().max(1.0),
                    "{name}: {found}, not {wanted}"
                );
            }
        }
    }
}

#[test]
fn integers_between_arrays_are_those_of_jax() {
    let cases = fixture()["bounded_integers"].as_array().unwrap();
    assert_eq!(cases.len(), 8);
    for case in cases {
        let (kind, bounds) = (dtype(&case["dtype"]), dtype(&case["bounds"]));
        let key = Key::new(case["seed"].as_u64().unwrap());
        let low = array(&case["low"], bounds, &[("column", 4)]);
        let high = array(&case["high"], bounds, &[("row", 3)]);
        let drawn = key.randint(DRAWN, (&low, &high), kind).unwrap();
        assert_eq!(Digits::new(&drawn), Digits::of(&case["values"]), "{kind} between {bounds}");
    }
}

#[test]
fn a_plain_number_beside_an_array_is_that_number_everywhere() {
    let key = Key::new(2);
    let read = |drawn: Result<NamedArray>| drawn.unwrap().cast(DType::F64).unwrap().to_vec::<f64>().unwrap();
    let scalar = |value: f32| NamedArray::scalar(value);
    assert_eq!(
        read(key.uniform_range([50], (scalar(-0.25), 1.5), DType::F32)),
        read(key.uniform_range([50], -0.25..1.5, DType::F32))
    );
    assert_eq!(
        read(key.truncated_normal([50], (-1.0, scalar(f32::INFINITY)), DType::F32)),
        read(key.truncated_normal([50], -1.0..f64::INFINITY, DType::F32))
    );
    for (low, high) in [(0, 256), (-7, 1000), (5, 5), (9, 3)] {
        assert_eq!(
            read(key.randint([50], (NamedArray::scalar(low), high), DType::U8)),
            read(key.randint([50], low..high, DType::U8))
        );
        assert_eq!(
            read(key.randint([50], (low, NamedArray::scalar(high)), DType::I8)),
            read(key.randint([50], low..high, DType::I8))
        );
    }
    // Positional bounds lie along the last axes of what is drawn.
    let widths = NamedArray::from_positional(vec![1f32, 1024.0], &[2]).unwrap();
    let wide = read(key.uniform_range([3, 2], (0.0, &widths), DType::F32));
    let unit = read(key.uniform([3, 2], DType::F32));
    assert_eq!(
        wide,
        unit.iter().enumerate().map(|(at, x)| if at % 2 == 1 { x * 1024.0 } else { *x }).collect::<Vec<_>>()
    );
}

#[test]
fn each_key_of_an_array_has_its_own_bounds() {
    let keys = Key::new(4).random_split([("key", 3)]).unwrap();
    let high = NamedArray::from_vec(vec![0.5f32, 2.0, 30.0], [("key", 3)]).unwrap();
    let all = keys.truncated_normal([("n", 5)], (-1.0, &high), DType::F32).unwrap();
    assert_eq!(all.named_shape(), [(AxisName::new("key"), 3), ("n".into(), 5)]);
    for (place, key) in keys.to_vec::<Key>().unwrap().into_iter().enumerate() {
        let bound = high.index("key", place).unwrap();
        let alone = key.truncated_normal([("n", 5)], (-1.0, &bound), DType::F32).unwrap();
        assert_eq!(Digits::new(&all.index("key", place).unwrap()), Digits::new(&alone));
    }
}

#[test]
fn bounds_that_differ_under_nmap_draw_as_in_a_loop() -> Result<()> {
    let key = Key::new(5);
    let high = NamedArray::from_vec(vec![1f32, 8., 64.], [("scale", 3)])?;
    type Sampler = fn(&Key, &NamedArray) -> Result<NamedArray>;
    let samplers: [Sampler; 3] = [
        |key, high| key.uniform_range([4], (0.0, high), DType::F32),
        |key, high| key.truncated_normal([4], (-1.0, high), DType::F32),
        |key, high| key.randint([4], (0, high.cast(DType::I32)?), DType::I32),
    ];
    for draw in samplers {
        let mapped = nmap(|high: NamedArray| draw(&key, &high), high.clone())?;
        for place in 0..3 {
            let one = draw(&key, &high.index("scale", place)?)?;
            assert!(mapped.index("scale", place)?.equal(&one)?.all(0)?.item::<bool>()?);
        }
    }
    Ok(())
}
