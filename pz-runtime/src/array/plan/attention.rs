//! Attention in a graph: scores that nobody holds, and the step that computes their product with values without them.
//!
//! From a product `weights · values` this goes back through a softmax, and from there through whatever elementwise
//! operations and views there are to a product `queries · keys`: scales, caps, masks, in any order of axes. Operations
//! that have an element for every score become code that runs on tiles; what is smaller (positions, a scale) is read.
//! All that depends on the scores must be wanted by nobody, and used by nothing else: a gradient that walks back over
//! them, or a user who looks at them, gets the single operations, whose result differs in the last bits (see
//! `kernels/attention` for the bound). `PZ_FUSE=exact` turns this off.

use std::sync::LazyLock;

use smallvec::SmallVec;

use super::check;
use super::collect::Entry;
use crate::array::dtype::DType;
use crate::array::kernels::attention::{Attention, Axis, Meaning, Operation, Place, Scores};
use crate::array::kernels::fused::Operand;
use crate::array::kernels::reduce::Reduction;
use crate::array::layout::Dims;
use crate::array::ops::contract::DOT;
use crate::array::ops::elementwise::{arithmetic, bits, compare, exponential};
use crate::array::ops::movement::{BROADCAST, PERMUTE};
use crate::array::params::{Pairs, Params};
use crate::array::primitive::{Kernel, Primitive};
use crate::array::setting;

/// Operations between products and scores at most.
const MAX_CODE: usize = 24;
/// Queries from which tiles pay.
const FEWEST_QUERIES: usize = 16;
/// Scores of one head from which tiles pay: fewer stay in the caches anyway.
const FEWEST_SCORES: usize = 1 << 17;

static EXACT: LazyLock<bool> = LazyLock::new(|| {
    let parse = |text: &str| (text == "exact").then_some(true);
    setting::read("PZ_FUSE", "exact", parse, || (false, "fusing attention".to_owned()))
});

/// An attention that was found: the entries it reads, and what is to be done.
pub(super) struct Found {
    pub(super) inputs: SmallVec<[u32; 3]>,
    pub(super) attention: Attention,
}

/// For each entry of a graph the attention whose result it is, if it is one.
pub(super) fn find(entries: &[Entry], inputs: &[SmallVec<[u32; 3]>]) -> Vec<(usize, Found)> {
    let products = entries.iter().filter(|entry| is(entry, &DOT)).count();
    if products < 2 || check::is_on() || *EXACT {
        return Vec::new();
    }
    let graph = Search { entries, inputs, uses: uses(entries, inputs) };
    (0..entries.len()).filter_map(|index| Some((index, graph.attention(index)?))).collect()
}

fn is(entry: &Entry, op: &'static Primitive) -> bool {
    !entry.is_leaf && entry.node.op == Some(op)
}

/// How often each entry is used by those that somebody needs.
fn uses(entries: &[Entry], inputs: &[SmallVec<[u32; 3]>]) -> Vec<u32> {
    let mut uses = vec![0; entries.len()];
    for (index, entry) in entries.iter().enumerate().rev() {
        if entry.is_wanted || uses[index] > 0 {
            inputs[index].iter().for_each(|&input| uses[input as usize] += 1);
        }
    }
    uses
}

struct Search<'a> {
    entries: &'a [Entry],
    inputs: &'a [SmallVec<[u32; 3]>],
    uses: Vec<u32>,
}

/// For each axis of an entry the axis of the scores that it is; none where it is repeated along that.
type Map = SmallVec<[Option<usize>; 6]>;

/// One side of a product: its free axes, and the other parts of its pairs.
struct Side {
    entry: u32,
    batch: SmallVec<[usize; 6]>,
    contract: usize,
    free: SmallVec<[usize; 6]>,
}

