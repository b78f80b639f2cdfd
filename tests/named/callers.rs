//! Errors name what was called, as users know it, and the line of the program that called: of what is refused at once,
//! and of what is found when it is read. `tests/tidy.rs` sees to it that every public function says what it is.

use pz::named::{Conv, OutOfRange, PadMode, Side, Slide};
use pz::nx::{self, Norm, nmap};
use pz::random::Key;
use pz::{DType, NamedArray, Random, Result};

use super::counted;

/// Whether an error is about that function, and names that line of this file.
fn says<T>(function: &str, found: Result<T>, line: u32) {
    let text = found.err().unwrap_or_else(|| panic!("line {line}: it is an error")).to_string();
    let place = format!("\n  called at: tests/named/callers.rs:{line}\n");
    assert!(format!("{text}\n").contains(&place), "line {line}: {text}");
    assert!(text.starts_with(&format!("{function}: ")), "line {line}: {text}");
}

#[test]
fn what_is_refused_about_axes() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let p = x.untag("a")?;
    says("tag", x.tag("c"), line!());
    says("tag_prefix", p.tag_prefix(["c", "d"]), line!());
    says("untag", x.untag("z"), line!());
    says("untag_prefix", x.untag_prefix("z"), line!());
    says("order_as", x.order_as("z"), line!());
    says("order_like", x.order_like(&p), line!());
    says("order_like", nx::order_like(&x, &p), line!());
    says("rename", x.rename("a", "b"), line!());
    says("unwrap", x.unwrap("a"), line!());
    says("wrap", nx::wrap(x.clone(), "a"), line!());
    says("broadcast_to", x.broadcast_to([("a", 3)]), line!());
    says("broadcast_to", x.broadcast_to([("c", usize::MAX)]), line!());
    says("reshape", p.reshape([7]), line!());
    says("transpose", p.transpose("b"), line!());
    says("swapaxes", p.swapaxes(0, 1), line!());
    says("moveaxis", p.moveaxis(3, 0), line!());
    says("expand_dims", p.expand_dims(5), line!());
    says("broadcast_positional", p.broadcast_positional(&[3]), line!());
    says("broadcast_like", x.broadcast_like(&counted(&[("a", 3)])), line!());
    says("iter", x.iter(), line!());
    says("difference", x.difference(&p), line!());
    says("concatenate", nx::concatenate(&[&x, &p], "b"), line!());
    says("stack", nx::stack(&[], "a"), line!());
    says("unstack", x.unstack("z"), line!());
    says("split", x.split("b", 2), line!());
    says("split_at", x.split_at("b", &[9]), line!());
    says("flip", x.flip("z"), line!());
    says("roll", x.roll("z", 1), line!());
    says("repeat", x.repeat("b", usize::MAX), line!());
    says("tile", x.tile("z", 2), line!());
    says("squeeze", x.squeeze("a"), line!());
    says("diagonal", x.diagonal("a", "a", "d", 0), line!());
    says("trace", x.trace("a", "z", 0), line!());
    says("pad", x.pad([("z", (1, 1))], 0), line!());
    says("pad_by", x.pad_by(PadMode::Reflect, [("z", (5, 0))]), line!());
    says("rearrange!", nx::rearrange!("(a c) b -> a c b", x, a = 4), line!());
    Ok(())
}

