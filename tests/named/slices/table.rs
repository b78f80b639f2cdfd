//! Every operation that computes, on a slice; the names of the methods and functions that a case covers come first.

use pz::DType;
use pz::NamedArray;
use pz::Random;
use pz::Result;
use pz::nx::{self, AxisIndex, Choice, Conv, Norm, OutOfRange, PadMode, Running, Side, Slide, Sorting};
use pz::slice;

use super::Operation::{self, Binary, One, Several, Unary};
use super::Slice;

macro_rules! methods {
    ($Kind:ident: $($name:ident)*) => {
        [$((stringify!($name), $Kind(|x, y| x.$name(y)))),*]
    };
    ($($name:ident)*) => {
        [$((stringify!($name), Unary(|x| x.$name()))),*]
    };
}

/// `x` with names for its two axes.
fn named(s: &Slice) -> Result<NamedArray> {
    s.x.tag(["p", "q"])
}

fn several(arrays: impl IntoIterator<Item = NamedArray>) -> Result<Vec<NamedArray>> {
    Ok(arrays.into_iter().collect())
}

pub fn operations() -> Vec<(&'static str, Operation)> {
    let unary = methods![
        neg abs sign logical_not exp expm1 log log1p sqrt rsqrt cbrt sin cos tan asin acos atan sinh cosh tanh asinh
        acosh atanh erf erfc erf_inv lgamma digamma floor ceil round square reciprocal is_finite is_inf is_nan
        nan_to_num sigmoid silu relu relu6 selu softplus log_sigmoid hard_tanh gelu gelu_exact stop_gradient
        with_positional_prefix
    ];
    let binary = methods![Binary: add sub mul div rem remainder floor_div maximum minimum atan2 logaddexp equal
        not_equal less less_equal greater greater_equal logical_and logical_or logical_xor pow];
    let whole: [(&str, Operation); 9] = [
        ("bitwise_not", One(|s| s.n.bitwise_not())),
        ("population_count", One(|s| s.n.population_count())),
        ("bitwise_and", One(|s| s.n.bitwise_and(&s.i))),
        ("bitwise_or", One(|s| s.i.bitwise_or(&s.n))),
        ("bitwise_xor", One(|s| s.n.bitwise_xor(&s.i))),
        ("shift_left", One(|s| s.i.shift_left(&s.n))),
        ("shift_right", One(|s| s.i.shift_right(&s.n))),
        ("shift_right_logical", One(|s| s.i.shift_right_logical(&s.n))),
        (
            "rem remainder floor_div pow",
            Several(|s| {
                let (large, by) = (s.i.add(7)?, s.n.add(1)?);
                several([large.rem(&by)?, large.remainder(&by)?, large.floor_div(&by)?, s.i.pow(&s.n)?])
            }),
        ),
    ];
    let all = [elementwise(), along(), structure(), indexing(), products(), drawn()].into_iter().flatten();
    unary.into_iter().chain(binary).chain(whole).chain(all).collect()
}

fn elementwise() -> Vec<(&'static str, Operation)> {
    vec![
        ("leaky_relu", Unary(|x| x.leaky_relu(0.1))),
        ("elu", Unary(|x| x.elu(0.7))),
        ("celu", Unary(|x| x.celu(0.7))),
        ("pow", Unary(|x| x.pow(3))),
        ("clamp", One(|s| s.x.clamp(s.s.neg()?, &s.s))),
        ("select", One(|s| s.t.select(&s.x, &s.y))),
        ("select", One(|s| s.x.greater(&s.y)?.select(&s.s, 0.5))),
        ("cast", One(|s| s.x.cast(DType::BF16)?.mul(&s.s)?.cast(DType::F32))),
    ]
}

