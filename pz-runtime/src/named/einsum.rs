//! Sums of products of any number of arrays, by axis name.
//!
//! Arrays are contracted two at a time. For up to [`EXHAUSTIVE`] of them every order is weighed by the
//! multiplications that it takes; beyond, the cheapest pair is taken each time.

use super::axes::{OTHER_POSITION, POSITION};
use super::hidden::is_hidden;
use super::{Axis, NamedArray, Names, Role, contract};
use crate::array::caller;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// The number of arrays up to which all orders are weighed.
const EXHAUSTIVE: usize = 8;

/// Names as bits, in the order in which they first occur.
type NameSet = u128;

/// The sums of products of `arrays` over all axes that are not in `output`, which gives the order of those that are.
/// An axis that several arrays have is one axis. The order of the products is chosen by its cost.
///
/// # Errors
/// No arrays; an axis has two sizes; a name of the output is in no array or given twice; an array has positional axes.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4.], [("batch", 2), ("in", 2)])?;
/// let w = NamedArray::from_vec(vec![1f32, 0., 10., 1.], [("in", 2), ("hidden", 2)])?;
/// let v = NamedArray::from_vec(vec![1f32, -1.], [("hidden", 2)])?;
/// assert_eq!(nx::einsum(&[&x, &w, &v], "batch")?.to_vec::<f32>()?, [19., 39.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn einsum(arrays: &[&NamedArray], output: impl Names) -> Result<NamedArray> {
    let _call = caller::enter("einsum");
    let mut output = output.names();
    let mut known: Vec<(AxisName, usize)> = Vec::new();
    let mut problems = Vec::new();
    for (number, array) in arrays.iter().enumerate() {
        array.refuse_positional("einsum")?;
        for (name, size) in array.sized_names() {
            match known.iter().find(|(other, _)| *other == name) {
                Some((_, other)) if *other != size => problems.push(format!(
                    "the axis `{name}` has size {size} in array {number}, and {other} in one before it"
                )),
                Some(_) => {}
                None => known.push((name, size)),
            }
        }
    }
    for (place, name) in output.iter().enumerate() {
        if output[..place].contains(name) {
            problems.push(format!("the axis `{name}` of the output is given twice"));
        }
        if known.iter().all(|(other, _)| other != name) {
            problems.push(format!("the axis `{name}` of the output is in no array"));
        }
    }
    // What an `nmap` hides goes along.
    output.extend(known.iter().map(|(name, _)| *name).filter(|name| is_hidden(*name)));
    if arrays.is_empty() {
        problems.push("no arrays were given".into());
    }
    if known.len() > NameSet::BITS as usize {
        problems.push(format!("the arrays have {} axes together, more than {}", known.len(), NameSet::BITS));
    }
    if let Some(report) = Report::of("einsum", problems) {
        if arrays.is_empty() {
            return Err(report.help("give at least one array: `nx::einsum(&[&x, &y], \"a\")`").shape());
        }
        let axes: Vec<String> = arrays.iter().map(|array| format!("({})", array.axes_text())).collect();
        return Err(report.help(format!("the arrays have {}", axes.join(", "))).shape());
    }
    let bit = |name: &AxisName| known.iter().position(|(other, _)| other == name).map_or(0, |at| 1 << at);
    let sizes = known.iter().map(|&(_, size)| size as f64).collect();
    let masks =
        arrays.iter().map(|array| array.sized_names().iter().fold(0, |mask, (name, _)| mask | bit(name)));
    let costs =
        Costs { sizes, masks: masks.collect(), output: output.iter().fold(0, |mask, name| mask | bit(name)) };
    let dtype = arrays.iter().fold(arrays[0].dtype(), |dtype, array| dtype.promote(array.dtype()));
    let mut parts = arrays.iter().map(|array| Ok(Some(array.cast(dtype)?))).collect::<Result<Vec<_>>>()?;
    let is_kept = |name: &AxisName, kept: NameSet| kept & bit(name) != 0;
    for (left, right, kept) in costs.order() {
        let (Some(a), Some(b)) = (parts[left].take(), parts[right].take()) else {
            unreachable!("a part is used once");
        };
        parts[left] = Some(product(&a, &b, |name| is_kept(name, kept))?.cast(dtype)?);
    }
    let result = parts.into_iter().flatten().next().unwrap_or_else(|| arrays[0].clone());
    let summed = without(&result, |name| !output.contains(name))?;
    summed.cast(dtype)?.order_as(output.as_slice())
}

