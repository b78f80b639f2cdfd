//! `PZ_CHECK=finite`, in a process of its own: what is set is read once.

use std::process::Command;

use pz::nn::{Activation, AnyLayer, Elementwise, Layer, Residual, Sequential, SideInputs};
use pz::{NamedArray, Result};

fn array(values: &[f32]) -> NamedArray {
    NamedArray::from_vec(values.to_vec(), [("row", values.len())]).unwrap()
}

/// What one array reads as, in one line.
fn told(name: &str, array: Result<NamedArray>) {
    match array.and_then(|array| array.to_vec::<f32>()) {
        Ok(values) => println!("{name}: {values:?}"),
        Err(error) => println!("{name}: {}", error.to_string().replace('\n', " |")),
    }
}

/// The program that [`children`] run. By itself it shows that nothing in it panics.
#[test]
fn child() {
    let x = array(&[1.0, 0.0, -2.0]);
    let root = x.log().unwrap(); // the line that is named
    let behind = root.add(&x).unwrap().mul(2.0f32).unwrap();
    told("log", Ok(root));
    told("behind", Ok(behind));
    told("beside", x.exp());
    told("given", array(&[f32::INFINITY, 1.0]).sub(1.0f32));
    told("sum", array(&[3e38, 3e38]).sum("row"));
    told("fused", x.mul(1e30f32).and_then(|y| y.mul(&y)).and_then(|y| y.tanh()));
    let layer = AnyLayer::new(Elementwise { function: Activation::Custom("exp", NamedArray::exp) });
    let model = Sequential::new([AnyLayer::new(Residual::new(layer))]);
    told(
        "model",
        model.call(array(&[1.0, 90.0]).into(), &SideInputs::new()).and_then(|v| v.into_array("test")),
    );
}

/// What the program tells with `PZ_CHECK` set to this, and its complaints.
fn children(check: &str) -> (Vec<String>, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child", "--exact", "--nocapture", "--test-threads=1"]).env("PZ_CHECK", check);
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{out}\n{err}");
    let names = ["log", "behind", "beside", "given", "sum", "fused", "model"];
    let line = |name: &&str| {
        let begins = format!("{name}: ");
        let line = out.lines().find_map(|line| Some(line.split_once(&begins)?.1));
        line.unwrap_or_else(|| panic!("nothing about {name} in {out}")).to_owned()
    };
    (names.iter().map(line).collect(), err)
}

#[test]
fn the_first_that_is_not_finite_is_named() {
    let (lines, _) = children("finite");
    let here = format!(
        "tests/check.rs:{}",
        1 + include_str!("check.rs").lines().position(|l| l.contains("// the line")).unwrap()
    );
    let [log, behind, beside, given, sum, fused, model] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(log.starts_with("log: element [1] of the result f32[3] is -inf, of finite operands"), "{log}");
    assert!(log.contains(&here), "{log}");
    assert_eq!(behind, log, "what depends on it has its error");
    assert!(beside.starts_with("[2.7"), "{beside}");
    assert_eq!(given, "[inf, 0.0]", "what was not finite before is nobody's fault");
    assert!(sum.starts_with("sum: element [] of the result f32[] is inf"), "{sum}");
    // Without the check these are one program, whose result is finite.
    assert!(fused.starts_with("mul: element [0] of the result f32[3] is inf"), "{fused}");
    assert!(model.starts_with("exp: element [1] of the result f32[2] is inf"), "{model}");
    assert!(model.contains("in: Sequential.sublayers[0]/Residual.delta"), "{model}");
}

#[test]
fn without_it_numbers_are_what_they_are() {
    let (lines, err) = children("");
    assert!(lines.iter().all(|line| line.starts_with('[') || !line.contains(':')), "{lines:?}");
    assert_eq!(lines[0], "[0.0, -inf, NaN]");
    assert!(!err.contains("PZ_CHECK"), "{err}");
    let (_, err) = children("Finite");
    assert!(err.contains("PZ_CHECK=Finite is not finite; checking nothing"), "{err}");
}
