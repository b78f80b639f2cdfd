//! Elements at computed places, read and updated: `x.at([("a", &i), ("b", &j)])?.add(&values)`.
//!
//! Penzai's rules, by way of [`At`]. Named axes are vectorised over: an axis that places share with the array is
//! walked along with it (the diagonal, what `take_along_axis` does), one that only the places have is new in the
//! result. Positional axes of places are a list: a read has them in front, and an update puts a whole list of
//! values into one array. What an index out of range means is said by [`OutOfRange`], or is JAX's custom.

use super::arithmetic::Operand;
use super::{NamedArray, Role, Roles};
use crate::array::layout::Dims;
use crate::array::ops::scatter::{SCATTER_ADD, SCATTER_MAX, SCATTER_MIN, SCATTER_MUL, SCATTER_SET};
use crate::array::params::Beyond;
use crate::array::primitive::Primitive;
use crate::array::{Array, DKind, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// What an index means that is out of range. In all cases one below 0 counts from the end, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutOfRange {
    /// JAX's custom for indexing, on which Penzai relies: a read gives the nearest element, and an update is left out.
    /// The gradient of a read goes back to the nearest element where all places are named, and is lost where there
    /// is a list of them.
    #[default]
    Lenient,
    /// The nearest element is meant, in reads, updates and gradients.
    Clip,
    /// A read gives NaN (the smallest signed integer, the largest unsigned one, `true`), an update is left out.
    Fill,
    /// Reading the result is an error that names the index, the size of the axis, and the call.
    Fail,
}

/// Places of an array: what [`NamedArray::at`] gives.
#[derive(Clone, Debug)]
pub struct At<'a> {
    array: &'a NamedArray,
    axes: Vec<usize>,
    places: Vec<NamedArray>,
    out_of_range: OutOfRange,
}

impl NamedArray {
    /// The elements at computed places along one axis or several, to be read or updated. The places of the axes
    /// belong together: they broadcast against each other by name.
    ///
    /// # Errors
    /// An axis is not there or given twice; places are not integers.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("a", 2), ("b", 3)])?;
    /// let (i, j) = (NamedArray::from_vec(vec![0, 1], [("k", 2)])?, NamedArray::from_vec(vec![2, -3], [("k", 2)])?);
    /// assert_eq!(x.at([("a", &i), ("b", &j)])?.get()?.to_vec::<f32>()?, [3., 4.]);
    /// // A list of places, to one array: positional axes.
    /// let counts = NamedArray::zeros([("bin", 4)], pz::DType::I32)?;
    /// let bins = NamedArray::from_positional(vec![3, 1, 3], &[3])?;
    /// assert_eq!(counts.at([("bin", &bins)])?.add(1)?.to_vec::<i32>()?, [0, 1, 0, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn at<'p, N: Into<AxisName>>(
        &self,
        places: impl IntoIterator<Item = (N, &'p NamedArray)>,
    ) -> Result<At<'_>> {
        let (names, places): (Vec<AxisName>, Vec<NamedArray>) =
            places.into_iter().map(|(name, places)| (name.into(), places.clone())).unzip();
        let axes = self.numbers("at", &names)?.to_vec();
        if axes.is_empty() {
            return Err(Report::new("at", "no axis was given")
                .help("name one: `x.at([(\"a\", &i)])`")
                .shape());
        }
        let other = names.iter().zip(&places).filter(|(_, places)| places.dtype().kind() != DKind::Int);
        let problems = other.map(|(name, places)| {
            format!("the places along `{name}` are {}, and must be integers", places.dtype())
        });
        match Report::of("at", problems.collect()) {
            Some(report) => Err(report.help("cast them: `places.cast(DType::I32)`").dtype()),
            None => Ok(At { array: self, axes, places, out_of_range: OutOfRange::default() }),
        }
    }

    /// The elements at computed places of an axis: [`at`](NamedArray::at) one axis. The result has this array's
    /// other axes, then those of `places` that this array has not; along an axis that both have, each place is
    /// looked up in its own part of the array, as numpy's `take_along_axis` does.
    ///
    /// As in Penzai, negative places count from the end and all are clamped to the axis.
    ///
    /// # Errors
    /// The axis is not there or has size 0; places are not integers; a shared axis has two sizes.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4., 5., 6.], [("a", 2), ("b", 3)])?;
    /// let best = NamedArray::from_vec(vec![2, 0], [("a", 2)])?;
    /// assert_eq!(x.take("b", &best)?.to_vec::<f32>()?, [3., 4.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn take(&self, axis: impl Into<AxisName>, places: &NamedArray) -> Result<NamedArray> {
        let _place = caller::enter();
        self.at([(axis, places)])?.get()
    }
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

    /// The number of an axis among those of the places.
    fn position(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|known| *known == role)
    }
}

macro_rules! updates {
    ($($(#[$doc:meta])* $name:ident $OP:ident;)*) => {
        impl At<'_> {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// Sizes differ; the values have a named axis that is indexed, or are of a higher kind than the array.
                #[track_caller]
                pub fn $name(&self, values: impl Into<Operand>) -> Result<NamedArray> {
                    let _place = caller::enter();
                    self.update(stringify!($name), &$OP, values.into())
                }
            )*
        }
    };
}
updates! {
    /// The array with `values` in place of the elements. Of several at one place, the last stays.
    set SCATTER_SET;
    /// The array with `values` added to the elements.
    add SCATTER_ADD;
    /// The array with the elements multiplied by `values`.
    multiply SCATTER_MUL;
    /// The array with the smaller of elements and `values`.
    min SCATTER_MIN;
    /// The array with the larger of elements and `values`.
    max SCATTER_MAX;
}