impl Search<'_> {
    fn entry(&self, index: u32) -> &Entry {
        &self.entries[index as usize]
    }

    fn dims(&self, index: u32) -> &[usize] {
        &self.entry(index).node.spec.dims
    }

    fn params(&self, index: u32) -> &Params {
        &self.entry(index).node.params
    }

    fn operand(&self, index: u32, place: usize) -> Option<u32> {
        self.inputs[index as usize].get(place).copied()
    }

    fn is(&self, index: u32, op: &'static Primitive) -> bool {
        is(self.entry(index), op)
    }

    /// Both sides of a product of `f32` over one pair of axes.
    fn sides(&self, index: u32) -> Option<[Side; 2]> {
        let Params::Dot { batch, contract } = self.params(index) else { return None };
        let single =
            self.is(index, &DOT) && contract.len() == 1 && self.entry(index).node.spec.dtype == DType::F32;
        let side = |place: usize| {
            let pick = |pairs: &Pairs| -> SmallVec<[usize; 6]> {
                pairs.iter().map(|&(left, right)| if place == 0 { left } else { right }).collect()
            };
            let entry = self.operand(index, place)?;
            let (batch, contract) = (pick(batch), pick(contract)[0]);
            let free = |axis: &usize| !batch.contains(axis) && *axis != contract;
            let free = (0..self.dims(entry).len()).filter(free).collect();
            Some(Side { entry, batch, contract, free })
        };
        if single { Some([side(0)?, side(1)?]) } else { None }
    }

    /// The operand of a reduction over one axis, and the axis.
    fn reduced(&self, index: u32, reduction: Reduction) -> Option<(u32, usize)> {
        let entry = self.entry(index);
        match (entry.node.op.map(|op| op.kernel), self.params(index).axes()) {
            (Some(Kernel::Reduce(found)), &[axis]) if !entry.is_leaf && found == reduction => {
                Some((self.operand(index, 0)?, axis))
            }
            _ => None,
        }
    }

    /// What is reduced over an axis and repeated along it: the repetition's operand, what it was reduced from, the axis.
    fn repeated(&self, index: u32, reduction: Reduction) -> Option<(u32, u32, usize)> {
        let Params::Broadcast { dims, source } = self.params(index) else { return None };
        let small = self.operand(index, 0).filter(|_| self.is(index, &BROADCAST))?;
        let (from, axis) = self.reduced(small, reduction)?;
        let kept = (0..dims.len()).map(|place| match place.cmp(&axis) {
            std::cmp::Ordering::Less => Some(place),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(place - 1),
        });
        (source.iter().copied().eq(kept) && dims[..] == *self.dims(from)).then_some((small, from, axis))
    }

    fn attention(&self, out: usize) -> Option<Found> {
        let out = out as u32;
        let [left, right] = self.sides(out)?;
        self.of_weights(out, &left, &right, true).or_else(|| self.of_weights(out, &right, &left, false))
    }

    /// The attention whose weights are on one side of its last product.
    fn of_weights(&self, out: u32, weights: &Side, values: &Side, weights_first: bool) -> Option<Found> {
        let mut members = vec![out];
        // Through views, to the softmax.
        let (mut at, mut axes) = (weights.entry, (0..self.dims(weights.entry).len()).collect::<Dims>());
        while self.is(at, &PERMUTE) {
            members.push(at);
            let order = self.params(at).axes();
            let mut before: Dims = SmallVec::from_elem(0, order.len());
            order.iter().zip(&axes).for_each(|(&from, &axis)| before[from] = axis);
            (at, axes) = (self.operand(at, 0)?, before);
        }
        if !self.is(at, &arithmetic::DIV) {
            return None;
        }
        let (exps, total) = (self.operand(at, 0)?, self.operand(at, 1)?);
        let (sum, summed, keys) = self.repeated(total, Reduction::Sum)?;
        let shifted = self.operand(exps, 0).filter(|_| self.is(exps, &exponential::EXP))?;
        let scores = self.operand(shifted, 0).filter(|_| self.is(shifted, &arithmetic::SUB))?;
        let top = self.operand(shifted, 1)?;
        let (max, largest, along) = self.repeated(top, Reduction::Max)?;
        if summed != exps || largest != scores || along != keys {
            return None;
        }
        members.extend([at, total, sum, exps, shifted, top, max]);
        // Axis `a` of the scores is axis `places[a]` of the weights.
        let (dims, places) = (Dims::from_slice(self.dims(scores)), axes);
        let value_axis = |axis: usize| {
            let place = places[axis];
            weights.batch.iter().position(|&batch| batch == place).map(|at| values.batch[at])
        };
        if places[keys] != weights.contract || values.free.len() != 1 {
            return None;
        }
        let mut code = Code {
            search: self,
            dims: &dims,
            keys,
            product: None,
            members,
            inputs: Vec::new(),
            code: Vec::new(),
            known: Vec::new(),
            depth: 0,
        };
        let result = code.operand(scores, (0..dims.len()).map(Some).collect())?.operand;
        let Code { product, members, inputs: read, code, .. } = code;
        let (product, map) = product?;
        if !self.is_closed(&members, out) {
            return None;
        }
        let [query, key] = self.queries_and_keys(product, &map, keys)?;
        // Queries stand along the longest axis that only they have.
        let is_theirs =
            |&axis: &usize| query.of[axis].is_some() && key.of[axis].is_none() && value_axis(axis).is_none();
        let rows = (0..dims.len()).filter(is_theirs).max_by_key(|&axis| dims[axis])?;
        let outer: Dims = (0..dims.len()).filter(|&axis| axis != rows && axis != keys).collect();
        let (depth, width) = (self.dims(query.entry)[query.inner], self.dims(values.entry)[values.free[0]]);
        if !pays(dims[rows], dims[keys]) || depth == 0 || width == 0 {
            return None;
        }
        let axis = |axis: usize| match outer.iter().position(|&known| known == axis) {
            Some(place) => Axis::Outer(place),
            None if axis == rows => Axis::Query,
            None => Axis::Key,
        };
        let place = |entry: u32, of: &dyn Fn(usize) -> Option<usize>, inner: Option<usize>| -> Place {
            let mut place: Place = SmallVec::from_elem(None, self.dims(entry).len());
            inner.into_iter().for_each(|inner| place[inner] = Some(Axis::Inner));
            (0..dims.len()).for_each(|score| {
                if let Some(own) = of(score) {
                    place[own] = Some(axis(score))
                }
            });
            place
        };
        let mut input_places = vec![
            place(query.entry, &|axis| query.of[axis], Some(query.inner)),
            place(key.entry, &|axis| key.of[axis], Some(key.inner)),
            place(
                values.entry,
                &|axis| if axis == keys { Some(values.contract) } else { value_axis(axis) },
                Some(values.free[0]),
            ),
        ];
        let mut inputs: SmallVec<[u32; 3]> = SmallVec::from_slice(&[query.entry, key.entry, values.entry]);
        for (entry, map) in read {
            inputs.push(entry);
            input_places.push(map.iter().map(|from| from.map(axis)).collect());
        }
        let score_axis = |place: usize| places.iter().position(|&known| known == place);
        let batch = weights.batch.iter().map(|&place| score_axis(place).map(axis));
        let free = weights.free.iter().map(|&place| score_axis(place).map(axis));
        let width_axis = std::iter::once(Some(Axis::Inner));
        let out: Option<SmallVec<[Axis; 6]>> = match weights_first {
            true => batch.chain(free).chain(width_axis).collect(),
            false => batch.chain(width_axis).chain(free).collect(),
        };
        let attention = Attention {
            outer: outer.iter().map(|&axis| dims[axis]).collect(),
            queries: dims[rows],
            keys: dims[keys],
            depth,
            width,
            places: input_places,
            scores: Scores { code, result },
            out: out?,
        };
        Some(Found { inputs, attention })
    }

    /// Whether nobody wants a member but the last, and nothing else uses one.
    fn is_closed(&self, members: &[u32], out: u32) -> bool {
        members.iter().all(|&member| {
            let inside = members.iter().flat_map(|&user| &self.inputs[user as usize]);
            let inside = inside.filter(|&&input| input == member).count();
            member == out || !self.entry(member).is_wanted && self.uses[member as usize] as usize == inside
        })
    }

    /// The sides of the product that scores begin with; `map` says which axis of the scores each axis of it is.
    fn queries_and_keys(&self, product: u32, map: &Map, keys: usize) -> Option<[Operands; 2]> {
        let [left, right] = self.sides(product)?;
        let of = |side: &Side, free_from: usize| {
            let mut of: Map = SmallVec::from_elem(None, map.len());
            let free = side.free.iter().enumerate().map(|(place, &axis)| (free_from + place, axis));
            let batch = side.batch.iter().copied().enumerate();
            batch.chain(free).for_each(|(place, axis)| {
                if let Some(score) = map[place] {
                    of[score] = Some(axis)
                }
            });
            Operands { entry: side.entry, of, inner: side.contract }
        };
        let batch = left.batch.len();
        let (left, right) = (of(&left, batch), of(&right, batch + left.free.len()));
        match (left.of[keys], right.of[keys]) {
            (None, Some(_)) => Some([left, right]),
            (Some(_), None) => Some([right, left]),
            _ => None,
        }
    }
}