#[test]
fn what_is_refused_about_places() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let (zero, far) = (NamedArray::scalar(0), NamedArray::from_vec(vec![7], [("k", 1)])?);
    says("slice", x.slice("a", 3..), line!());
    says("slice_by", x.slice_by("a", .., 0), line!());
    says("index", x.index("a", 2), line!());
    says("at", x.at([("z", 0)]), line!());
    let at = x.at([("b", 9)])?.out_of_range(OutOfRange::Fail);
    says("at(..).get", at.get(), line!());
    says("at(..).set", at.set(1), line!());
    let at = x.at([("b", 1..)])?;
    says("at(..).set", at.set(0.5), line!());
    says("at(..).add", at.add(&x), line!());
    says("at(..).multiply", at.multiply(&x), line!());
    says("at(..).min", at.min(&x), line!());
    says("at(..).max", at.max(&x), line!());
    says("at(..).divide", at.divide(&x), line!());
    says("at(..).power", at.power(&x), line!());
    says("at(..).apply", at.apply(|_| Ok(x.clone())), line!());
    // What the user's function calls is the user's call.
    says("sum", at.apply(|part| part.sum("z")), line!());
    says("take", x.take("a", &x.cast(DType::F32)?), line!());
    says("take", x.take(3, &far), line!());
    says("dynamic_slice", x.dynamic_slice([("a", &zero, 3)]), line!());
    says("dynamic_update_slice", x.dynamic_update_slice(&far, [("a", &zero)]), line!());
    says("one_hot", x.one_hot("a", 3, DType::F32), line!());
    says("tril", x.tril("a", "z", 0), line!());
    says("triu", x.triu("a", "z", 0), line!());
    says("eye", NamedArray::eye([("a", 2), ("a", 2)], 0, DType::F32), line!());
    says("searchsorted", x.searchsorted("z", &far, Side::Left), line!());
    says("bincount", x.bincount("b", "a", 3), line!());
    says("unique", x.unique("z", 3), line!());
    says("top_k", x.top_k("a", 3), line!());
    says("sort", x.sort("z"), line!());
    says("argsort", x.argsort("z"), line!());
    says("sort_by", x.sort_by("z", &x), line!());
    says("median", x.median("z"), line!());
    says("quantile", x.quantile("a", 1.5), line!());
    Ok(())
}

#[test]
fn what_is_refused_about_new_arrays_and_values() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    says("from_vec", NamedArray::from_vec(vec![1], [("a", 2)]), line!());
    says("from_positional", NamedArray::from_positional(vec![1], &[2]), line!());
    says("full", NamedArray::full([("a", 2), ("a", 2)], 1), line!());
    says("zeros", NamedArray::zeros([("a", usize::MAX), ("b", 2)], DType::F32), line!());
    says("ones", NamedArray::ones([("a", 2), ("a", 2)], DType::F32), line!());
    says("arange_by", NamedArray::arange_by("a", 0, 1, 0), line!());
    says("to_vec", x.to_vec::<f32>(), line!());
    says("to_ndarray", x.to_ndarray::<f32>(), line!());
    says("elements", x.elements::<f32>(), line!());
    says("item", x.item::<i32>(), line!());
    says("item", NamedArray::scalar(1).item::<f32>(), line!());
    says("cast", x.cast(DType::Key), line!());
    says("try_from", i32::try_from(&x), line!());
    says("try_from", u8::try_from(&NamedArray::scalar(-1)), line!());
    says("try_from", f64::try_from(&x), line!());
    says("try_from", f32::try_from(&NamedArray::scalar(1e300)), line!());
    says("try_from", bool::try_from(&x), line!());
    Ok(())
}

#[test]
fn what_is_refused_of_operations() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let (y, keys) = (counted(&[("a", 3)]), Key::new(0).random_split([("n", 3)])?);
    let floats = x.cast(DType::F32)?;
    says("add", x.add(&y), line!());
    says("sub", keys.sub(1), line!());
    says("div", keys.div(&keys), line!());
    says("pow", floats.pow(&y), line!());
    says("maximum", x.maximum(&y), line!());
    says("equal", x.equal(&y), line!());
    says("shift_left", x.shift_left(0.5), line!());
    says("bitwise_and", x.bitwise_and(&floats), line!());
    says("bitwise_not", floats.bitwise_not(), line!());
    says("clamp", x.clamp(&y, 3), line!());
    says("select", x.select(1, 2), line!());
    says("exp", keys.exp(), line!());
    says("square", keys.square(), line!());
    says("sigmoid", keys.sigmoid(), line!());
    says("elu", keys.elu(1.0), line!());
    Ok(())
}

