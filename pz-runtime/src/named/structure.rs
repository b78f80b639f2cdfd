//! Names on and off, axes in another order: nothing here moves an element.
//!
//! What `untag` makes positional stays where it is among the axes, so `tag` gives it its place back. An operation in
//! between puts positional axes behind the named ones, and then they get their names there: this is the order that
//! Penzai shows, to the last case.

use smallvec::SmallVec;

use super::hidden::is_hidden;
use super::{NamedArray, Names, Role, Roles, positional};
use crate::array::caller;
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl NamedArray {
    /// Gives the positional axes names, in order. Each keeps its place among the axes.
    ///
    /// # Errors
    /// There are more or fewer names than positional axes; a name is there already or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[2, 3])?.tag(["row", "col"])?;
    /// // An axis under another name, in the same place:
    /// let y = x.untag("row")?.tag("line")?;
    /// assert_eq!(y.named_shape(), [("line".into(), 2), ("col".into(), 3)]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn tag(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("tag");
        let names = names.names();
        let axes = positional(&self.roles);
        if names.len() != axes.len() {
            let shape = self.positional_shape();
            let problem =
                format!("{} names were given for {} positional axes {shape:?}", names.len(), axes.len());
            return Err(Report::new("tag", problem)
                .help("`tag_prefix` names the first axes and leaves the others positional")
                .shape());
        }
        self.tagged("tag", &axes, &names)
    }

    /// Gives the first positional axes names, in order; the others stay positional.
    ///
    /// # Errors
    /// There are more names than positional axes; a name is there already or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[2, 3])?.tag_prefix("batch")?;
    /// assert_eq!((x.named_shape(), x.positional_shape()), (vec![("batch".into(), 2)], vec![3]));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn tag_prefix(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("tag_prefix");
        let names = names.names();
        let axes = positional(&self.roles);
        if names.len() > axes.len() {
            let shape = self.positional_shape();
            let problem =
                format!("{} names were given for {} positional axes {shape:?}", names.len(), axes.len());
            return Err(Report::new("tag_prefix", problem).shape());
        }
        self.tagged("tag_prefix", &axes[..names.len()], &names)
    }

    /// The array with names for some of its positional axes, which are judged with the names that are there.
    fn tagged(&self, op: &str, axes: &[usize], names: &[AxisName]) -> Result<Self> {
        let twice = names
            .iter()
            .enumerate()
            .filter(|(place, name)| self.axis_of(*name).is_some() || names[..*place].contains(name));
        let problems = twice.map(|(_, name)| format!("the name `{name}` would be there twice")).collect();
        if let Some(report) = Report::of(op, problems) {
            return Err(report.help(format!("the array has ({})", self.axes_text())).shape());
        }
        let mut roles = Roles::from_slice(&self.roles);
        axes.iter().zip(names).for_each(|(&axis, name)| roles[axis] = Role::Named(*name));
        renumber(&mut roles);
        Ok(NamedArray::new(self.array.clone(), roles))
    }

    /// Takes names off: the axes become positional, in the order of the names. They keep their places among the
    /// axes until an operation uses them.
    ///
    /// # Errors
    /// There are positional axes already; a name is not there or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?.untag("b")?;
    /// assert_eq!((x.named_shape(), x.positional_shape()), (vec![("a".into(), 2)], vec![3]));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn untag(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("untag");
        if self.has_positional() {
            let problem = format!("the array already has positional axes ({})", self.axes_text());
            return Err(Report::new("untag", problem)
                .help("use `untag_prefix` to add more in front")
                .shape());
        }
        self.untagged("untag", &names.names())
    }

    /// Takes names off: the axes become positional, in the order of the names, before those that are positional
    /// already.
    ///
    /// # Errors
    /// A name is not there or given twice.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?.untag("b")?;
    /// assert_eq!(x.untag_prefix("a")?.positional_shape(), [2, 3]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn untag_prefix(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("untag_prefix");
        self.untagged("untag_prefix", &names.names())
    }

    fn untagged(&self, op: &str, names: &[AxisName]) -> Result<Self> {
        let numbers = self.numbers(op, names)?;
        let mut roles = Roles::from_slice(&self.roles);
        for (number, &axis) in positional(&self.roles).iter().enumerate() {
            roles[axis] = Role::Positional(names.len() + number);
        }
        numbers.iter().enumerate().for_each(|(number, &axis)| roles[axis] = Role::Positional(number));
        Ok(NamedArray::new(self.array.clone(), roles))
    }

    /// The positional axes in front, in order, then the named ones: how the elements are read and printed.
    ///
    /// # Errors
    /// None today; the result says so as all changes of order do.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 2), ("b", 3)])?.untag("b")?;
    /// let y = x.with_positional_prefix()?.tag("b")?;
    /// assert_eq!(y.named_shape(), [("b".into(), 3), ("a".into(), 2)]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn with_positional_prefix(&self) -> Result<Self> {
        let _call = caller::enter("with_positional_prefix");
        self.permuted(&self.prefix_order())
    }

    /// The numbers of the positional axes in their order, then those of the named ones.
    pub(super) fn prefix_order(&self) -> Dims {
        let named = (0..self.roles.len()).filter(|&axis| !self.roles[axis].is_positional());
        positional(&self.roles).iter().copied().chain(named).collect()
    }

    /// The named axes in the order given, after the positional ones.
    ///
    /// # Errors
    /// The names are not exactly those of the array.
    #[track_caller]
    pub fn order_as(&self, names: impl Names) -> Result<Self> {
        let _call = caller::enter("order_as");
        let names = names.names();
        let numbers = self.numbers("order_as", &names)?;
        let named = (0..self.roles.len()).filter(|&axis| !self.roles[axis].is_positional());
        let (hidden, left_out): (Vec<usize>, Vec<usize>) = named
            .filter(|axis| !numbers.contains(axis))
            .partition(|&axis| self.roles[axis].name().is_some_and(is_hidden));
        let problems = left_out
            .iter()
            .map(|&axis| format!("the axis `{:?}` has no place in the order given", self.roles[axis]));
        if let Some(report) = Report::of("order_as", problems.collect()) {
            return Err(report.help("give every axis of the array").shape());
        }
        let order: Dims = positional(&self.roles).iter().copied().chain(hidden).chain(numbers).collect();
        self.permuted(&order)
    }

    pub(crate) fn permuted(&self, order: &[usize]) -> Result<Self> {
        let roles = order.iter().map(|&axis| self.roles[axis]).collect();
        Ok(NamedArray::new(self.array.permute(order)?, roles))
    }

    /// Gives axes other names: `old[i]` becomes `new[i]`. Names may be swapped.
    ///
    /// # Errors
    /// The lists differ in length; an old name is not there; a new one would be there twice.
    #[track_caller]
    pub fn rename(&self, old: impl Names, new: impl Names) -> Result<Self> {
        let _call = caller::enter("rename");
        let (old, new) = (old.names(), new.names());
        if old.len() != new.len() {
            let problem = format!("{} names are to become {} names", old.len(), new.len());
            return Err(Report::new("rename", problem).shape());
        }
        let numbers = self.numbers("rename", &old)?;
        let mut roles = self.roles.clone();
        numbers.iter().zip(&new).for_each(|(&axis, name)| roles[axis] = Role::Named(*name));
        let twice = roles
            .iter()
            .enumerate()
            .filter(|(place, role)| role.name().is_some() && roles[..*place].contains(role));
        let problems = twice.map(|(_, role)| format!("the name `{role:?}` would be there twice")).collect();
        match Report::of("rename", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(NamedArray::new(self.array.clone(), roles)),
        }
    }

    /// Repeats along the axes of `shape` that the array has not; they come after its own. Axes that are there
    /// must have the size given: a named axis of size 1 is not stretched.
    ///
    /// # Errors
    /// An axis has another size, or is given twice with two sizes.
    #[track_caller]
    pub fn broadcast_to<N: Into<AxisName>>(
        &self,
        shape: impl IntoIterator<Item = (N, usize)>,
    ) -> Result<Self> {
        let _call = caller::enter("broadcast_to");
        let mut roles = self.roles.clone();
        let mut dims: Dims = self.array.dims().into();
        let mut source: SmallVec<[Option<usize>; 6]> = (0..dims.len()).map(Some).collect();
        let (mut problems, mut is_stretched) = (Vec::new(), false);
        for (name, size) in shape {
            let name = name.into();
            match roles.iter().position(|role| *role == Role::Named(name)) {
                Some(axis) if dims[axis] != size && axis >= self.roles.len() => {
                    problems.push(format!(
                        "the axis `{name}` is given twice, with sizes {} and {size}",
                        dims[axis]
                    ));
                }
                Some(axis) if dims[axis] != size => {
                    is_stretched = true;
                    problems.push(format!(
                        "the axis `{name}` has size {} and cannot be broadcast to {size}",
                        dims[axis]
                    ));
                }
                Some(_) => {}
                None => {
                    roles.push(Role::Named(name));
                    dims.push(size);
                    source.push(None);
                }
            }
        }
        match Report::of("broadcast_to", problems) {
            Some(report) if is_stretched => {
                Err(report.help("a named axis is not stretched; repeat it: `x.repeat(\"a\", 3)`").shape())
            }
            Some(report) => Err(report.help("give each axis once").shape()),
            None if roles.len() == self.roles.len() => Ok(self.clone()),
            None => NamedArray::result(self.array.broadcast(&dims, &source)?, roles),
        }
    }

    /// Repeats along positional axes, as numpy does: new ones in front, those of size 1 to the size given.
    ///
    /// # Errors
    /// The sizes are fewer, or another than that of an axis which is not 1.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2], &[2, 1])?;
    /// assert_eq!(x.broadcast_positional(&[3, 2, 4])?.positional_shape(), [3, 2, 4]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn broadcast_positional(&self, sizes: &[usize]) -> Result<Self> {
        let _call = caller::enter("broadcast_positional");
        let own = self.positional_shape();
        if own == sizes {
            return Ok(self.clone());
        }
        let stretches = |from: usize, to: usize| from == to || from == 1;
        let skipped = sizes.len().checked_sub(own.len());
        if !skipped
            .is_some_and(|skipped| own.iter().zip(&sizes[skipped..]).all(|(&from, &to)| stretches(from, to)))
        {
            let problem = format!("the positional shape {own:?} does not broadcast to {sizes:?}");
            return Err(Report::new("broadcast_positional", problem).shape());
        }
        let named = (0..self.roles.len()).filter(|&axis| !self.roles[axis].is_positional());
        let (mut roles, mut dims) = (Roles::new(), Dims::new());
        for axis in named {
            roles.push(self.roles[axis]);
            dims.push(self.array.dims()[axis]);
        }
        roles.extend((0..sizes.len()).map(Role::Positional));
        dims.extend_from_slice(sizes);
        Ok(NamedArray::new(self.aligned(&roles, &dims)?, roles))
    }

    /// Repeats along the axes that `other` has and this array has not: by name, and positional ones as numpy does.
    ///
    /// # Errors
    /// A named axis has another size; the positional shape does not broadcast.
    ///
    /// ```
    /// use pz::{DType, NamedArray};
    /// let x = NamedArray::zeros([("a", 2)], DType::F32)?;
    /// let y = NamedArray::zeros([("b", 3), ("a", 2)], DType::F32)?;
    /// assert_eq!(x.broadcast_like(&y)?.named_shape(), [("a".into(), 2), ("b".into(), 3)]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn broadcast_like(&self, other: &NamedArray) -> Result<Self> {
        let _call = caller::enter("broadcast_like");
        self.broadcast_to(other.named_shape())?.broadcast_positional(&other.positional_shape())
    }

    /// This array with the axes of a merged shape: those it has in their places, the others repeated.
    pub(crate) fn aligned(&self, roles: &Roles, dims: &[usize]) -> Result<crate::array::Array> {
        if *roles == self.roles && dims == self.array.dims() {
            return Ok(self.array.clone());
        }
        let mut source: SmallVec<[Option<usize>; 6]> = SmallVec::new();
        // Positional axes align from the right, as in numpy.
        let (own, wanted) =
            (positional(&self.roles), roles.iter().filter(|role| role.is_positional()).count());
        source.extend(roles.iter().map(|role| match *role {
            Role::Named(_) => self.roles.iter().position(|known| known == role),
            Role::Positional(number) => (number + own.len()).checked_sub(wanted).map(|at| own[at]),
        }));
        self.array.broadcast(dims, &source)
    }
}

/// Positional axes numbered from 0 without gaps, in the order in which they are.
fn renumber(roles: &mut Roles) {
    for (number, &axis) in positional(roles).iter().enumerate() {
        roles[axis] = Role::Positional(number);
    }
}
