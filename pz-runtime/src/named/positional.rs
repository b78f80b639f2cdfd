//! Positional axes in another form, for code that counts axes: reshape, transpose, and what is made of them.
//!
//! Named axes are left alone, and come first in the result, as after every operation on positional axes. Where the layout
//! can say it, nothing is copied.

use super::axes::{NEW_POSITION, at_position, position_name};
use super::{Axes, Axis, NamedArray, Role, Roles, positional};
use crate::array::caller;
use crate::array::layout::{Dims, checked_len};
use crate::error::{Report, Result};

impl NamedArray {
    /// The positional axes in other sizes, the elements in the order in which they are; one size of -1 is what the others
    /// leave. So `x.reshape([-1])` is numpy's `ravel`, and `x.reshape([])` takes away axes of size 1. For named axes see
    /// [`rearrange!`](crate::nx::rearrange).
    ///
    /// # Errors
    /// The sizes do not have as many elements as the positional axes; more than one is -1, or one is below that.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_vec(vec![1, 2, 3, 4, 5, 6], [("a", 1), ("b", 6)])?.untag("b")?;
    /// let y = x.reshape([2, -1])?;
    /// assert_eq!((y.positional_shape(), y.named_shape()), (vec![2, 3], vec![("a".into(), 1)]));
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn reshape(&self, sizes: impl AsRef<[isize]>) -> Result<NamedArray> {
        let _call = caller::enter("reshape");
        let (asked, own) = (sizes.as_ref(), self.positional_shape());
        let len: usize = own.iter().product();
        let refused = |problem: String| {
            let sizes = format!("{problem}; the positional shape is {own:?}, and {asked:?} was asked for");
            Err(Report::new("reshape", sizes)
                .help("one size can be -1, which is what the others leave")
                .shape())
        };
        let open = asked.iter().filter(|&&size| size == -1).count();
        if open > 1 || asked.iter().any(|&size| size < -1) {
            return refused("one size at most is -1, and none is below that".into());
        }
        let known: Vec<usize> = asked.iter().filter_map(|&size| usize::try_from(size).ok()).collect();
        let product = checked_len(&known);
        let left = match product {
            // Of no elements there are as few as can be.
            Some(product) if open == 1 && product > 0 && len.is_multiple_of(product) => len / product,
            Some(product) if open == 0 && product == len => 0,
            _ => return refused(format!("{len} elements do not come out even")),
        };
        let sizes = asked.iter().map(|&size| usize::try_from(size).unwrap_or(left));
        let x = NamedArray::result(self.array.clone(), self.roles.clone())?;
        let mut roles: Roles = x.roles.iter().copied().filter(|role| !role.is_positional()).collect();
        let mut dims = Dims::from_slice(&x.array.dims()[..roles.len()]);
        dims.extend(sizes);
        roles.extend((0..asked.len()).map(Role::Positional));
        Ok(NamedArray::new(x.array.reshape(&dims)?, roles))
    }

    /// The positional axes in the order given, or with `()` the other way round. A view.
    /// [`order_as`](NamedArray::order_as) is for named ones.
    ///
    /// # Errors
    /// Not every positional axis is given, and once.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[2, 3])?;
    /// assert_eq!(x.transpose(())?.to_vec::<i32>()?, [1, 4, 2, 5, 3, 6]);
    /// assert_eq!(x.transpose([1, 0])?.positional_shape(), [3, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn transpose(&self, order: impl Axes) -> Result<NamedArray> {
        let _call = caller::enter("transpose");
        let (asked, own) = (order.axes(), positional(&self.roles));
        if asked.is_empty() {
            let order: Vec<usize> = own.iter().rev().copied().collect();
            return self.numbered_as(&order);
        }
        let named = asked.iter().filter(|axis| axis.name().is_some());
        let mut problems: Vec<String> = named.map(|axis| format!("`{axis}` is a name")).collect();
        let order =
            if problems.is_empty() { self.numbers("transpose", &asked)?.to_vec() } else { Vec::new() };
        let left_out = (0..own.len()).filter(|&number| problems.is_empty() && !order.contains(&own[number]));
        problems.extend(
            left_out
                .map(|number| format!("{} has no place in the order", Role::Positional(number).called()))
                .collect::<Vec<_>>(),
        );
        match Report::of("transpose", problems) {
            Some(report) => Err(report
                .help(format!(
                    "give each of the {} positional axes of ({}) by number; `x.order_as([…])` is for names",
                    own.len(),
                    self.axes_text()
                ))
                .shape()),
            None => self.numbered_as(&order),
        }
    }

    /// Two positional axes in each other's place. A view.
    ///
    /// # Errors
    /// An axis is not there, or is a named one.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[1, 2, 3])?;
    /// assert_eq!(x.swapaxes(0, -1)?.positional_shape(), [3, 2, 1]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn swapaxes(&self, one: isize, other: isize) -> Result<NamedArray> {
        let _call = caller::enter("swapaxes");
        let (one, other) = (self.place_of_position(one)?, self.place_of_position(other)?);
        let mut order = positional(&self.roles);
        order.swap(one, other);
        self.numbered_as(&order)
    }

    /// A positional axis at another place among them; the others keep their order. A view.
    ///
    /// # Errors
    /// An axis is not there.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3, 4, 5, 6], &[1, 2, 3])?;
    /// assert_eq!(x.moveaxis(-1, 0)?.positional_shape(), [3, 1, 2]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn moveaxis(&self, from: isize, to: isize) -> Result<NamedArray> {
        let _call = caller::enter("moveaxis");
        let (from, to) = (self.place_of_position(from)?, self.place_of_position(to)?);
        let mut order = positional(&self.roles);
        let axis = order.remove(from);
        order.insert(to, axis);
        self.numbered_as(&order)
    }

    /// A new positional axis of size 1, which is number `place` in the result. A view. (`broadcast_to([("a", 1)])` makes a
    /// named one, and [`squeeze`](NamedArray::squeeze) takes either away.)
    ///
    /// # Errors
    /// The place is beyond the result's positional axes.
    ///
    /// ```
    /// use pz::NamedArray;
    /// let x = NamedArray::from_positional(vec![1, 2, 3], &[3])?;
    /// assert_eq!(x.expand_dims(-1)?.positional_shape(), [3, 1]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn expand_dims(&self, place: isize) -> Result<NamedArray> {
        let _call = caller::enter("expand_dims");
        let name = position_name(NEW_POSITION, 0);
        self.broadcast_to([(name, 1)])?.at_axis("expand_dims", name, Axis::Position(place))
    }

    /// The place of a positional axis among all of them, from its number, which may count from the end.
    fn place_of_position(&self, number: isize) -> Result<usize> {
        let places: Dims = (0..positional(&self.roles).len()).collect();
        at_position(&places, number).ok_or_else(|| {
            let problem = format!(
                "there is no positional axis {number}; the array has {} ({})",
                places.len(),
                self.axes_text()
            );
            Report::new("axis", problem).help("`x.untag([…])` makes named axes positional").shape()
        })
    }

    /// The array with its positional axes, which are given by their numbers among all axes, numbered in this order.
    fn numbered_as(&self, order: &[usize]) -> Result<NamedArray> {
        let mut roles = self.roles.clone();
        order.iter().enumerate().for_each(|(number, &axis)| roles[axis] = Role::Positional(number));
        NamedArray::result(self.array.clone(), roles)
    }
}