#[test]
fn what_is_refused_along_axes() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let keys = Key::new(0).random_split([("n", 3)])?;
    says("sum", x.sum("z"), line!());
    says("sum", keys.sum("n"), line!());
    says("prod", keys.prod("n"), line!());
    says("mean", x.mean("z"), line!());
    says("max", x.max("z"), line!());
    says("min", keys.min("n"), line!());
    says("all", x.all("z"), line!());
    says("any", x.any("z"), line!());
    says("argmax", x.argmax("z"), line!());
    says("argmin", keys.argmin("n"), line!());
    says("softmax", x.softmax("z"), line!());
    says("log_softmax", keys.log_softmax("n"), line!());
    says("logsumexp", x.logsumexp("z"), line!());
    says("var", keys.var("n", 0), line!());
    says("std", x.std("z", 0), line!());
    says("norm", x.norm("z", Norm::L2), line!());
    says("standardize", x.standardize("z", 1e-6), line!());
    says("cumsum", x.cumsum("z"), line!());
    says("cumprod", keys.cumprod("n"), line!());
    says("cummax", x.cummax("z"), line!());
    says("cummin", x.cummin("z"), line!());
    says("cumlogsumexp", x.cumlogsumexp("b"), line!());
    says("cross_entropy", x.cross_entropy(&x, "z"), line!());
    says("smooth_labels", x.smooth_labels("z", 0.1), line!());
    says("window_sum", x.window_sum([("z", 2)]), line!());
    says("window_max", x.window_max([("b", 7)]), line!());
    says("window_min", keys.window_min([("n", 2)]), line!());
    says("max_pool", x.max_pool([("z", 2)]), line!());
    says("avg_pool", keys.avg_pool([("n", 2)]), line!());
    says("conv", x.conv(&x, &Conv::over([Slide::along("z")])), line!());
    says("contract", nx::contract("z", &x, &x), line!());
    says("contract", nx::contract("n", &keys, &keys), line!());
    says("einsum", nx::einsum(&[&x, &x], "z"), line!());
    says("einsum!", nx::einsum!("a c, c -> a", x, x), line!());
    says("tensordot", nx::tensordot(&x, &x, [("a", "b")]), line!());
    says("outer", nx::outer(&x, &x), line!());
    Ok(())
}

#[test]
fn what_is_refused_about_randomness() -> Result<()> {
    let x = counted(&[("a", 2)]);
    let key = Key::new(0);
    says("random_split", x.random_split([("n", 2)]), line!());
    says("bits", key.bits((), DType::F32), line!());
    says("uniform", key.uniform([("a", 2), ("a", 2)], DType::F32), line!());
    says("uniform_range", key.uniform_range((), 0.0..f64::NAN, DType::F32), line!());
    says("normal", x.normal((), DType::F32), line!());
    says("truncated_normal", key.truncated_normal((), 0.0..1.0, DType::I32), line!());
    says("gumbel", key.gumbel((), DType::I32), line!());
    says("exponential", key.exponential((), DType::I32), line!());
    says("bernoulli", x.bernoulli((), 0.5), line!());
    says("randint", key.randint((), 0..5, DType::F32), line!());
    says("categorical", key.categorical(&x, "z"), line!());
    says("permutation", key.permutation(&x, "z"), line!());
    says("choice", key.choice(&x, "z", ()), line!());
    says("fold_in", x.fold_in(1), line!());
    says("fold_in", NamedArray::from(key).fold_in(0.5), line!());
    says("key_data", x.key_data(), line!());
    says("wrap_key_data", x.wrap_key_data(), line!());
    Ok(())
}

#[test]
fn what_is_refused_of_derivatives() -> Result<()> {
    let (x, whole) = (counted(&[("a", 2)]).cast(DType::F32)?, counted(&[("a", 2)]));
    let (x, whole) = (std::slice::from_ref(&x), std::slice::from_ref(&whole));
    says("grad", pz::grad(|x| x[0].sum("a"), whole), line!());
    says("grad", pz::grad(|x| x[0].exp(), x), line!());
    says("value_and_grad", pz::value_and_grad(|x| x[0].exp(), x), line!());
    says("value_and_grad_aux", pz::value_and_grad_aux(|x| Ok((x[0].exp()?, ())), x), line!());
    says("jvp", pz::jvp(|x| Ok(x.to_vec()), x, whole), line!());
    says("hvp", pz::hvp(|x| x[0].exp(), x, x), line!());
    says("linearize", pz::linearize(|x| Ok(x.to_vec()), whole), line!());
    says("vjp", pz::vjp(|x| Ok(x.to_vec()), whole), line!());
    // What the function calls is named as it is anywhere else.
    says("sum", pz::grad(|x| x[0].sum("z"), x), line!());
    says("exp", pz::vjp(|_| Ok(vec![NamedArray::from(Key::new(0)).exp()?]), x), line!());
    Ok(())
}

