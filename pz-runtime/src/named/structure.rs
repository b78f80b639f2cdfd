//! Names on and off, axes in another order, broadcasting: nothing here moves an element.

use smallvec::SmallVec;

use super::{Axes, NamedArray, Role, Roles};
use crate::array::layout::Dims;
use crate::error::{Report, Result};
use crate::shape::AxisName;

impl NamedArray {
    /// Gives the positional axes names, in order.
    ///
    /// # Errors
    /// There are more or fewer names than positional axes; a name is there already or given twice.
    pub fn tag(&self, names: impl Axes) -> Result<Self> {
        let names = names.names();
        let count = self.roles.iter().filter(|role| role.name().is_none()).count();
        let mut problems = Vec::new();
        if names.len() != count {
            let positional = self.positional_shape();
            problems
                .push(format!("{} names were given for {count} positional axes {positional:?}", names.len()));
        }
        for (place, name) in names.iter().enumerate() {
            if self.axis_of(name.as_str()).is_some() || names[..place].contains(name) {
                problems.push(format!("the name `{name}` would be there twice"));
            }
        }
        if let Some(report) = Report::of("tag", problems) {
            return Err(report.shape());
        }
        let mut names = names.iter();
        let roles = self.roles.iter().map(|role| match role {
            Role::Positional => names.next().map_or(Role::Positional, |name| Role::Named(*name)),
            named => *named,
        });
        Ok(NamedArray::new(self.array.clone(), roles.collect()))
    }

    /// Takes names off: the axes become positional, in the order of the names, before the named ones.
    ///
    /// # Errors
    /// There are positional axes already; a name is not there or given twice.
    pub fn untag(&self, names: impl Axes) -> Result<Self> {
        let names = names.names();
        if self.roles.contains(&Role::Positional) {
            let problem = format!("the array already has positional axes ({})", self.axes_text());
            return Err(Report::new("untag", problem)
                .help("use `untag_prefix` to add more in front")
                .shape());
        }
        let numbers = self.numbers("untag", &names)?;
        let rest = (0..self.roles.len()).filter(|axis| !numbers.contains(axis));
        let order: Dims = numbers.iter().copied().chain(rest).collect();
        let roles = order
            .iter()
            .enumerate()
            .map(|(place, &axis)| if place < numbers.len() { Role::Positional } else { self.roles[axis] });
        Ok(NamedArray::new(self.array.permute(&order)?, roles.collect()))
    }

    /// The named axes in the order given, after the positional ones.
    ///
    /// # Errors
    /// The names are not exactly those of the array.
    pub fn order_as(&self, names: impl Axes) -> Result<Self> {
        let names = names.names();
        let numbers = self.numbers("order_as", &names)?;
        let left_out: Vec<String> = self
            .named_shape()
            .iter()
            .filter(|(name, _)| !names.contains(name))
            .map(|(name, _)| format!("the axis `{name}` has no place in the order given"))
            .collect();
        if let Some(report) = Report::of("order_as", left_out) {
            return Err(report.help("give every axis of the array").shape());
        }
        let positional = (0..self.roles.len()).filter(|&axis| self.roles[axis] == Role::Positional);
        let order: Dims = positional.chain(numbers).collect();
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
    pub fn rename(&self, old: impl Axes, new: impl Axes) -> Result<Self> {
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
    /// An axis has another size, or is given twice.
    pub fn broadcast_to<N: Into<AxisName>>(
        &self,
        shape: impl IntoIterator<Item = (N, usize)>,
    ) -> Result<Self> {
        let mut roles = self.roles.clone();
        let mut dims: Dims = self.array.dims().into();
        let mut source: SmallVec<[Option<usize>; 6]> = (0..dims.len()).map(Some).collect();
        let mut problems = Vec::new();
        for (name, size) in shape {
            let name = name.into();
            match roles.iter().position(|role| *role == Role::Named(name)) {
                Some(axis) if dims[axis] != size => problems.push(format!(
                    "the axis `{name}` has size {} and cannot be broadcast to {size}",
                    dims[axis]
                )),
                Some(_) => {}
                None => {
                    roles.push(Role::Named(name));
                    dims.push(size);
                    source.push(None);
                }
            }
        }
        match Report::of("broadcast_to", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(NamedArray::new(self.array.broadcast(&dims, &source)?, roles)),
        }
    }

    /// This array with the axes of a merged shape: those it has in their places, the others repeated.
    pub(crate) fn aligned(&self, roles: &Roles, dims: &[usize]) -> Result<crate::array::Array> {
        if *roles == self.roles && dims == self.array.dims() {
            return Ok(self.array.clone());
        }
        let mut source: SmallVec<[Option<usize>; 6]> = SmallVec::new();
        // Positional axes align from the right, as in numpy: the last of `roles` is the last of this array.
        let mut own = self.roles.iter().enumerate().rev().filter(|(_, role)| role.name().is_none());
        for role in roles.iter().rev() {
            let named = || self.roles.iter().position(|known| known == role);
            source.push(if role.name().is_some() { named() } else { own.next().map(|(axis, _)| axis) });
        }
        source.reverse();
        self.array.broadcast(dims, &source)
    }
}
