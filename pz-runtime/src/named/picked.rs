//! The elements at computed places, read and updated: gathers and scatters by Penzai's rules.
//!
//! Named axes are vectorised over: an axis that places share with the array is walked along with it (the diagonal, what
//! `take_along_axis` does), one that only the places have is new in the result. Positional axes of places are a list: a
//! read has them before the array's own, and an update puts a whole list of values into one array.

use smallvec::SmallVec;

use super::arithmetic::Operand;
use super::{NamedArray, OutOfRange, Role, Roles};
use crate::array::Array;
use crate::array::layout::Dims;
use crate::array::ops::scatter::SCATTER_SET;
use crate::array::params::{AxisList, Beyond, Params};
use crate::array::primitive::Primitive;
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// Elements of an array at computed places along axes, which are given by number.
pub(super) struct Picked<'a> {
    pub(super) array: &'a NamedArray,
    pub(super) axes: Vec<usize>,
    pub(super) places: Vec<NamedArray>,
    pub(super) out_of_range: OutOfRange,
    /// Where the elements are one block, in which each axis has its own list of places or a single one: the first
    /// place along each axis. A block is set as one, and not element by element.
    pub(super) window: Option<Vec<usize>>,
}

/// The array with a block of it set. `values` has the block's longer axes in front, then the array's others.
fn window_set(array: &Array, axes: &[usize], starts: &[usize], values: &Array) -> Result<Array> {
    let rest = array.dims().len() - axes.len();
    let lists = values.dims().len() - rest;
    let mut behind = lists..;
    let source: SmallVec<[Option<usize>; 6]> = (0..array.dims().len())
        .map(|axis| match axes.iter().position(|known| *known == axis) {
            Some(at) => (at < lists).then_some(at),
            None => behind.next(),
        })
        .collect();
    let dims: Dims = source.iter().map(|from| from.map_or(1, |axis| values.dims()[axis])).collect();
    let starts: Vec<Array> = starts.iter().map(|&start| Array::scalar(start as i64)).collect();
    let update = values.broadcast(&dims, &source)?;
    array.dynamic_update_slices(axes, &update, &starts.iter().collect::<Vec<_>>())
}

/// Places brought to one shape.
struct Joint {
    /// Positional axes, then named ones.
    roles: Roles,
    dims: Dims,
    /// The sizes of the positional ones.
    positional: Vec<usize>,
}

impl Joint {
    fn names(&self) -> impl Iterator<Item = (AxisName, usize)> + '_ {
        let sized = self.roles.iter().zip(&self.dims);
        sized.filter_map(|(role, &size)| role.name().map(|name| (name, size)))
    }

    /// The role of an axis of the array when it stands behind those of the places.
    fn behind(&self, role: Role) -> Role {
        match role {
            Role::Positional(number) => Role::Positional(self.positional.len() + number),
            named @ Role::Named(_) => named,
        }
    }
}