#[test]
fn what_a_read_finds_names_the_line_that_asked_for_it() -> Result<()> {
    let x = counted(&[("a", 2), ("b", 3)]);
    let far = NamedArray::from_vec(vec![7], [("k", 1)])?;
    let at = x.at([("b", &far)])?.out_of_range(OutOfRange::Fail);
    let (found, line) = (at.get()?, line!());
    says("at(..).get", found.to_vec::<i32>(), line);
    assert_eq!(
        found.eval().unwrap_err().report().problems,
        ["the place 7 is out of range for the axis `b`, whose size is 3"]
    );
    // Steps behind it tell the same.
    says("at(..).get", found.order_as(["k", "a"])?.untag("k")?.sum(0)?.eval(), line);
    let (found, line) = (at.add(1)?, line!());
    says("at(..).add", found.eval(), line);
    let by_position = x.untag(["a", "b"])?.at(nx::positions((.., &far)))?;
    let (found, line) = (by_position.out_of_range(OutOfRange::Fail).get()?, line!());
    says("at(..).get", found.eval(), line);
    assert_eq!(
        found.eval().unwrap_err().report().problems,
        ["the place 7 is out of range for the positional axis 1, whose size is 3"]
    );
    let (found, line) = (x.remainder(0)?, line!());
    says("remainder", pz::eval([&found.slice("a", 1..)?.broadcast_to([("c", 2)])?]), line);
    let (found, line) = (5i64 % x, line!());
    says("rem", found.to_vec::<i32>(), line);
    let (given, line) = ((counted(&[("a", 2)]), counted(&[("a", 3)])), line!() + 1);
    says("nmap", nmap(|(x, _): (NamedArray, NamedArray)| Ok(x), given), line);
    Ok(())
}

#[test]
fn what_is_refused_of_loops_and_choices() -> Result<()> {
    let (x, one) = (counted(&[("a", 2)]), NamedArray::scalar(1));
    let same = |x: NamedArray| Ok(x);
    says("scan", pz::scan("t", one.clone(), x.clone(), |c, x| Ok((c, x))), line!());
    says("scan", pz::scan("a", one.clone(), x.clone(), |c, x| Ok((c.cast(DType::F64)?, x))), line!());
    says("fori_loop", pz::fori_loop(0..3, one.clone(), |_, c| c.cast(DType::F64)), line!());
    says("while_loop", pz::while_loop(|c| Ok(c.clone()), same, one.clone()), line!());
    says("while_loop", pz::while_loop(|c| c.less(9), |c| c.cast(DType::F64), one.clone()), line!());
    says("cond", pz::cond(&one, same, same, x.clone()), line!());
    says("cond", pz::cond(&one.equal(1)?, same, |x| x.sum("a"), x.clone()), line!());
    says("switch", pz::switch(&x, &[&same], x.clone()), line!());
    says("switch", pz::switch(&one, &[&same, &|x| x.sum("a")], x.clone()), line!());
    // What the functions do are calls of their own.
    says("sum", pz::scan("a", one.clone(), x.clone(), |c, x| Ok((c, x.sum("z")?))), line!());
    says("sum", pz::fori_loop(0..3, one.clone(), |_, c| c.sum("z")), line!());
    says("sum", pz::while_loop(|c| c.sum("z"), same, one.clone()), line!());
    says("sum", pz::while_loop(|c| c.less(9), |c| c.sum("z"), one.clone()), line!());
    says("sum", pz::cond(&one.equal(1)?, |x| x.sum("z"), same, x.clone()), line!());
    says("sum", pz::switch(&one, &[&same, &|x| x.sum("z")], x.clone()), line!());
    says("sum", pz::checkpoint(|x: NamedArray| x.sum("z"), x.clone()), line!());
    Ok(())
}