/// The sum over the axes for which `gone` is true.
fn without(array: &NamedArray, gone: impl Fn(&AxisName) -> bool) -> Result<NamedArray> {
    let names: Vec<AxisName> =
        array.sized_names().into_iter().map(|(name, _)| name).filter(|name| gone(name)).collect();
    if names.is_empty() { Ok(array.clone()) } else { array.sum(names) }
}

/// The product of two arrays, summed over axes that nobody needs any more: one array's own first, as that is cheap.
fn product(left: &NamedArray, right: &NamedArray, kept: impl Fn(&AxisName) -> bool) -> Result<NamedArray> {
    let has = |array: &NamedArray, name: &AxisName| array.axis_of(name).is_some();
    let a = without(left, |name| !kept(name) && !has(right, name))?;
    let b = without(right, |name| !kept(name) && !has(left, name))?;
    let shared = a.sized_names().into_iter().map(|(name, _)| name);
    let summed: Vec<AxisName> = shared.filter(|name| has(&b, name) && !kept(name)).collect();
    contract(summed, &a, &b)
}

/// What is needed to choose an order.
struct Costs {
    sizes: Vec<f64>,
    /// The axes of each array.
    masks: Vec<NameSet>,
    output: NameSet,
}

/// Two parts that are contracted, the first of which becomes the result, and the axes that it has then.
type Step = (usize, usize, NameSet);

impl Costs {
    /// The multiplications of a contraction of arrays with these axes together.
    fn cost(&self, axes: NameSet) -> f64 {
        self.sizes.iter().enumerate().filter(|(at, _)| axes >> at & 1 != 0).map(|(_, size)| size).product()
    }

    fn order(&self) -> Vec<Step> {
        if self.masks.len() <= EXHAUSTIVE { self.best() } else { self.cheapest_first() }
    }

    /// The axes that the product of a set of arrays has: those that somebody else needs.
    fn kept(&self, set: usize) -> NameSet {
        let (mut inside, mut outside) = (0, self.output);
        for (at, mask) in self.masks.iter().enumerate() {
            if set >> at & 1 != 0 { inside |= mask } else { outside |= mask }
        }
        inside & outside
    }

    /// The cheapest order of all, found for every set of arrays from the cheapest of its parts.
    fn best(&self) -> Vec<Step> {
        let all = (1usize << self.masks.len()) - 1;
        let mut cost = vec![0f64; all + 1];
        let mut split = vec![0usize; all + 1];
        for set in 1..=all {
            if set.is_power_of_two() {
                continue;
            }
            cost[set] = f64::INFINITY;
            // Every part that has the set's lowest array, so that each way is seen once.
            let low = set & set.wrapping_neg();
            let mut part = (set - 1) & set;
            while part > 0 {
                if part & low != 0 {
                    let here = self.cost(self.kept_or_own(part) | self.kept_or_own(set ^ part));
                    let total = here + cost[part] + cost[set ^ part];
                    if total < cost[set] || split[set] == 0 {
                        (cost[set], split[set]) = (total, part);
                    }
                }
                part = (part - 1) & set;
            }
        }
        let mut steps = Vec::new();
        let mut open = vec![all];
        while let Some(set) = open.pop() {
            if set.is_power_of_two() || set == 0 {
                continue;
            }
            let (left, right) = (split[set], set ^ split[set]);
            steps.push((left.trailing_zeros() as usize, right.trailing_zeros() as usize, self.kept(set)));
            open.extend([left, right]);
        }
        // A set comes before its parts so far.
        steps.reverse();
        steps
    }

    fn kept_or_own(&self, set: usize) -> NameSet {
        if set.is_power_of_two() { self.masks[set.trailing_zeros() as usize] } else { self.kept(set) }
    }

    /// The pair that costs least, again and again.
    fn cheapest_first(&self) -> Vec<Step> {
        let mut live: Vec<(usize, NameSet)> = self.masks.iter().copied().enumerate().collect();
        let mut steps = Vec::new();
        while live.len() > 1 {
            let pairs = (0..live.len()).flat_map(|a| (a + 1..live.len()).map(move |b| (a, b)));
            let cheapest = pairs.min_by(|&(a, b), &(c, d)| {
                self.cost(live[a].1 | live[b].1).total_cmp(&self.cost(live[c].1 | live[d].1))
            });
            let Some((a, b)) = cheapest else { break };
            let (right, taken) = live.remove(b);
            let others = live.iter().enumerate().filter(|(at, _)| *at != a);
            let needed = others.fold(self.output, |mask, (_, (_, axes))| mask | axes);
            live[a].1 = (live[a].1 | taken) & needed;
            steps.push((live[a].0, right, live[a].1));
        }
        steps
    }
}

