//! Reading the fixtures, and comparing with them.
//!
//! An array in a fixture is its type and axes as text, `f32 3 batch:2` (a positional axis has a size only), and its
//! elements, row-major. Numbers agree when they differ by less than the tolerance times the largest number of the
//! array; NaN and infinities must be the same.

use pz::{AxisName, DType, NamedArray};
use serde_json::Value;

/// The tolerance of forward values in f32.
pub const FORWARD: f64 = 1e-5;
/// The tolerance of gradients in f32.
pub const GRADIENT: f64 = 1e-4;

/// What XLA rounds to zero: f32's subnormal numbers.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// The cases of a family.
pub fn cases(family: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/{family}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut file: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    match file["cases"].take() {
        Value::Array(cases) => cases,
        other => panic!("{path}: `cases` is {other}"),
    }
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text"))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is not a list"))
}

pub fn count(value: &Value) -> usize {
    value.as_u64().and_then(|count| count.try_into().ok()).unwrap_or_else(|| panic!("{value} is not a count"))
}

pub fn number(value: &Value) -> f64 {
    match value {
        Value::String(name) => name.parse().unwrap_or_else(|_| panic!("{value} is not a number")),
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        _ => value.as_f64().unwrap_or_else(|| panic!("{value} is not a number")),
    }
}

pub fn name(value: &Value) -> AxisName {
    AxisName::intern(text(value))
}

pub fn names(value: &Value) -> Vec<AxisName> {
    list(value).iter().map(name).collect()
}

/// `[["a", 2], ["b", 3]]`
pub fn sizes(value: &Value) -> Vec<(AxisName, usize)> {
    list(value).iter().map(|pair| (name(&pair[0]), count(&pair[1]))).collect()
}

/// `[["a", "i"], ["b", "j"]]`
pub fn pairs(value: &Value) -> Vec<(AxisName, AxisName)> {
    list(value).iter().map(|pair| (name(&pair[0]), name(&pair[1]))).collect()
}

pub fn dtype(text: &str) -> DType {
    let found = DType::ALL.into_iter().find(|dtype| dtype.to_string() == text);
    found.unwrap_or_else(|| panic!("`{text}` is no element type"))
}

/// The array that a fixture describes.
pub fn array(value: &Value) -> NamedArray {
    let spec = text(&value["of"]);
    let mut words = spec.split(' ');
    let dtype = words.next().expect("a text has a first word");
    let mut positional = Vec::new();
    let axes: Vec<(AxisName, usize)> = words
        .map(|word| {
            let (name, size) = word.split_once(':').unwrap_or(("", word));
            let size = size.parse().unwrap_or_else(|_| panic!("`{spec}` is not an array's axes"));
            if name.is_empty() {
                let name = AxisName::intern(&format!("positional {}", positional.len()));
                positional.push(name);
                return (name, size);
            }
            (AxisName::intern(name), size)
        })
        .collect();
    let data = list(&value["data"]);
    let named = match dtype {
        "f32" => NamedArray::from_vec(data.iter().map(|x| number(x) as f32).collect(), axes),
        "i32" => NamedArray::from_vec(data.iter().map(|x| number(x) as i32).collect(), axes),
        "bool" => NamedArray::from_vec(data.iter().map(|x| number(x) != 0.0).collect(), axes),
        // The others hold what f32 holds too.
        _ => NamedArray::from_vec(data.iter().map(|x| number(x) as f32).collect(), axes)
            .and_then(|wide| wide.cast(self::dtype(dtype))),
    };
    let named = named.unwrap_or_else(|error| panic!("{spec}: {error}"));
    if positional.is_empty() { named } else { named.untag(positional).expect("the names were just given") }
}

/// The arrays of a list.
pub fn arrays(value: &Value) -> Vec<NamedArray> {
    list(value).iter().map(array).collect()
}

/// Type and axes, as the fixtures write them.
pub fn spec(array: &NamedArray) -> String {
    let sizes = array.positional_shape().into_iter().map(|size| format!(" {size}"));
    let named = array.named_shape().into_iter().map(|(name, size)| format!(" {name}:{size}"));
    array.dtype().to_string() + &sizes.chain(named).collect::<String>()
}

/// Whether an array is the one of the fixture: type, axes in order, values.
pub fn agrees(found: &NamedArray, wanted: &Value, tolerance: f64) -> Result<(), String> {
    let (axes, wanted_axes) = (spec(found), text(&wanted["of"]));
    if axes != wanted_axes {
        return Err(format!("is `{axes}`, and should be `{wanted_axes}`"));
    }
    let values =
        found.cast(DType::F64).and_then(|wide| wide.to_vec::<f64>()).map_err(|error| error.to_string())?;
    // The text of an f32 is not that f32 in twice the precision.
    let exact = |x: f64| if found.dtype() == DType::F32 { f64::from(x as f32) } else { x };
    let wanted: Vec<f64> = list(&wanted["data"]).iter().map(|x| exact(number(x))).collect();
    let largest = wanted.iter().filter(|x| x.is_finite()).fold(0.0, |most: f64, x| most.max(x.abs()));
    let near = tolerance * largest.max(SMALLEST);
    let same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= near;
    match values.iter().zip(&wanted).position(|(a, b)| !same(*a, *b)) {
        None => Ok(()),
        Some(at) => Err(format!("element {at} is {}, and should be {} ({axes})", values[at], wanted[at])),
    }
}

/// What a test has found, so that one run shows every disagreement.
#[derive(Default)]
pub struct Verdict {
    cases: usize,
    failures: Vec<String>,
}

impl Verdict {
    pub fn record(&mut self, case: &str, outcome: Result<(), String>) {
        self.cases += 1;
        if let Err(failure) = outcome {
            self.failures.push(format!("{case}: {failure}"));
        }
    }

    /// Fails with all disagreements; `expected` cases must have been seen, so that none is lost silently.
    #[track_caller]
    pub fn finish(self, expected: usize) {
        let Verdict { cases, failures } = self;
        assert!(failures.is_empty(), "{} of {cases} disagree:\n{}", failures.len(), failures.join("\n"));
        assert_eq!(cases, expected, "the number of cases");
    }
}
