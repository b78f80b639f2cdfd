//! Axes of mixed kinds: what Penzai makes of indices, updates, changes of axes and `nmap`, and where it leaves every axis.
//!
//! The expected numbers and orders are those of `tests/fixtures/families/axes.py`.

use pz::nx::{self, AxisIndex, Index, OutOfRange};
use pz::{AxisName, DType, NamedArray, Result, slice};
use serde_json::Value;

use crate::fixture::{FORWARD, Verdict, agrees, arrays, cases, count, list, name, names, number, text};

fn whole(value: &Value) -> Option<isize> {
    value.as_i64().map(|whole| whole as isize)
}

fn one(item: &Value, xs: &[NamedArray]) -> AxisIndex {
    if let Some(place) = whole(&item["place"]) {
        AxisIndex::Place(place)
    } else if item["slice"].is_array() {
        let bounds: Vec<Option<isize>> = list(&item["slice"]).iter().map(whole).collect();
        let range = match (bounds[0], bounds[1]) {
            (Some(start), Some(stop)) => slice(start..stop),
            (Some(start), None) => slice(start..),
            (None, Some(stop)) => slice(..stop),
            (None, None) => slice(..),
        };
        range.step(bounds[2].unwrap_or(1)).into()
    } else if item["array"].is_u64() {
        (&xs[count(&item["array"])]).into()
    } else if item["ellipsis"] == true {
        AxisIndex::Ellipsis
    } else {
        AxisIndex::New
    }
}

fn index(items: &Value, xs: &[NamedArray]) -> Index {
    match list(items) {
        items if items.first().is_some_and(Value::is_array) => {
            Index::Named(items.iter().map(|pair| (name(&pair[0]), one(&pair[1], xs))).collect())
        }
        items => Index::Positional(items.iter().map(|item| one(item, xs)).collect()),
    }
}

fn updated(how: &str, at: &nx::At, values: &NamedArray) -> Result<NamedArray> {
    match how {
        "set" => at.set(values),
        "add" => at.add(values),
        "multiply" => at.multiply(values),
        "divide" => at.divide(values),
        "power" => at.power(values),
        "min" => at.min(values),
        "max" => at.max(values),
        how => panic!("no update `{how}`"),
    }
}

fn function(function: &str, x: &NamedArray) -> Result<NamedArray> {
    match function {
        "nothing" => Ok(x.clone()),
        "negative" => x.neg(),
        "sum" => x.sum(0),
        "cumsum" => x.cumsum(-1),
        "prefix" => x.with_positional_prefix(),
        "sort" => x.sort(0),
        "tag_prefix" => x.tag_prefix("z"),
        "untag_prefix" => x.untag_prefix("a"),
        "softmax" => x.softmax(-1),
        "add turned" => x.add(&x.with_positional_prefix()?),
        function => panic!("no function `{function}`"),
    }
}

fn form(form: &str, x: &NamedArray, numbers: &Value) -> Result<NamedArray> {
    let numbers: Vec<isize> = list(numbers).iter().filter_map(whole).collect();
    match (form, numbers.as_slice()) {
        ("reshape", sizes) => x.reshape(sizes),
        ("transpose", order) => x.transpose(order),
        ("swapaxes", &[one, other]) => x.swapaxes(one, other),
        ("moveaxis", &[from, to]) => x.moveaxis(from, to),
        ("expand_dims", &[place]) => x.expand_dims(place),
        ("squeeze", axes) => x.squeeze(axes),
        (form, numbers) => panic!("no form `{form}` of {numbers:?}"),
    }
}

type Pair = (NamedArray, NamedArray);

fn mapped(case: &str, xs: &[NamedArray]) -> Result<NamedArray> {
    let pair = || (xs[0].clone(), xs[1].clone());
    let product =
        |left: &NamedArray, right: &NamedArray| nx::contract("k", &left.tag("k")?, &right.tag("k")?);
    match case {
        "nmap/dot" => nx::nmap(|(a, b): Pair| product(&a, &b), pair()),
        "nmap/scale" => nx::nmap(|(a, scale): Pair| a.mul(&scale), pair()),
        "nmap/constant" => nx::nmap(|_| NamedArray::from_positional(vec![1f32; 2], &[2]), xs[0].clone()),
        "nmap/outer" => {
            nx::nmap(|(a, b): Pair| a.at(nx::positions((slice(..), AxisIndex::New)))?.get()?.mul(&b), pair())
        }
        "nmap/scores" => nx::nmap(
            |(q, k): Pair| nx::contract("p", &k.tag(["kv", "p"])?, &q.tag("p")?)?.untag("kv")?.softmax(-1),
            pair(),
        ),
        "nmap/nested" => nx::nmap(
            |(a, b): Pair| {
                let rows = a.tag(["a", "r"])?.untag("r")?;
                nx::nmap(|(row, s): Pair| row.sum(0)?.add(&s), (rows, b.tag("n")?))?.unwrap(["a", "n"])
            },
            pair(),
        ),
        case => panic!("no case `{case}`"),
    }
}

fn apply(case: &Value) -> Result<NamedArray> {
    let args = &case["args"];
    let mut xs = arrays(&case["in"]);
    for (x, untag) in xs.iter_mut().zip(list(&args["untag"])).filter(|(_, untag)| !list(untag).is_empty()) {
        *x = x.untag(names(untag))?;
    }
    let found = match text(&case["op"]) {
        "get" => xs[0].at(index(&args["items"], &xs))?.get()?,
        "read" => {
            let at = xs[0].at(index(&args["items"], &xs))?;
            match (text(&args["mode"]), &args["fill"]) {
                ("clip", _) => at.out_of_range(OutOfRange::Clip).get()?,
                (_, Value::Null) => at.out_of_range(OutOfRange::Fill).get()?,
                (_, fill) if xs[0].dtype() == DType::I32 => at.fill_value(number(fill) as i32).get()?,
                (_, fill) => at.fill_value(number(fill)).get()?,
            }
        }
        "arange" if args["start"].is_i64() => {
            let whole = |key: &str| whole(&args[key]).expect("a whole number") as i32;
            NamedArray::arange_by("n", whole("start"), whole("stop"), whole("step"))?
        }
        "arange" => {
            let float = |key: &str| number(&args[key]) as f32;
            NamedArray::arange_by("n", float("start"), float("stop"), float("step"))?
        }
        "update" => updated(text(&args["how"]), &xs[0].at(index(&args["items"], &xs))?, &xs[xs.len() - 1])?,
        "layout" => function(text(&args["function"]), &xs[0])?,
        "order_like" => xs[0].order_like(&xs[1])?,
        "form" => form(text(&args["form"]), &xs[0], &args["numbers"])?,
        "nmap" => mapped(text(&case["case"]), &xs)?,
        op => panic!("no operation `{op}`"),
    };
    found.check_valid()?;
    let positions = (0..found.positional_shape().len()).map(|number| format!("position_{number}").into());
    found.tag(positions.collect::<Vec<AxisName>>())
}

#[test]
fn axes_of_mixed_kinds_are_those_of_penzai() {
    let mut verdict = Verdict::default();
    for case in cases("axes") {
        let outcome = apply(&case)
            .map_err(|error| error.to_string())
            .and_then(|found| agrees(&found, &case["out"], FORWARD));
        verdict.record(text(&case["case"]), outcome);
    }
    verdict.finish(353);
}
