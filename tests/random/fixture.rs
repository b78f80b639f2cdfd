//! The fixture's words, and each of its draws by name.

use std::sync::LazyLock;

use pz::nx::{Choice, DrawShape};
use pz::{DType, NamedArray, Random, Result, random::Key};
use serde_json::Value;

pub(super) fn fixture() -> &'static Value {
    static FIXTURE: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../fixtures/random.json")).expect("the fixture is JSON")
    });
    &FIXTURE
}

/// The hexadecimal digits of an array's elements.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digits(String);

impl Digits {
    pub(super) fn of(value: &Value) -> Self {
        Digits(value.as_str().expect("digits").to_owned())
    }

    pub(super) fn new(array: &NamedArray) -> Self {
        Digits(elements(array).into_iter().map(|(bits, width)| format!("{bits:0width$x}")).collect())
    }
}

/// Each element's bits, and how many digits they are.
fn elements(array: &NamedArray) -> Vec<(u64, usize)> {
    macro_rules! bits {
        ($($variant:ident $T:ty: $f:expr;)*) => {
            match array.dtype() {
                $(DType::$variant => {
                    let width = 2 * array.dtype().size();
                    array.to_vec::<$T>().unwrap().into_iter().map(|x| ($f(x), width)).collect()
                })*
            }
        };
    }
    bits! {
        Bool bool: u64::from;
        U8 u8: u64::from;
        U16 u16: u64::from;
        U32 u32: u64::from;
        U64 u64: |x| x;
        I8 i8: |x: i8| u64::from(x as u8);
        I16 i16: |x: i16| u64::from(x as u16);
        I32 i32: |x: i32| u64::from(x as u32);
        I64 i64: |x: i64| x as u64;
        F16 half::f16: |x: half::f16| u64::from(x.to_bits());
        BF16 half::bf16: |x: half::bf16| u64::from(x.to_bits());
        F32 f32: |x: f32| u64::from(x.to_bits());
        F64 f64: f64::to_bits;
        Key Key: |x: Key| u64::from(x.words()[0]) << 32 | u64::from(x.words()[1]);
    }
}

/// Integers and truth values are equal; floats are within one unit in the last place.
pub(super) fn assert_drawn(what: &str, drawn: &NamedArray, wanted: &Digits) {
    let found = elements(drawn);
    if !drawn.dtype().is_float() {
        assert_eq!(&Digits::new(drawn), wanted, "{what}");
        return;
    }
    let width = 2 * drawn.dtype().size();
    assert_eq!(found.len() * width, wanted.0.len(), "{what}");
    for (place, (bits, _)) in found.into_iter().enumerate() {
        let digits = &wanted.0[place * width..(place + 1) * width];
        let wanted = u64::from_str_radix(digits, 16).expect("digits");
        // The place of a float in the order of all.
        let order = |bits: u64| {
            let sign = 1 << (4 * width - 1);
            if bits & sign == 0 { bits as i128 } else { -((bits ^ sign) as i128) }
        };
        let apart = (order(bits) - order(wanted)).unsigned_abs();
        assert!(apart <= 1, "{what}[{place}]: {bits:x} is {apart} ULP from {digits}");
    }
}

fn dtype(name: &str) -> DType {
    DType::ALL.into_iter().find(|dtype| dtype.to_string() == name).expect("a dtype")
}

/// What the fixture calls `bits u8 [7]`, `choice weighted` and so on.
pub(super) fn draw(name: &str, key: &impl Random) -> Result<NamedArray> {
    let (what, rest) = name.split_once(' ').unwrap_or((name, ""));
    if matches!(what, "permutation" | "choice" | "categorical") {
        return chosen(what, rest, key);
    }
    let (kind, rest) = rest.split_once(' ').expect("a dtype");
    let (shape, range) = rest[1..].split_once(']').expect("a shape");
    let shape =
        || shape.split(", ").filter(|size| !size.is_empty()).map(|size| size.parse::<usize>().unwrap());
    let shape: DrawShape = shape().collect();
    let dtype = dtype(kind);
    match what {
        "bits" => key.bits(shape, dtype),
        "uniform" => key.uniform(shape, dtype),
        "uniform_range" => key.uniform_range(shape, -0.3..1.7, dtype),
        "normal" => key.normal(shape, dtype),
        "truncated_normal" => key.truncated_normal(shape, -1.5..2.0, dtype),
        "gumbel" => key.gumbel(shape, dtype),
        "exponential" => key.exponential(shape, dtype),
        "bernoulli" => key.bernoulli(shape, NamedArray::scalar(0.3f64).cast(dtype)?),
        "randint" => {
            let bounds: Vec<i128> = range.split_whitespace().map(|bound| bound.parse().unwrap()).collect();
            key.randint(shape, bounds[0]..bounds[1], dtype)
        }
        other => panic!("the fixture has no `{other}`"),
    }
}

fn chosen(what: &str, how: &str, key: &impl Random) -> Result<NamedArray> {
    let table = NamedArray::from_vec((0..12).collect::<Vec<i32>>(), [("row", 4), ("column", 3)])?;
    let six = NamedArray::arange("n", 6);
    let weights = [1f32, 4., 0., 2., 8., 1.].map(|weight| weight / 16.0).to_vec();
    let weights = NamedArray::from_vec(weights, [("n", 6)])?;
    match (what, how) {
        ("categorical", how) => {
            let (kind, axis) = how.split_once(' ').expect("a dtype");
            let logits = (0..15).map(|i| f64::from(i).sin() * 2.0).collect();
            let logits = NamedArray::from_vec::<f64, _>(logits, [("a", 3), ("b", 5)])?.cast(dtype(kind))?;
            key.categorical(&logits, if axis == "last" { "b" } else { "a" })
        }
        ("permutation", "rows") => drawn_first(key.permutation(&table, "row")?),
        ("permutation", "columns") => drawn_first(key.permutation(&table, "column")?),
        ("permutation", size) => {
            drawn_first(key.permutation(&NamedArray::arange("n", size.parse().unwrap()), "n")?)
        }
        ("choice", "") => key.choice(&six, "n", [2, 3]),
        ("choice", "once") => key.choice(&six, Choice::along("n").without_replacement(), [4]),
        ("choice", "weighted") => key.choice(&six, Choice::along("n").weighted(&weights), [2, 3]),
        ("choice", "weighted once") => {
            key.choice(&six, Choice::along("n").weighted(&weights).without_replacement(), [4])
        }
        ("choice", "rows") => {
            let rows = key.choice(&table, Choice::along("row").without_replacement(), [("drawn", 2)])?;
            drawn_first(rows)
        }
        other => panic!("the fixture has no {other:?}"),
    }
}

/// Rows before columns, whatever else there is.
fn drawn_first(array: NamedArray) -> Result<NamedArray> {
    let mut names: Vec<_> = array.named_shape().into_iter().map(|(name, _)| name).collect();
    names.sort_by_key(|name| *name == "column");
    array.order_as(names)
}