impl At<'_> {
    /// Says what an index out of range means.
    #[must_use]
    pub fn out_of_range(mut self, what: OutOfRange) -> Self {
        self.out_of_range = what;
        self
    }

    /// The elements. The result has the places' positional axes, the array's, the array's named axes that are not
    /// indexed, and those that only the places have.
    ///
    /// # Errors
    /// An axis has two sizes; an indexed axis has size 0.
    #[track_caller]
    pub fn get(&self) -> Result<NamedArray> {
        let _place = caller::enter();
        let joint = self.joint("at")?;
        self.refuse_empty(&joint)?;
        let beyond = match self.out_of_range {
            OutOfRange::Lenient if !joint.positional.is_empty() => Beyond::Nearest,
            OutOfRange::Lenient | OutOfRange::Clip => Beyond::Clip,
            OutOfRange::Fill => Beyond::Fill,
            OutOfRange::Fail => Beyond::Fail,
        };
        let (axes, indices) = self.indices(&joint, self.array)?;
        let array = self.array.array.gather(&axes, beyond, &indices.iter().collect::<Vec<_>>())?;
        let roles = &self.array.roles;
        let rest: Vec<usize> = (0..roles.len()).filter(|axis| !axes.contains(axis)).collect();
        let all: Roles = joint.roles.iter().copied().chain(rest.iter().map(|&axis| roles[axis])).collect();
        let lead = joint.roles.len();
        let place = |axis: usize| rest.iter().position(|&known| known == axis).map(|at| lead + at);
        let positional = (0..roles.len()).filter(|&axis| roles[axis] == Role::Positional).filter_map(place);
        let kept = (0..roles.len())
            .filter(|&axis| roles[axis] != Role::Positional && !self.axes.contains(&axis))
            .filter_map(|axis| place(axis).or_else(|| joint.position(roles[axis])));
        let mut order: Dims = (0..joint.positional.len()).chain(positional).chain(kept).collect();
        let new = (0..lead).filter(|at| !order.contains(at)).collect::<Vec<_>>();
        order.extend(new);
        NamedArray::new(array, all).permuted(&order)
    }

    fn update(&self, op: &'static str, primitive: &'static Primitive, values: Operand) -> Result<NamedArray> {
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
            .chain(values.named_shape())
            .filter(|(name, _)| self.array.axis_of(name.as_str()).is_none())
            .collect();
        let target = self.array.broadcast_to(new)?;
        let (axes, indices) = self.indices(&joint, &target)?;
        let rest = (0..target.roles.len()).filter(|axis| !axes.contains(axis));
        let (mut roles, mut dims) = (joint.roles.clone(), joint.dims.clone());
        for axis in rest {
            roles.push(target.roles[axis]);
            dims.push(target.array.dims()[axis]);
        }
        let beyond = match self.out_of_range {
            OutOfRange::Lenient | OutOfRange::Fill => Beyond::Zero,
            OutOfRange::Clip => Beyond::Clip,
            OutOfRange::Fail => Beyond::Fail,
        };
        let values = values.aligned(&roles, &dims)?;
        let indices: Vec<&Array> = indices.iter().collect();
        let array = target.array.scatter(primitive, &axes, beyond, &indices, &values)?;
        let is_indexed = |axis: &usize| self.axes.contains(axis);
        let positional = (0..target.roles.len()).filter(|&axis| target.roles[axis] == Role::Positional);
        let named = (0..target.roles.len()).filter(|&axis| target.roles[axis] != Role::Positional);
        let order: Dims = positional
            .chain(named.filter(|axis| !is_indexed(axis)))
            .chain(self.axes.iter().copied())
            .collect();
        NamedArray::new(array, target.roles).permuted(&order)
    }

    /// The common shape of the places, judged with the array's axes.
    fn joint(&self, op: &str) -> Result<Joint> {
        let mut problems = Vec::new();
        let mut named: Vec<(AxisName, usize)> = Vec::new();
        let mut positional: Vec<usize> = Vec::new();
        for (&axis, places) in self.axes.iter().zip(&self.places) {
            let along = self.array.roles[axis];
            for (name, size) in places.named_shape() {
                let kept = self.array.axis_of(name.as_str()).filter(|axis| !self.axes.contains(axis));
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
        let roles = positional.iter().map(|_| Role::Positional);
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
                let problem = format!("the axis `{role:?}` has size 0, so there is nothing to take");
                Err(Report::new("at", problem)
                    .help("`.out_of_range(OutOfRange::Fill)` reads NaN where there is nothing")
                    .shape())
            }
            _ => Ok(()),
        }
    }

    /// Which axes of `target` are indexed, and by what: those that were given, and by counts those that the places
    /// have in common with it.
    fn indices(&self, joint: &Joint, target: &NamedArray) -> Result<(Vec<usize>, Vec<Array>)> {
        let mut axes = self.axes.clone();
        let places = self.places.iter().map(|places| places.aligned(&joint.roles, &joint.dims));
        let mut indices = places.collect::<Result<Vec<Array>>>()?;
        for (name, size) in joint.names() {
            let shared = target.axis_of(name.as_str()).filter(|axis| !self.axes.contains(axis));
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
        for (name, size) in values.named_shape() {
            if indexed(name) {
                problems.push(format!("the values have the axis `{name}`, which is indexed"));
            }
            let places = joint.names().find(|(known, _)| *known == name).map(|(_, size)| size);
            let known = self.array.size(name.as_str()).filter(|_| !indexed(name)).or(places);
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
