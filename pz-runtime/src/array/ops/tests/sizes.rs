//! Cases whose axes have size 0 and size 1, of every primitive but those that run bodies.

use super::{Case, floats, truths};
use crate::array::Array;
use crate::array::kernels::sort::Sort;
use crate::array::kernels::window::Slide;
use crate::array::params::{Beyond, Padding, Params};
use crate::array::primitive::{Kernel, Primitive};

fn dense(dims: &[usize]) -> Array {
    floats(dims, -1.0, 1.0, dims.iter().sum::<usize>() as u64 + 3)
}

fn zeros(dims: &[usize]) -> Array {
    Array::from_vec(vec![0i32; dims.iter().product()], dims)
}

/// The same parameters for arrays of several shapes.
fn of(params: impl Fn() -> Params, inputs: &[&[Array]]) -> Vec<Case> {
    inputs.iter().map(|inputs| Case { params: params(), inputs: inputs.to_vec() }).collect()
}

fn axes(axes: &[usize]) -> Params {
    Params::Axes(axes.into())
}

fn dims(dims: &[usize]) -> Params {
    Params::Dims(dims.into())
}

fn one(params: Params, inputs: &[Array]) -> Case {
    Case { params, inputs: inputs.to_vec() }
}

/// The first elements of each operand along both of its axes, as values that are there.
fn cut(case: &Case, rows: usize, columns: usize) -> Case {
    let part = |input: &Array| {
        let part = input.slice(0, 0, 1, rows).and_then(|part| part.slice(1, 0, 1, columns));
        Array::from_buffer(part.and_then(|part| part.read()).unwrap().to_contiguous())
    };
    Case { params: case.params.clone(), inputs: case.inputs.iter().map(part).collect() }
}

