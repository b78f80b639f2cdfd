//! What only values can show fails when it is read: the call is named, and nothing else of the plan is lost.

use pz::named::OutOfRange;
use pz::{DType, Error, NamedArray, Result, grad};

fn ints(values: &[i32]) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [("n", values.len())]).unwrap()
}

/// An array that fails at the read by the fault of a line.
struct Failing {
    array: NamedArray,
    line: u32,
}

fn failing() -> Vec<(&'static str, &'static str, Failing)> {
    let (x, y) = (ints(&[6, 7, 8]), ints(&[2, 0, 4]));
    let places = ints(&[0, 5, 1]).rename("n", "k").unwrap();
    let at = |array: Result<NamedArray>, line| Failing { array: array.unwrap(), line };
    vec![
        ("rem", "divided by 0", at(x.rem(&y), line!())),
        ("remainder", "divided by 0", at(x.remainder(&y), line!())),
        ("floor_div", "divided by 0", at(x.floor_div(&y), line!())),
        (
            "floor_div",
            "divided by 0",
            at(x.cast(DType::U8).unwrap().floor_div(y.cast(DType::U8).unwrap()), line!()),
        ),
        ("pow", "negative power", at(x.pow(y.sub(1).unwrap()), line!())),
        (
            "at(..).get",
            "the place 5 is out of range for the axis `n`, whose size is 3",
            at(x.at([("n", &places)]).unwrap().out_of_range(OutOfRange::Fail).get(), line!()),
        ),
        (
            "at(..).add",
            "the place 5 is out of range for the axis `n`, whose size is 3",
            at(x.at([("n", &places)]).unwrap().out_of_range(OutOfRange::Fail).add(1), line!()),
        ),
    ]
}

#[test]
fn the_call_is_named_and_nothing_else_is_lost() {
    for (name, part, Failing { array, line }) in failing() {
        let beside = ints(&[1, 2, 3]).mul(7).unwrap();
        // What depends on it, fused with what does not.
        let behind = array.add(&beside).unwrap().mul(2).unwrap().cast(DType::F32).unwrap().tanh().unwrap();
        let total = beside.sum("n").unwrap();
        let error = pz::eval([&behind, &beside, &total]).unwrap_err();
        assert!(matches!(error, Error::Value(_)), "{error}");
        let text = error.to_string();
        assert!(text.contains(part), "{text}");
        // The read is not to blame.
        assert!(
            text.contains(&format!("called at: tests/bad_arrays/values.rs:{line}\n")),
            "line {line}: {text}"
        );
        assert!(text.starts_with(&format!("{name}: ")), "line {line}: {text}");
        assert_eq!(beside.to_vec::<i32>().unwrap(), [7, 14, 21]);
        assert_eq!(total.item::<i32>().unwrap(), 42);
        // It fails the same way however often it is asked.
        assert_eq!(behind.eval().unwrap_err().to_string(), text);
        assert_eq!(behind.sum("n").or(behind.sum("k")).unwrap().eval().unwrap_err().to_string(), text);
    }
}

#[test]
fn integers_at_their_limits_wrap() {
    let least = ints(&[i32::MIN]);
    for (found, wanted) in [
        (least.floor_div(-1), i32::MIN),
        (least.rem(-1), 0),
        (least.remainder(-1), 0),
        (least.neg(), i32::MIN),
        (least.abs(), i32::MIN),
        (least.sub(1), i32::MAX),
        (least.mul(-1), i32::MIN),
        (ints(&[3]).pow(ints(&[40])), 3i32.wrapping_pow(40)),
    ] {
        assert_eq!(found.unwrap().to_vec::<i32>().unwrap(), [wanted]);
    }
}

#[test]
fn inputs_without_a_gradient_say_so() {
    let inputs = [NamedArray::scalar(1f32), ints(&[1]), NamedArray::scalar(true)];
    let line = line!() + 1;
    let error = grad(|x| x[1].cast(DType::F32)?.sum("n"), &inputs).unwrap_err();
    assert!(matches!(error, Error::DType(_)), "{error}");
    let text = error.to_string();
    for part in ["input 1 is i32", "input 2 is bool", &format!("tests/bad_arrays/values.rs:{line}")] {
        assert!(text.contains(part), "{text}\n  should name: {part}");
    }
    // Through integers nothing passes: the derivative is 0, as in JAX.
    let x = NamedArray::scalar(2.5f32);
    let grads = grad(|x| x[0].cast(DType::I32)?.cast(DType::F32)?.mul(&x[0]), &[x]).unwrap();
    assert_eq!(grads[0].item::<f32>().unwrap(), 2.0);
}