fn along() -> Vec<(&'static str, Operation)> {
    vec![
        ("sum", One(|s| s.x.sum(0))),
        ("sum", One(|s| s.x.less(&s.s)?.sum([1, 0]))),
        ("prod", One(|s| s.x.prod(-1))),
        ("mean", One(|s| s.x.mean([0, 1]))),
        ("max", One(|s| s.x.max(1))),
        ("min", One(|s| s.x.min(0))),
        ("all any", Several(|s| several([s.x.less(1.0)?.all(0)?, s.x.greater(1.0)?.any([0, 1])?]))),
        ("argmax", One(|s| s.x.argmax(1))),
        ("argmin", One(|s| s.x.argmin(0))),
        ("var std", Several(|s| several([s.x.var([0, 1], 0)?, s.x.std(1, 1)?]))),
        (
            "norm",
            Several(|s| {
                several([s.x.norm(0, Norm::L1)?, s.x.norm([0, 1], Norm::L2)?, s.x.norm(1, Norm::Max)?])
            }),
        ),
        ("standardize", One(|s| s.x.standardize(1, 1e-3))),
        ("softmax log_softmax", Several(|s| several([s.x.softmax(1)?, s.x.mul(&s.s)?.log_softmax([0, 1])?]))),
        ("logsumexp", One(|s| s.x.logsumexp(0))),
        ("cumsum cumprod", Several(|s| several([s.x.cumsum(0)?, s.x.cumprod(Running::from_end(1))?]))),
        ("cummax cummin", Several(|s| several([s.x.cummax(1)?, s.x.cummin(0)?]))),
        ("cumlogsumexp", One(|s| s.x.cumlogsumexp(1))),
        ("sort", One(|s| s.x.sort(Sorting::descending(0)))),
        ("argsort", One(|s| s.x.argsort(1))),
        ("sort_by", One(|s| s.x.sort_by(1, &s.y))),
        ("sort_by", One(|s| named(s)?.sort_by("q", &s.n.tag("q")?)?.untag(["p", "q"]))),
        ("top_k", Several(|s| s.x.top_k(1, 2).map(|(values, places)| vec![values, places]))),
        ("quantile median", Several(|s| several([s.x.quantile(1, 0.3)?, s.x.median([0, 1])?]))),
        ("searchsorted", One(|s| s.x.sort(1)?.searchsorted(1, &s.s, Side::Right))),
        ("searchsorted", One(|s| s.n.sort(0)?.searchsorted(0, &s.i, Side::Left))),
        ("bincount", One(|s| s.n.bincount(0, 0, 3))),
        (
            "unique",
            Several(|s| {
                let found = s.n.unique(0, 3)?;
                several([found.values, found.inverse, found.counts])
            }),
        ),
        ("cross_entropy", One(|s| named(s)?.cross_entropy(&s.i.clamp(0, 3)?, "q")?.untag("p"))),
        ("smooth_labels", One(|s| s.x.smooth_labels(1, 0.1))),
        ("window_sum", One(|s| s.x.window_sum([Slide::along(1).size(2)]))),
        (
            "window_max window_min",
            Several(|s| {
                let slide = [Slide::along(0).size(2).stride(2)];
                several([s.x.window_max(slide)?, s.x.window_min(slide)?])
            }),
        ),
        (
            "max_pool avg_pool",
            Several(|s| {
                let slide = [Slide::along(1).size(3).same()];
                several([s.x.max_pool(slide)?, s.x.avg_pool(slide)?])
            }),
        ),
    ]
}