pub(super) fn cases(op: &Primitive, first: &Case) -> Vec<Case> {
    if matches!(op.kernel, Kernel::Elementwise(_)) || op.name.starts_with("int_") {
        return vec![cut(first, 0, 3), cut(first, 2, 0), cut(first, 1, 3), cut(first, 1, 1)];
    }
    let sort = |axis, count| Params::Sort(Sort { axis, descending: false, count });
    let places = || Params::places(&[0], Beyond::Nearest);
    let scattered = || Params::places(&[0], Beyond::Zero);
    let broadcast = |dims: &[usize]| Params::Broadcast {
        dims: dims.into(),
        source: [Some(1), None, Some(0)].as_slice().into(),
    };
    let slice = |start, step, count, len| Params::Slice { axis: 1, start, step, count, len };
    let pad = |low, high, interior| Params::Pad([Padding { low, high, interior }].as_slice().into());
    let two = Slide { size: 2, ..Slide::STILL };
    let slides = |slides: &[Slide]| Params::Slides(slides.into());
    let windows = |lens: &[usize]| Params::Windows { axes: [0].as_slice().into(), lens: lens.into() };
    let (none, start) = (|| Params::None, Array::scalar(0i32));
    match op.name {
        "identity" | "stop_gradient" => of(none, &[&[dense(&[0, 3])], &[dense(&[1])], &[dense(&[])]]),
        "softmax" => {
            of(|| axes(&[0]), &[&[dense(&[1, 3]), dense(&[1, 3])], &[dense(&[2, 0]), dense(&[2, 0])]])
        }
        "broadcast" => vec![
            one(broadcast(&[0, 5, 3]), &[dense(&[3, 0])]),
            one(broadcast(&[4, 0, 3]), &[dense(&[3, 4])]),
            one(broadcast(&[4, 1, 3]), &[dense(&[1, 4])]),
        ],
        "permute" => of(|| axes(&[2, 0, 1]), &[&[dense(&[2, 0, 4])], &[dense(&[1, 3, 1])]]),
        "reshape" => vec![one(dims(&[2, 0, 3]), &[dense(&[0, 4])]), one(dims(&[6, 1]), &[dense(&[1, 1, 6])])],
        "slice" => vec![
            one(slice(0, 1, 0, 4), &[dense(&[3, 4, 2])]),
            one(slice(0, -1, 1, 1), &[dense(&[3, 1, 2])]),
            one(slice(2, -1, 3, 4), &[dense(&[0, 4])]),
        ],
        "pad" => vec![
            one(pad(1, 2, 3), &[dense(&[0]), dense(&[])]),
            one(pad(-1, 0, 0), &[dense(&[1]), dense(&[])]),
            one(pad(0, 1, 4), &[dense(&[1]), dense(&[])]),
        ],
        "concatenate" => {
            of(|| Params::Axis(1), &[&[dense(&[2, 0]), dense(&[2, 1])], &[dense(&[0, 1]), dense(&[0, 2])]])
        }
        "sum" | "prod" => {
            of(|| axes(&[0]), &[&[dense(&[0, 3])], &[dense(&[3, 0])], &[dense(&[1, 2])], &[dense(&[2, 1])]])
        }
        "max" | "min" => of(|| axes(&[0]), &[&[dense(&[3, 0])], &[dense(&[1, 2])], &[dense(&[2, 1])]]),
        "all" | "any" => of(
            || axes(&[0]),
            &[&[truths(&[0, 3])], &[truths(&[3, 0])], &[truths(&[1, 2])], &[truths(&[2, 1])]],
        ),
        "argmax" | "argmin" => {
            of(|| Params::Axis(0), &[&[dense(&[3, 0])], &[dense(&[1, 2])], &[dense(&[2, 1])]])
        }
        "cumsum" | "cumprod" | "cummax" | "cummin" | "cumlogsumexp" => of(
            || Params::Axis(0),
            &[&[dense(&[0, 2])], &[dense(&[3, 0])], &[dense(&[1, 2])], &[dense(&[4, 1])]],
        ),
        "recurrence" => of(
            || Params::Axis(0),
            &[
                &[dense(&[0, 2]), dense(&[0, 2])],
                &[dense(&[3, 0]), dense(&[3, 0])],
                &[dense(&[1, 2]), dense(&[1, 2])],
            ],
        ),
        "argsort" => vec![
            one(sort(0, 0), &[dense(&[3, 2])]),
            one(sort(0, 0), &[dense(&[0, 2])]),
            one(sort(0, 1), &[dense(&[1, 2])]),
            one(sort(0, 2), &[dense(&[3, 0])]),
        ],
        "pick" => of(
            || Params::Axis(0),
            &[
                &[dense(&[3, 0]), zeros(&[2, 0])],
                &[dense(&[1, 2]), zeros(&[3, 2])],
                &[dense(&[3, 2]), zeros(&[0, 2])],
                &[dense(&[0, 2]), zeros(&[0, 2])],
            ],
        ),
        "deal" => vec![
            one(Params::Along { axis: 0, len: 3 }, &[dense(&[0, 2]), zeros(&[0, 2])]),
            one(Params::Along { axis: 0, len: 1 }, &[dense(&[4, 2]), zeros(&[4, 2])]),
            one(Params::Along { axis: 0, len: 3 }, &[dense(&[2, 0]), zeros(&[2, 0])]),
        ],
        "window_sum" | "window_max" | "window_min" | "window_argmax" | "window_argmin" => vec![
            one(slides(&[Slide::STILL, two]), &[dense(&[0, 3])]),
            one(slides(&[Slide::STILL, Slide::STILL]), &[dense(&[1, 1])]),
            one(slides(&[two, Slide::STILL]), &[dense(&[2, 1])]),
        ],
        "conv" => of(
            || slides(&[two]),
            &[
                &[dense(&[1, 0, 4, 2]), dense(&[1, 2, 2, 3])],
                &[dense(&[1, 2, 4, 0]), dense(&[1, 2, 0, 3])],
                &[dense(&[1, 2, 4, 2]), dense(&[1, 2, 2, 0])],
                &[dense(&[0, 2, 4, 2]), dense(&[0, 2, 2, 3])],
                &[dense(&[1, 1, 2, 1]), dense(&[1, 2, 1, 1])],
            ],
        ),
        "dot" => {
            let params = || Params::Dot { batch: [].into(), contract: [(1, 0)].into() };
            of(
                params,
                &[
                    &[dense(&[2, 0]), dense(&[0, 3])],
                    &[dense(&[0, 2]), dense(&[2, 3])],
                    &[dense(&[2, 2]), dense(&[2, 0])],
                    &[dense(&[1, 1]), dense(&[1, 1])],
                    &[dense(&[1, 5]), dense(&[5, 3])],
                    &[dense(&[4, 1]), dense(&[1, 3])],
                ],
            )
        }
        "iota" => vec![one(dims(&[0]), &[]), one(dims(&[1]), &[])],
        "gather" => of(
            places,
            &[
                &[dense(&[3, 0]), zeros(&[2])],
                &[dense(&[1, 2]), zeros(&[3])],
                &[dense(&[3, 2]), zeros(&[0])],
                &[dense(&[0, 2]), zeros(&[0])],
                &[dense(&[3]), zeros(&[])],
            ],
        ),
        "scatter" | "scatter_add" | "scatter_mul" | "scatter_min" | "scatter_max" => of(
            scattered,
            &[
                &[dense(&[3, 2]), zeros(&[0]), dense(&[0, 2])],
                &[dense(&[1, 2]), zeros(&[1]), floats(&[1, 2], -1.0, 1.0, 77)],
                &[dense(&[0, 2]), zeros(&[0]), dense(&[0, 2])],
                &[dense(&[3, 0]), zeros(&[2]), dense(&[2, 0])],
                // A place in an axis without places is out of range, and its update is left out.
                &[dense(&[0, 2]), zeros(&[1]), dense(&[1, 2])],
            ],
        ),
        "dynamic_slice" => vec![
            one(windows(&[2]), &[dense(&[3, 0]), start.clone()]),
            one(windows(&[0]), &[dense(&[3, 2]), start.clone()]),
            one(windows(&[1]), &[dense(&[1, 2]), start.clone()]),
            one(windows(&[0]), &[dense(&[0, 2]), start]),
        ],
        "dynamic_update_slice" => of(
            || axes(&[0]),
            &[
                &[dense(&[3, 2]), dense(&[0, 2]), start.clone()],
                &[dense(&[1, 2]), floats(&[1, 2], -1.0, 1.0, 77), start.clone()],
                &[dense(&[3, 0]), dense(&[2, 0]), start.clone()],
                &[dense(&[0, 2]), dense(&[0, 2]), start.clone()],
            ],
        ),
        "key_data" => vec![cut(first, 0, 3), cut(first, 1, 3), cut(first, 2, 0)],
        "wrap_key_data" => vec![cut(first, 0, 2), cut(first, 1, 2)],
        "part" | "switch" | "checkpoint" | "custom" | "scan" | "while" => Vec::new(),
        name => panic!("`{name}` has no case with axes of size 0 and 1: add one here"),
    }
}