impl Picked<'_> {
    /// The elements. The result has the array's named axes that are not indexed, those that only the places have, and
    /// as positional axes those of the places, then the array's.
    pub(super) fn get(mut self) -> Result<NamedArray> {
        self.guard()?;
        let joint = self.joint("at")?;
        self.refuse_empty(&joint)?;
        let beyond = match self.out_of_range {
            OutOfRange::Lenient if !joint.positional.is_empty() => Beyond::Nearest,
            OutOfRange::Lenient | OutOfRange::Clip => Beyond::Clip,
            OutOfRange::Fill => Beyond::Fill,
            OutOfRange::Fail => Beyond::Fail,
        };
        let (axes, indices) = self.indices(&joint, self.array, &self.axes)?;
        let params = self.params(&axes, beyond);
        let array = self.array.array.gather_at(params, &indices.iter().collect::<Vec<_>>())?;
        let roles = &self.array.roles;
        let rest = (0..roles.len()).filter(|axis| !axes.contains(axis));
        let all: Roles =
            joint.roles.iter().copied().chain(rest.map(|axis| joint.behind(roles[axis]))).collect();
        // The array's names in their order, whether places have them or not; then the new ones.
        let kept = (0..roles.len())
            .filter(|axis| !roles[*axis].is_positional() && !self.axes.contains(axis))
            .filter_map(|axis| all.iter().position(|role| *role == roles[axis]));
        let mut order: Dims = kept.collect();
        let others = (0..all.len()).filter(|at| !order.contains(at)).collect::<Vec<_>>();
        order.extend(others);
        let roles = order.iter().map(|&axis| all[axis]).collect();
        NamedArray::result(array.permute(&order)?, roles)
    }

    /// The array with `values` put to the elements, as `primitive` says. The indexed axes come last among the names.
    pub(super) fn update(
        mut self,
        op: &str,
        primitive: &'static Primitive,
        values: Operand,
    ) -> Result<NamedArray> {
        self.guard()?;
        let joint = self.joint(op)?;
        let dtype = self.array.dtype();
        if values.kind() > dtype.kind() {
            let problem = format!("the array is {dtype}, and cannot hold values of a higher kind");
            return Err(Report::new(op, problem)
                .help("cast one of them: `x.cast(…)`, `values.cast(…)`")
                .dtype());
        }
        let values = values.into_array(dtype)?;
        self.judge_values(op, &joint, &values)?;
        let new: Vec<(AxisName, usize)> = joint
            .names()
            .chain(values.sized_names())
            .filter(|(name, _)| self.array.axis_of(name).is_none())
            .collect();
        let target = self.array.broadcast_to(new)?;
        // New axes stand among the others, which are then in other places.
        let own = self.axes.iter().map(|&axis| self.array.roles[axis]);
        let own: Vec<usize> =
            own.filter_map(|role| target.roles.iter().position(|known| *known == role)).collect();
        let (axes, indices) = self.indices(&joint, &target, &own)?;
        let rest = (0..target.roles.len()).filter(|axis| !axes.contains(axis));
        let (mut roles, mut dims) = (joint.roles.clone(), joint.dims.clone());
        for axis in rest {
            roles.push(joint.behind(target.roles[axis]));
            dims.push(target.array.dims()[axis]);
        }
        let beyond = match self.out_of_range {
            OutOfRange::Lenient | OutOfRange::Fill => Beyond::Zero,
            OutOfRange::Clip => Beyond::Clip,
            OutOfRange::Fail => Beyond::Fail,
        };
        let values = values.aligned(&roles, &dims)?;
        let array = match &self.window {
            Some(starts) if std::ptr::eq(primitive, &SCATTER_SET) => {
                window_set(&target.array, &axes, starts, &values)?
            }
            _ => {
                let indices: Vec<&Array> = indices.iter().collect();
                target.array.scatter_at(primitive, self.params(&axes, beyond), &indices, &values)?
            }
        };
        NamedArray::along(array, &target.roles, &own)
    }

    /// The parameters of the operation on these axes, of which the first are those that were asked for.
    fn params(&self, axes: &[usize], beyond: Beyond) -> Params {
        let asked = self.axes.iter().map(|&axis| self.array.roles[axis].called());
        let called = if beyond == Beyond::Fail { asked.collect() } else { [].into() };
        Params::Places { axes: AxisList::from_slice(axes), beyond, called }
    }

    /// Where a place out of range is a failure, has it be one for those slices alone that count.
    fn guard(&mut self) -> Result<()> {
        if self.out_of_range == OutOfRange::Fail {
            for places in &mut self.places {
                *places = places.guarded(0)?;
            }
        }
        Ok(())
    }

    /// The common shape of the places, judged with the array's axes.
    fn joint(&self, op: &str) -> Result<Joint> {
        let mut problems = Vec::new();
        let mut named: Vec<(AxisName, usize)> = Vec::new();
        let mut positional: Vec<usize> = Vec::new();
        for (&axis, places) in self.axes.iter().zip(&self.places) {
            let along = self.array.roles[axis];
            for (name, size) in places.sized_names() {
                let kept = self.array.axis_of(name).filter(|axis| !self.axes.contains(axis));
                if let Some(kept) = kept.filter(|&kept| self.array.array.dims()[kept] != size) {
                    let own = self.array.array.dims()[kept];
                    problems.push(format!(
                        "the axis `{name}` has size {own} in the array and {size} in the places along `{along:?}`"
                    ));
                }
                match named.iter().find(|(known, _)| *known == name) {
                    Some((_, known)) if *known != size => problems.push(format!(
                        "the axis `{name}` has size {size} in the places along `{along:?}` and {known} in others"
                    )),
                    Some(_) => {}
                    None => named.push((name, size)),
                }
            }
            let shape = places.positional_shape();
            for (at, &size) in shape.iter().rev().enumerate() {
                match positional.len().checked_sub(at + 1) {
                    None => positional.insert(0, size),
                    Some(place) if positional[place] == size || size == 1 => {}
                    Some(place) if positional[place] == 1 => positional[place] = size,
                    Some(_) => problems.push(format!(
                        "the positional shape {shape:?} of the places along `{along:?}` does not broadcast to the \
                         others' {positional:?}"
                    )),
                }
            }
        }
        if let Some(report) = Report::of(op, problems) {
            let axes = format!("the array has ({})", self.array.axes_text());
            return Err(report.help(format!("{axes}; slice one side, or rename its axis")).shape());
        }
        let roles = (0..positional.len()).map(Role::Positional);
        Ok(Joint {
            roles: roles.chain(named.iter().map(|(name, _)| Role::Named(*name))).collect(),
            dims: positional.iter().copied().chain(named.iter().map(|&(_, size)| size)).collect(),
            positional,
        })
    }

    fn refuse_empty(&self, joint: &Joint) -> Result<()> {
        let reads_nearest = matches!(self.out_of_range, OutOfRange::Lenient | OutOfRange::Clip);
        let empty = self.axes.iter().find(|&&axis| self.array.array.dims()[axis] == 0);
        match empty {
            Some(&axis) if reads_nearest && !joint.dims.contains(&0) => {
                let role = self.array.roles[axis];
                let problem = format!("{} has size 0, so there is nothing to take", role.called());
                Err(Report::new("at", problem)
                    .help("`.out_of_range(OutOfRange::Fill)` reads NaN where there is nothing")
                    .shape())
            }
            _ => Ok(()),
        }
    }

    /// Which axes of `target` are indexed, and by what: those that were given, its `own`, and by counts those that the
    /// places have in common with it.
    fn indices(&self, joint: &Joint, target: &NamedArray, own: &[usize]) -> Result<(Vec<usize>, Vec<Array>)> {
        let mut axes = own.to_vec();
        let places = self.places.iter().map(|places| places.aligned(&joint.roles, &joint.dims));
        let mut indices = places.collect::<Result<Vec<Array>>>()?;
        for (name, size) in joint.names() {
            let shared = target.axis_of(name).filter(|axis| !own.contains(axis));
            if let Some(axis) = shared {
                let count = NamedArray::arange(name, size);
                axes.push(axis);
                indices.push(count.aligned(&joint.roles, &joint.dims)?);
            }
        }
        Ok((axes, indices))
    }

    fn judge_values(&self, op: &str, joint: &Joint, values: &NamedArray) -> Result<()> {
        let mut problems = Vec::new();
        let indexed =
            |name: AxisName| self.axes.iter().any(|&axis| self.array.roles[axis] == Role::Named(name));
        for (name, _) in joint.names().filter(|(name, _)| indexed(*name)) {
            problems.push(format!("the places have the axis `{name}`, which is indexed"));
        }
        for (name, size) in values.sized_names() {
            if indexed(name) {
                problems.push(format!("the values have the axis `{name}`, which is indexed"));
            }
            let places = joint.names().find(|(known, _)| *known == name).map(|(_, size)| size);
            let known = self.array.size(name).filter(|_| !indexed(name)).or(places);
            if let Some(known) = known.filter(|&known| known != size) {
                problems.push(format!(
                    "the axis `{name}` has size {known} in the array or the places, and {size} in the values"
                ));
            }
        }
        let mut wanted = joint.positional.clone();
        wanted.extend(self.array.positional_shape());
        let shape = values.positional_shape();
        let suffix = wanted.iter().rev().zip(shape.iter().rev());
        if shape.len() > wanted.len() || !suffix.into_iter().all(|(&to, &from)| from == to || from == 1) {
            problems.push(format!(
                "the values' positional shape {shape:?} does not broadcast to {wanted:?}, that of the places and the array"
            ));
        }
        match Report::of(op, problems) {
            Some(report) => Err(report
                .help(
                    "a list of places and values is positional: `places.untag(\"k\")`, `values.untag(\"k\")`",
                )
                .shape()),
            None => Ok(()),
        }
    }
}
