//! Contraction by name.

use smallvec::SmallVec;

use super::{NamedArray, Names, Role, Roles};
use crate::array::caller;
use crate::error::{Report, Result};

/// The sum over the axes `names` of the products of both arrays. Other axes that both have are batch axes.
///
/// The result has the left array's remaining axes, then those that only the right one has. No names: the
/// outer product.
///
/// # Errors
/// A name is missing in an array; a shared axis differs in size; an array has positional axes.
///
/// ```
/// use pz::{NamedArray, nx};
/// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4.], [("batch", 2), ("in", 2)])?;
/// let w = NamedArray::from_vec(vec![1f32, 0., 10., 1.], [("in", 2), ("out", 2)])?;
/// let y = nx::contract("in", &x, &w)?;
/// assert_eq!(y.named_shape(), [("batch".into(), 2), ("out".into(), 2)]);
/// assert_eq!(y.to_vec::<f32>()?, [21., 2., 43., 4.]);
/// # Ok::<(), pz::Error>(())
/// ```
#[track_caller]
pub fn contract(names: impl Names, left: &NamedArray, right: &NamedArray) -> Result<NamedArray> {
    let _call = caller::enter("contract");
    let names = names.names();
    left.refuse_positional("contract")?;
    right.refuse_positional("contract")?;
    let mut problems = Vec::new();
    for (place, name) in names.iter().enumerate() {
        if names[..place].contains(name) {
            problems.push(format!("the axis `{name}` is given twice"));
        }
        for (side, array) in [("left", left), ("right", right)] {
            if array.axis_of(name).is_none() {
                problems
                    .push(format!("the {side} array has no axis `{name}`; it has ({})", array.axes_text()));
            }
        }
    }
    for (role, &size) in left.roles.iter().zip(left.array.dims()) {
        let Role::Named(name) = *role else { continue };
        match right.axis_of(name).map(|axis| right.array.dims()[axis]) {
            Some(other) if other != size => {
                problems
                    .push(format!("the axis `{name}` has size {size} on the left and {other} on the right"));
            }
            _ => {}
        }
    }
    if let Some(report) = Report::of("contract", problems) {
        return Err(report.shape());
    }
    if names.is_empty() {
        // Without a sum this is a product by name, which fuses with what is around it.
        return left.mul(right);
    }
    let dtype = left.dtype().promote(right.dtype());
    let (left, right) = (left.cast(dtype)?, right.cast(dtype)?);
    let (mut contracted, mut batch) =
        (SmallVec::<[(usize, usize); 4]>::new(), SmallVec::<[(usize, usize); 4]>::new());
    let mut roles = Roles::new();
    for (l, role) in left.roles.iter().enumerate() {
        let shared = role.name().and_then(|name| right.axis_of(name));
        match shared {
            Some(r) if names.iter().any(|name| *role == Role::Named(*name)) => contracted.push((l, r)),
            Some(r) => {
                batch.push((l, r));
                roles.push(*role);
            }
            None => {}
        }
    }
    let is_new = |role: &&Role, other: &NamedArray| !other.roles.contains(role);
    roles.extend(left.roles.iter().filter(|role| is_new(role, &right)).copied());
    roles.extend(right.roles.iter().filter(|role| is_new(role, &left)).copied());
    let product = NamedArray::new(
        left.array.dot(&right.array, batch.into_boxed_slice(), contracted.into_boxed_slice())?,
        roles,
    );
    // The product has its batch axes in front; the result has the left's order.
    let wanted = left.roles.iter().chain(right.roles.iter().filter(|role| is_new(role, &left)));
    let order: SmallVec<[usize; 6]> =
        wanted.filter_map(|role| product.roles.iter().position(|known| known == role)).collect();
    product.permuted(&order)
}