fn structure() -> Vec<(&'static str, Operation)> {
    vec![
        ("tag untag rename", One(|s| named(s)?.rename("p", "a")?.untag(["q", "a"]))),
        ("tag_prefix untag_prefix", One(|s| s.x.tag_prefix("a")?.mul(&s.s)?.untag_prefix("a"))),
        ("order_as", One(|s| named(s)?.order_as(["q", "p"])?.unwrap(["p", "q"]))),
        (
            "order_like",
            One(|s| {
                let like = named(s)?.order_as(["q", "p"])?;
                named(s)?.mul(&s.s)?.order_like(&like)?.untag(["p", "q"])
            }),
        ),
        (
            "order_like",
            Several(|s| {
                // Only one of the two differs from slice to slice.
                let all = NamedArray::zeros([("q", 4), ("p", 3)], DType::F32)?;
                several([
                    named(s)?.order_like(&all)?.untag(["p", "q"])?,
                    all.order_like(&named(s)?)?.untag(["q", "p"])?,
                    nx::order_like(&s.x, &all.untag(["q", "p"])?)?,
                ])
            }),
        ),
        ("canonicalize unwrap", One(|s| s.x.tag(["z", "b"])?.canonicalize()?.unwrap(["b", "z"]))),
        (
            "as_namedarrayview check_valid",
            One(|s| {
                let view = s.x.as_namedarrayview();
                view.check_valid()?;
                Ok(view)
            }),
        ),
        ("wrap", One(|s| nx::wrap(s.x.clone(), ["p", "q"])?.untag(["q", "p"]))),
        ("broadcast_to", One(|s| s.s.broadcast_to([("b", 2)])?.untag("b"))),
        ("broadcast_positional", One(|s| s.n.broadcast_positional(&[2, 4]))),
        ("broadcast_like", One(|s| s.n.broadcast_like(&s.x))),
        ("iter", Several(|s| Ok(s.x.iter()?.collect()))),
        ("reshape", Several(|s| several([s.x.reshape([2, -1])?, s.s.reshape([1, 1])?]))),
        ("transpose", Several(|s| several([s.x.transpose(())?, s.x.transpose([1, 0])?.mul(&s.s)?]))),
        ("swapaxes moveaxis", Several(|s| several([s.x.swapaxes(0, 1)?, s.x.moveaxis(-1, 0)?]))),
        ("expand_dims", Several(|s| several([s.x.expand_dims(1)?, s.i.expand_dims(0)?]))),
        ("flip roll", Several(|s| several([s.x.flip([0, 1])?, s.x.roll(1, -1)?]))),
        ("repeat tile", Several(|s| several([s.x.repeat(0, 2)?, s.x.tile(1, 2)?]))),
        ("squeeze", One(|s| s.x.slice(0, 1..2)?.squeeze(0))),
        (
            "reshape transpose swapaxes moveaxis expand_dims",
            Several(|s| {
                let turned = [s.x.transpose(())?, s.x.transpose([1, 0])?, s.x.swapaxes(0, -1)?];
                let formed =
                    [s.x.moveaxis(0, 1)?, s.x.expand_dims(1)?, s.x.reshape([-1])?, s.x.reshape([1, -1])?];
                several(turned.into_iter().chain(formed))
            }),
        ),
        ("split split_at", Several(|s| Ok([s.x.split(1, 2)?, s.x.split_at(0, &[1])?].concat()))),
        ("unstack", Several(|s| s.x.unstack(0))),
        ("diagonal trace", Several(|s| several([s.x.diagonal(0, 1, 0, 1)?, s.x.trace(0, 1, -1)?]))),
        ("concatenate", One(|s| nx::concatenate(&[&s.x, &s.y], 1))),
        ("stack", One(|s| nx::stack(&[&s.y, &s.x], 0))),
        ("stack", One(|s| nx::stack(&[&s.s, &s.i], 0))),
        ("pad", One(|s| s.x.pad([(1, (1, -1))], 0.5))),
        ("pad", One(|s| s.x.pad([(0, (1, 0, 1))], &s.s))),
        ("pad_by", One(|s| s.x.pad_by(PadMode::Reflect, [(1, (2, 1))]))),
        ("one_hot", One(|s| s.n.one_hot(0, 3, DType::F32))),
        ("tril triu", Several(|s| several([s.x.tril(0, 1, 0)?, s.x.triu(0, 1, 1)?]))),
    ]
}

