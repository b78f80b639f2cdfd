//! What slides along axes: windows, pools, convolutions.

use pz::nx::{Conv, Slide};
use pz::{DType, NamedArray, Result};
use serde_json::Value;

use crate::along::holds;
use crate::fixture::{Verdict, cases, count, list, name, text};

/// `[axis, …, stride, dilation, spread, low, high]`, where what stands second is a size or the kernel's axis.
fn slide(value: &Value) -> Slide {
    let parts = list(value);
    let slide = Slide::along(name(&parts[0]));
    let slide = if parts[1].is_string() { slide.by(name(&parts[1])) } else { slide.size(count(&parts[1])) };
    let Some(stride) = parts.get(2) else { return slide };
    let slide = slide.stride(count(stride)).dilation(count(&parts[3])).spread(count(&parts[4]));
    let places = |value: &Value| value.as_i64().expect("a number of places") as isize;
    if parts[5] == "same" { slide.same() } else { slide.pad(places(&parts[5]), places(&parts[6])) }
}

fn apply(op: &str, args: &Value, xs: &[NamedArray]) -> Result<NamedArray> {
    let slides = list(&args["slides"]).iter().map(slide);
    let x = &xs[0];
    match op {
        "window_sum" => x.window_sum(slides),
        "window_max" => x.window_max(slides),
        "window_min" => x.window_min(slides),
        "max_pool" => x.max_pool(slides),
        "avg_pool" => x.avg_pool(slides),
        "conv" => {
            let conv = Conv::over(slides).contracting("in");
            match args.get("groups") {
                Some(groups) => x.conv(&xs[1], &conv.groups(count(groups), "out")),
                None => x.conv(&xs[1], &conv),
            }
        }
        _ => panic!("no operation `{op}`"),
    }
}

#[test]
fn windows_and_convolutions_are_those_of_jax() {
    let mut verdict = Verdict::default();
    for case in cases("windows") {
        verdict.record(text(&case["case"]), holds(apply, &case, true));
    }
    verdict.finish(64);
}

#[test]
fn axes_of_a_convolution_stay_in_their_places() {
    let zeros =
        |axes: &[(&'static str, usize)]| NamedArray::zeros(axes.to_vec(), DType::F32).expect("an array");
    let x = zeros(&[("in", 4), ("h", 5), ("batch", 2), ("w", 6), ("head", 3)]);
    let kernel = zeros(&[("new", 2), ("h", 2), ("head", 3), ("in", 4), ("w", 3), ("more", 5)]);
    let y = x.conv(&kernel, &Conv::over(["h", "w"]).contracting("in")).expect("a convolution");
    let axes: Vec<_> = y.named_shape().into_iter().map(|(name, size)| (name.as_str(), size)).collect();
    assert_eq!(axes, [("h", 4), ("batch", 2), ("w", 4), ("head", 3), ("new", 2), ("more", 5)]);
}

#[test]
fn what_cannot_slide_says_which_axis_and_both_sizes() {
    let zeros =
        |axes: &[(&'static str, usize)]| NamedArray::zeros(axes.to_vec(), DType::F32).expect("an array");
    let x = zeros(&[("t", 4), ("in", 6)]);
    let message = |found: Result<NamedArray>| found.expect_err("it cannot be").to_string();
    let has = |message: String, words: &[&str]| {
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    };
    has(message(x.window_sum([("t", 5)])), &["`t`", "5 places", "has 4"]);
    has(message(x.max_pool([Slide::along("t")])), &["`t`", "no size"]);
    has(message(x.window_max([Slide::along("t").size(2).stride(0)])), &["stride", "`t`"]);
    has(message(x.window_sum([("t", 2), ("t", 2)])), &["`t` is given twice"]);
    has(message(x.window_sum([Slide::along("t").size(2).pad(isize::MAX, 1)])), &["`t`", "too many"]);
    has(
        message(x.window_sum([Slide::along("t").size(usize::MAX).dilation(usize::MAX).same()])),
        &["`t`", "too many"],
    );
    let kernel = zeros(&[("k", 6), ("in", 5), ("out", 2)]);
    let over = |by: &'static str| Conv::over([Slide::along("t").by(by)]).contracting("in");
    has(message(x.conv(&kernel, &over("k"))), &["`in` has size 6 in the array and 5", "6 places", "has 4"]);
    has(message(x.conv(&kernel, &over("j"))), &["no axis `j`", "k:6"]);
    let kernel = zeros(&[("k", 2), ("in", 3), ("out", 5)]);
    has(message(x.conv(&kernel, &over("k").groups(2, "out"))), &["`out`", "size 5", "2 groups"]);
    has(
        message(x.conv(&kernel, &over("k").groups(3, "out"))),
        &["`in` has size 6", "3 groups of the kernel's 3"],
    );
    has(message(x.conv(&kernel, &over("k").groups(0, "out"))), &["`out`", "0 groups"]);
}