/// The sums of products over pairs of axes, which need not have the same name: `("i", "j")` is the left array's `i`
/// and the right one's `j`. Pairs of positions are numpy's: the left array's other positional axes come before the
/// right one's.
///
/// # Errors
/// An axis is not there or given twice; the sizes of a pair differ; another axis is in both arrays.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4.], [("a", 2), ("i", 2)])?;
/// let y = NamedArray::from_vec(vec![1f32, 10.], [("j", 2)])?;
/// assert_eq!(nx::tensordot(&x, &y, [("i", "j")])?.to_vec::<f32>()?, [21., 43.]);
/// let (x, y) = (x.untag(["a", "i"])?, y.untag("j")?);
/// assert_eq!(nx::tensordot(&x, &y, [(1, 0)])?.to_vec::<f32>()?, [21., 43.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn tensordot<L: Into<Axis>, R: Into<Axis>>(
    left: &NamedArray,
    right: &NamedArray,
    pairs: impl IntoIterator<Item = (L, R)>,
) -> Result<NamedArray> {
    let _call = caller::enter("tensordot");
    let (ours, theirs): (Vec<Axis>, Vec<Axis>) =
        pairs.into_iter().map(|(ours, theirs)| (ours.into(), theirs.into())).unzip();
    left.numbers("tensordot", &ours)?;
    right.numbers("tensordot", &theirs)?;
    let names = |array: &NamedArray, axes: Vec<Axis>, kind: u64| {
        axes.into_iter().map(|axis| array.name_of("tensordot", axis, kind)).collect::<Result<Vec<_>>>()
    };
    let (ours, theirs) = (names(left, ours, POSITION)?, names(right, theirs, OTHER_POSITION)?);
    let (left, right) = (left.positions_named(POSITION)?, right.positions_named(OTHER_POSITION)?);
    paired(&left, &right, &ours, &theirs)?.positions_back(&[POSITION, OTHER_POSITION])
}

/// [`tensordot`] by name.
fn paired(
    left: &NamedArray,
    right: &NamedArray,
    ours: &[AxisName],
    theirs: &[AxisName],
) -> Result<NamedArray> {
    let (l, r) = (left.numbers("tensordot", ours)?, right.numbers("tensordot", theirs)?);
    let mut problems = Vec::new();
    for ((&l, &r), (ours, theirs)) in l.iter().zip(&r).zip(ours.iter().zip(theirs)) {
        let (a, b) = (left.array.dims()[l], right.array.dims()[r]);
        if a != b {
            problems.push(format!("`{ours}` of the left has size {a}, `{theirs}` of the right has size {b}"));
        }
    }
    let rest = right.sized_names().into_iter().map(|(name, _)| name).filter(|name| !theirs.contains(name));
    problems.extend(clashes(left, rest));
    if let Some(report) = Report::of("tensordot", problems) {
        return Err(report.help("rename one of them; `nx::contract` has shared axes as batch axes").shape());
    }
    contract(ours, left, &right.rename(theirs, ours)?)
}

/// All products of an element of one array and one of the other, which have no named axis in common. The left array's
/// positional axes come before the right one's.
///
/// # Errors
/// An axis is in both arrays.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_vec(vec![1, 2], [("a", 2)])?;
/// let y = NamedArray::from_vec(vec![3, 4], [("b", 2)])?;
/// assert_eq!(nx::outer(&x, &y)?.to_vec::<i32>()?, [3, 4, 6, 8]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn outer(left: &NamedArray, right: &NamedArray) -> Result<NamedArray> {
    let _call = caller::enter("outer");
    let (left, right) = (&left.positions_named(POSITION)?, &right.positions_named(OTHER_POSITION)?);
    let names = right.roles.iter().copied().filter_map(Role::name);
    match Report::of("outer", clashes(left, names)) {
        Some(report) => {
            Err(report.help("rename one of them; `x.mul(&y)` multiplies along shared axes").shape())
        }
        None => left.mul(right)?.positions_back(&[POSITION, OTHER_POSITION]),
    }
}

fn clashes(left: &NamedArray, names: impl Iterator<Item = AxisName>) -> Vec<String> {
    let shared = names.filter(|name| left.axis_of(name).is_some() && !is_hidden(*name));
    shared
        .map(|name| format!("the axis `{name}` is in both arrays; the left has ({})", left.axes_text()))
        .collect()
}