fn indexing() -> Vec<(&'static str, Operation)> {
    vec![
        (
            "slice index slice_by",
            Several(|s| several([s.x.slice(1, 1..)?, s.x.index(0, 2)?, s.x.slice_by(1, .., -2)?])),
        ),
        ("dynamic_slice", One(|s| s.x.dynamic_slice([(1, &s.i, 2)]))),
        ("dynamic_slice", One(|s| s.x.dynamic_slice([(1, &s.i, 3), (0, &s.i.sub(2)?, 1)]))),
        ("dynamic_slice", One(|s| named(s)?.dynamic_slice([("p", &s.i, 2)])?.untag(["p", "q"]))),
        (
            "dynamic_update_slice",
            One(|s| {
                s.x.dynamic_update_slice(&s.y.slice(1, ..2)?.slice(0, ..2)?, [(1, &s.i), (0, &s.i.add(1)?)])
            }),
        ),
        (
            "dynamic_update_slice",
            One(|s| {
                let new = s.y.slice(0, ..1)?.tag(["p", "q"])?;
                named(s)?.dynamic_update_slice(&new, [("p", &s.i)])?.untag(["q", "p"])
            }),
        ),
        (
            "dynamic_update_slice",
            One(|s| {
                // Only the update differs from slice to slice.
                let one = NamedArray::scalar(1);
                NamedArray::zeros([("q", 6)], DType::F32)?
                    .untag("q")?
                    .dynamic_update_slice(&s.x.index(0, 0)?, [(0, &one)])
            }),
        ),
        ("at get", One(|s| s.x.at(nx::positions((&s.i, slice(1..))))?.get())),
        ("at get", One(|s| s.x.at(nx::positions((slice(..).step(-1), &s.n)))?.get())),
        (
            "at get",
            One(|s| {
                named(s)?.at((("q", &s.n), ("p", &s.i), ("new", AxisIndex::New)))?.get()?.untag_prefix("new")
            }),
        ),
        (
            "at get",
            One(|s| named(s)?.at([("q", &s.n)])?.out_of_range(OutOfRange::Fill).get()?.untag_prefix("p")),
        ),
        ("at get", One(|s| s.x.at(nx::positions((s.i.add(1)?, s.n.mul(2)?)))?.fill_value(&s.s).get())),
        ("take", One(|s| s.x.take(1, &s.n))),
        ("take", One(|s| named(s)?.take("q", &s.i)?.untag("p"))),
        ("at set", One(|s| s.x.at(nx::positions((&s.i, slice(1..3))))?.set(&s.s))),
        ("at set", One(|s| named(s)?.at([("p", &s.i)])?.set(s.y.index(0, 0)?.tag("q")?)?.untag(["p", "q"]))),
        (
            "at set",
            One(|s| {
                // Only what is set differs from slice to slice.
                let zeros = NamedArray::zeros([("q", 6)], DType::F32)?.untag("q")?;
                zeros.at(nx::positions((slice(1..5),)))?.set(s.x.index(0, 1)?)
            }),
        ),
        ("at add", One(|s| s.x.at(nx::positions((slice(..), &s.n)))?.add(&s.y))),
        (
            "at add",
            One(|s| {
                let bins = NamedArray::zeros([("bin", 3)], DType::F32)?;
                bins.at([("bin", &s.n)])?.add(s.x.index(0, 0)?)?.untag("bin")
            }),
        ),
        (
            "at multiply divide power",
            Several(|s| {
                let at = s.x.abs()?.at(nx::positions((&s.i,)))?;
                several([at.multiply(&s.s)?, at.divide(&s.s)?, at.power(2.0)?])
            }),
        ),
        (
            "at min max",
            Several(|s| {
                let at = s.x.at(nx::positions((slice(..), &s.i)))?;
                several([at.min(&s.s)?, at.max(s.y.index(1, 0)?)?])
            }),
        ),
        ("at apply", One(|s| s.x.at(nx::positions((&s.i,)))?.apply(|part| part.mul(&s.s)?.exp()))),
    ]
}