/// Whether tiles are faster than whole scores.
fn pays(queries: usize, keys: usize) -> bool {
    queries >= FEWEST_QUERIES && queries.saturating_mul(keys) >= FEWEST_SCORES
}

/// Queries or keys: for each axis of the scores which of their axes it is, and the one that is summed over.
struct Operands {
    entry: u32,
    of: Map,
    inner: usize,
}

/// The way back from scores to the product that they begin with, and the code that leads there.
struct Code<'a> {
    search: &'a Search<'a>,
    dims: &'a Dims,
    keys: usize,
    product: Option<(u32, Map)>,
    members: Vec<u32>,
    inputs: Vec<(u32, Map)>,
    code: Vec<Operation>,
    known: Vec<(u32, Map, Term)>,
    /// Operations between the scores and where the search is.
    depth: usize,
}

/// Where a value is found, and whether it depends on the product.
#[derive(Clone, Copy)]
struct Term {
    operand: Operand,
    is_score: bool,
}

impl Code<'_> {
    /// Where a value is found whose axes are those of the scores that `map` says.
    fn operand(&mut self, mut entry: u32, mut map: Map) -> Option<Term> {
        let search = self.search;
        let mut views: SmallVec<[u32; 4]> = SmallVec::new();
        while let Some(from) = search.operand(entry, 0).filter(|_| !search.entry(entry).is_leaf) {
            map = match search.params(entry) {
                Params::Axes(order) if search.is(entry, &PERMUTE) => {
                    let mut before: Map = SmallVec::from_elem(None, order.len());
                    order.iter().zip(&map).for_each(|(&from, &axis)| before[from] = axis);
                    before
                }
                Params::Broadcast { dims, source } => {
                    let mut before: Map = SmallVec::from_elem(None, search.dims(from).len());
                    for (axis, &from_axis) in source.iter().enumerate() {
                        if let Some(at) = from_axis.filter(|&at| search.dims(from)[at] == dims[axis]) {
                            before[at] = map[axis];
                        }
                    }
                    before
                }
                _ => break,
            };
            views.push(entry);
            entry = from;
        }
        let term = self.value(entry, map)?;
        if term.is_score {
            self.members.extend(views);
        }
        Some(term)
    }

    /// As [`operand`](Code::operand), of what is no view.
    fn value(&mut self, index: u32, map: Map) -> Option<Term> {
        if let Some((.., term)) = self.known.iter().find(|(known, of, _)| *known == index && *of == map) {
            return Some(*term);
        }
        let (search, entry) = (self.search, self.search.entry(index));
        let is_every = map.len() == self.dims.len() && map.iter().all(Option::is_some);
        let has_keys = map.contains(&Some(self.keys));
        let term = match entry.node.op {
            Some(_) if search.is(index, &DOT) && is_every && self.product.is_none() => {
                self.product = Some((index, map.clone()));
                self.members.push(index);
                Term { operand: Operand::Register(0), is_score: true }
            }
            Some(Primitive { kernel: Kernel::Elementwise(function), name, .. })
                if !entry.is_leaf && !entry.is_wanted && has_keys && self.is_large(&map) =>
            {
                if self.depth >= MAX_CODE {
                    return None;
                }
                self.depth += 1;
                let mut args: SmallVec<[Operand; 3]> = SmallVec::new();
                let mut is_score = false;
                for &input in &search.inputs[index as usize] {
                    let term = self.operand(input, map.clone())?;
                    is_score |= term.is_score;
                    args.push(term.operand);
                }
                self.depth -= 1;
                if self.code.len() >= MAX_CODE {
                    return None;
                }
                if is_score {
                    self.members.push(index);
                }
                let (dtype, params) = (entry.node.spec.dtype, entry.node.params.clone());
                let meaning = meaning(entry.node.op);
                self.code.push(Operation { op: *function, name, params, args, dtype, meaning });
                Term { operand: Operand::Register(self.code.len()), is_score }
            }
            _ => {
                self.inputs.push((index, map.clone()));
                Term { operand: Operand::Input(self.inputs.len() - 1), is_score: false }
            }
        };
        self.known.push((index, map, term));
        Some(term)
    }

    /// Whether a value has more than an element for each key.
    fn is_large(&self, map: &Map) -> bool {
        map.iter().flatten().any(|&axis| axis != self.keys && self.dims[axis] > 1)
    }
}

fn meaning(op: Option<&'static Primitive>) -> Meaning {
    let known = [
        (&compare::LESS, Meaning::Less),
        (&compare::LESS_EQUAL, Meaning::LessEqual),
        (&bits::AND, Meaning::And),
        (&bits::OR, Meaning::Or),
        (&bits::NOT, Meaning::Not),
        (&arithmetic::ADD, Meaning::Add),
        (&arithmetic::SUB, Meaning::Sub),
        (&compare::SELECT, Meaning::Select),
    ];
    known.iter().find(|(known, _)| op == Some(*known)).map_or(Meaning::Other, |(_, meaning)| *meaning)
}