fn products() -> Vec<(&'static str, Operation)> {
    vec![
        ("contract", One(|s| nx::contract("q", &named(s)?, &s.y.tag(["r", "q"])?)?.untag(["p", "r"]))),
        ("contract", One(|s| nx::contract(["p", "q"], &named(s)?, &s.y.tag(["p", "q"])?))),
        ("contract", One(|s| nx::contract("q", &named(s)?, &s.n.tag("q")?)?.untag("p"))),
        (
            "einsum",
            One(|s| {
                let (x, y, n) = (named(s)?, s.y.tag(["r", "q"])?, s.n.tag("q")?);
                nx::einsum(&[&x, &y, &n, &s.s], ["r", "p"])?.untag(["p", "r"])
            }),
        ),
        (
            "einsum",
            One(|s| nx::einsum!("p q, r q -> r p", named(s)?, s.y.tag(["r", "q"])?)?.untag(["p", "r"])),
        ),
        (
            "tensordot outer",
            Several(|s| several([nx::tensordot(&s.x, &s.y, [(1, 1)])?, nx::outer(&s.n, &s.y.index(1, 0)?)?])),
        ),
        (
            "order_as",
            One(|s| nx::rearrange!("p q=(m n) -> m np=(n p)", named(s)?, m = 2)?.untag(["m", "np"])),
        ),
        ("conv", One(|s| s.x.conv(&s.y.slice(1, ..2)?.index(0, 0)?, &Conv::over([Slide::along(1).by(0)])))),
        (
            "conv",
            One(|s| {
                let kernel = s.y.slice(1, ..2)?.tag(["p", "q"])?;
                named(s)?.conv(&kernel, &Conv::over([Slide::along("q")]).contracting("p"))?.untag("q")
            }),
        ),
    ]
}

fn drawn() -> Vec<(&'static str, Operation)> {
    vec![
        ("to_keys random_split", One(|s| s.key.to_keys().random_split([2]))),
        (
            "random_split bits",
            One(|s| s.key.random_split([("z", 2)])?.bits([3], DType::U32)?.untag_prefix("z")),
        ),
        ("fold_in", One(|s| s.key.fold_in(&s.i)?.uniform([2], DType::F32))),
        ("key_data wrap_key_data", One(|s| s.key.key_data()?.wrap_key_data())),
        (
            "uniform uniform_range",
            Several(|s| {
                several([s.key.uniform([2, 3], DType::F32)?, s.key.uniform_range((), -2.0..1.0, DType::F64)?])
            }),
        ),
        ("normal", One(|s| s.key.normal([3], DType::F32)?.mul(&s.s))),
        (
            "truncated_normal gumbel exponential",
            Several(|s| {
                let truncated = s.key.truncated_normal([3], -1.0..2.0, DType::F32)?;
                several([truncated, s.key.gumbel([2], DType::F32)?, s.key.exponential([2], DType::F32)?])
            }),
        ),
        ("bernoulli", One(|s| s.key.bernoulli([4], s.s.mul(0.5)?))),
        ("bernoulli", One(|s| s.key.bernoulli([3, 4], s.x.sigmoid()?))),
        ("randint", One(|s| s.key.randint([5], -3..10, DType::I32))),
        ("categorical", One(|s| s.key.categorical(&s.x, 1))),
        // One key for all slices: each draws what it would draw alone.
        ("categorical", One(|s| pz::random::Key::new(5).categorical(&s.x, 1))),
        ("categorical", One(|s| s.key.categorical(&named(s)?.mul(&s.s)?, "q")?.untag("p"))),
        (
            "permutation",
            Several(|s| {
                several([s.key.permutation(&s.x, 1)?, pz::random::Key::new(5).permutation(&s.x, 0)?])
            }),
        ),
        ("choice", One(|s| s.key.choice(&s.n.tag("q")?, "q", [3]))),
        (
            "choice",
            One(|s| {
                s.key.choice(&named(s)?, Choice::along("q").without_replacement(), [2])?.untag_prefix("p")
            }),
        ),
        (
            "choice",
            One(|s| {
                let weights = s.x.index(0, 0)?.softmax(0)?.tag("q")?;
                s.key.choice(&s.n.tag("q")?, Choice::along("q").weighted(&weights), [3])
            }),
        ),
        (
            "choice",
            One(|s| {
                let weights = s.x.index(0, 0)?.softmax(0)?.tag("q")?;
                let choice = Choice::along("q").weighted(&weights).without_replacement();
                pz::random::Key::new(5).choice(&named(s)?, choice, [2])?.untag_prefix("p")
            }),
        ),
    ]
}
