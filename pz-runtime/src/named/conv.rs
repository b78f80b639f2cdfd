//! Convolution by name, or by position.
//!
//! Names say what each axis is for: the axes along which the kernel slides are paired, the features that are summed
//! have one name in both arrays, what else the kernel has is new in the result, what else the array has is carried
//! through, and what else both have is carried through side by side. Positional axes get names for the while, other
//! ones in the array than in the kernel, so that only those are paired that the user pairs.

use smallvec::SmallVec;

use super::axes::{AxisList, NameList, OTHER_POSITION, POSITION};
use super::{Axes, Axis, NamedArray, Role, Roles, Slide};
use crate::array::kernels::window;
use crate::array::layout::Dims;
use crate::array::{Array, caller};
use crate::error::{Report, Result};
use crate::shape::AxisName;

/// How a kernel is laid over an array: see [`NamedArray::conv`].
#[derive(Clone, Debug)]
pub struct Conv {
    slides: Vec<Slide>,
    contracted: AxisList,
    groups: Option<(usize, Axis)>,
}

impl Conv {
    /// A kernel that slides along axes of the array: `"h"` where the kernel's axis is called so too, else
    /// `Slide::along("h").by("kernel_h")`. Strides, padding and dilation are told to each [`Slide`].
    pub fn over<S: Into<Slide>>(slides: impl IntoIterator<Item = S>) -> Self {
        Conv {
            slides: slides.into_iter().map(Into::into).collect(),
            contracted: AxisList::new(),
            groups: None,
        }
    }

    /// The features over which products are summed, which both arrays have, under the same name or at the same
    /// position.
    #[must_use]
    pub fn contracting(mut self, axes: impl Axes) -> Self {
        self.contracted = axes.axes();
        self
    }

    /// Divides the features into so many groups, and the kernel's axis `new` too: a new feature is made of those of
    /// its own group. The kernel's contracted axis has the size of one group.
    #[must_use]
    pub fn groups(mut self, groups: usize, new: impl Into<Axis>) -> Self {
        self.groups = Some((groups, new.into()));
        self
    }
}

/// A [`Conv`] whose axes all have names, and the arrays that it is of.
struct Laid {
    x: NamedArray,
    kernel: NamedArray,
    /// With the axis of the array and that of the kernel.
    slides: Vec<(Slide, AxisName, AxisName)>,
    contracted: NameList,
    groups: Option<(usize, AxisName)>,
}

impl Laid {
    fn new(x: &NamedArray, kernel: &NamedArray, conv: &Conv) -> Result<Self> {
        // Positions are judged here; names later, all together.
        let of = |array: &NamedArray, axis: Axis, kind: u64| match axis {
            Axis::Named(name) => Ok(name),
            Axis::Position(_) => array.name_of("conv", axis, kind),
        };
        let mut slides = Vec::new();
        for slide in &conv.slides {
            let tap = slide.kernel.unwrap_or(slide.axis);
            slides.push((*slide, of(x, slide.axis, POSITION)?, of(kernel, tap, OTHER_POSITION)?));
        }
        let (mut contracted, mut own) = (NameList::new(), NameList::new());
        for &axis in &conv.contracted {
            let shared = of(x, axis, POSITION)?;
            if axis.name().is_none() && contracted.contains(&shared) {
                return Err(Report::new("conv", format!("the axis `{axis}` is given twice")).shape());
            }
            contracted.push(shared);
            own.push(of(kernel, axis, OTHER_POSITION)?);
        }
        let groups = match conv.groups {
            Some((groups, new)) => Some((groups, of(kernel, new, OTHER_POSITION)?)),
            None => None,
        };
        let x = x.positions_named(POSITION)?;
        let kernel = kernel.positions_named(OTHER_POSITION)?;
        // A contracted axis has one name in both.
        let (positions, shared): (NameList, NameList) =
            own.into_iter().zip(contracted.iter().copied()).filter(|(own, shared)| own != shared).unzip();
        for (.., tap) in &mut slides {
            if let Some(at) = positions.iter().position(|name| name == tap) {
                *tap = shared[at];
            }
        }
        let kernel = match positions.is_empty() {
            true => kernel,
            false => kernel.rename(positions.as_slice(), shared.as_slice())?,
        };
        Ok(Laid { x, kernel, slides, contracted, groups })
    }
}

/// An operand as the primitive has it: groups of axes, in the order in which they are joined.
struct Operand<'a> {
    array: &'a Array,
    joined: Vec<Dims>,
}

impl Operand<'_> {
    fn arranged(&self) -> Result<Array> {
        let order: Dims = self.joined.iter().flat_map(|axes| axes.iter().copied()).collect();
        let sizes = |axes: &Dims| axes.iter().map(|&axis| self.array.dims()[axis]).product();
        let dims: Vec<usize> = self.joined.iter().map(sizes).collect();
        self.array.permute(&order)?.reshape(&dims)
    }
}

impl NamedArray {
    /// Slides `kernel` along axes of this array: at each place, the sum of the products of the kernel and what lies
    /// under it, over the contracted features too. As in JAX and PyTorch the kernel is not turned around.
    ///
    /// The result has this array's axes without the contracted ones, with one element for each place along those
    /// that the kernel slides along; then those that only the kernel has. Other axes that both have are batch axes;
    /// positional ones are shared only where they are contracted. A transposed convolution is one of a
    /// [`spread`](Slide::spread) array.
    ///
    /// # Errors
    /// An axis is not there, given twice, or would be there twice; sizes of a shared axis differ; features or new
    /// features cannot be divided into the groups; the kernel is larger than the padded axis.
    ///
    /// ```
    /// use pz::{NamedArray, nx::{Conv, Slide}};
    /// let x = NamedArray::from_vec(vec![1f32, 2., 3., 4.], [("time", 4), ("in", 1)])?;
    /// let kernel = NamedArray::from_vec(vec![1f32, 10.], [("tap", 2), ("in", 1)])?;
    /// let y = x.conv(&kernel, &Conv::over([Slide::along("time").by("tap")]).contracting("in"))?;
    /// assert_eq!(y.named_shape(), [("time".into(), 3)]);
    /// assert_eq!(y.to_vec::<f32>()?, [21., 32., 43.]);
    /// // By position: slides along 0, sums over 1.
    /// let (x, kernel) = (x.untag(["time", "in"])?, kernel.untag(["tap", "in"])?);
    /// assert_eq!(x.conv(&kernel, &Conv::over([0]).contracting(1))?.to_vec::<f32>()?, [21., 32., 43.]);
    /// # Ok::<(), pz::Error>(())
    /// ```
    #[track_caller]
    pub fn conv(&self, kernel: &NamedArray, conv: &Conv) -> Result<NamedArray> {
        let _call = caller::enter("conv");
        let conv = &Laid::new(self, kernel, conv)?;
        let slides = conv.judged()?;
        conv.convolved(slides)?.positions_back(&[POSITION, OTHER_POSITION])
    }
}

impl Laid {
    fn convolved(&self, slides: Vec<window::Slide>) -> Result<NamedArray> {
        let (conv, kernel) = (self, &self.kernel);
        let dtype = self.x.dtype().promote(kernel.dtype());
        let (x, kernel) = (self.x.cast(dtype)?, kernel.cast(dtype)?);
        let (x, kernel, joined) = match conv.groups {
            Some((groups, new)) => {
                let features = conv.contracted.first().copied().unwrap_or(new);
                (x.grouped(features, groups)?, kernel.grouped(new, groups)?, Some(new))
            }
            None => (x, kernel, None),
        };
        let grouped = usize::from(joined.is_some());

        let along = |name: AxisName, array: &NamedArray| array.axis_of(name).unwrap_or(0);
        let sliding: Dims = conv.slides.iter().map(|(_, axis, _)| along(*axis, &x)).collect();
        let places: Dims = conv.slides.iter().map(|(.., axis)| along(*axis, &kernel)).collect();
        let summed =
            |array: &NamedArray| -> Dims { conv.contracted.iter().map(|name| along(*name, array)).collect() };
        let (x_summed, kernel_summed) = (summed(&x), summed(&kernel));
        // Groups are the first axis of both, and shared as batch axes are.
        let mut batch: SmallVec<[(usize, usize); 6]> = (0..grouped).map(|axis| (axis, axis)).collect();
        let (mut rows, mut new) = (Dims::new(), Dims::new());
        for axis in
            (grouped..x.roles.len()).filter(|axis| !sliding.contains(axis) && !x_summed.contains(axis))
        {
            match kernel.roles.iter().skip(grouped).position(|role| *role == x.roles[axis]) {
                Some(other) => batch.push((axis, other + grouped)),
                None => rows.push(axis),
            }
        }
        let used = |axis: &usize| {
            places.contains(axis) || kernel_summed.contains(axis) || batch.iter().any(|pair| pair.1 == *axis)
        };
        new.extend((0..kernel.roles.len()).filter(|axis| !used(axis)));

        let each = |axes: &Dims| axes.iter().map(|&axis| Dims::from_slice(&[axis])).collect::<Vec<_>>();
        let left = Operand {
            array: &x.array,
            joined: [
                vec![batch.iter().map(|pair| pair.0).collect(), rows.clone()],
                each(&sliding),
                vec![x_summed],
            ]
            .concat(),
        };
        let right = Operand {
            array: &kernel.array,
            joined: [
                vec![batch.iter().map(|pair| pair.1).collect()],
                each(&places),
                vec![kernel_summed, new.clone()],
            ]
            .concat(),
        };
        let out = left.arranged()?.convolve(&right.arranged()?, slides.into())?;

        // The result's axes as they are now, by the operands' roles; then in the order in which they were.
        let x_axes = batch.iter().map(|pair| pair.0).chain(rows).chain(sliding.iter().copied());
        let x_axes: Dims = x_axes.collect();
        let windows = &out.dims()[2..2 + sliding.len()];
        let mut dims: Dims =
            x_axes[..x_axes.len() - sliding.len()].iter().map(|&axis| x.array.dims()[axis]).collect();
        dims.extend(windows.iter().copied());
        dims.extend(new.iter().map(|&axis| kernel.array.dims()[axis]));
        let mut roles: Roles = x_axes.iter().map(|&axis| x.roles[axis]).collect();
        roles.extend(new.iter().map(|&axis| kernel.roles[axis]));
        let out = NamedArray::new(out.reshape(&dims)?, roles);
        let out = match joined {
            Some(name) => out.joined_with_first(name)?,
            None => out,
        };
        let last = |role: &Role| self.x.roles.iter().position(|known| known == role).unwrap_or(usize::MAX);
        let mut order: Dims = (0..out.roles.len()).collect();
        order.sort_by_key(|&axis| last(&out.roles[axis]));
        out.permuted(&order)
    }

    /// What slides along each axis, or everything that is wrong.
    fn judged(&self) -> Result<Vec<window::Slide>> {
        let (conv, x, kernel) = (self, &self.x, &self.kernel);
        let mut problems = Vec::new();
        let mut slides = Vec::new();
        let ours: Vec<AxisName> =
            conv.slides.iter().map(|(_, axis, _)| *axis).chain(conv.contracted.iter().copied()).collect();
        let theirs: Vec<AxisName> =
            conv.slides.iter().map(|(.., axis)| *axis).chain(conv.contracted.iter().copied()).collect();
        for (names, array, what) in [(&ours, x, "array"), (&theirs, kernel, "kernel")] {
            for (place, name) in names.iter().enumerate() {
                if names[..place].contains(name) {
                    problems.push(format!("the axis `{name}` of the {what} is given twice"));
                }
                if array.axis_of(name).is_none() {
                    problems.push(format!("the {what} has no axis `{name}`; it has ({})", array.axes_text()));
                }
            }
        }
        for (slide, axis, tap) in &conv.slides {
            let (len, size) = (x.size(axis), kernel.size(tap));
            if let (Some(len), Some(size)) = (len, size) {
                match slide.over(len, Some(size), false) {
                    Ok((slide, _)) => slides.push(slide),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        let (groups, new) = match conv.groups {
            Some((groups, new)) => (groups, Some(new)),
            None => (1, None),
        };
        for name in &conv.contracted {
            let grouped = if conv.contracted.len() == 1 { groups } else { 1 };
            if let (Some(here), Some(there)) = (x.size(name), kernel.size(name))
                && there.checked_mul(grouped) != Some(here)
            {
                problems.push(match grouped {
                    1 => format!("the axis `{name}` has size {here} in the array and {there} in the kernel"),
                    _ => format!(
                        "the axis `{name}` has size {here}, and {grouped} groups of the kernel's {there} are {}",
                        there.saturating_mul(grouped)
                    ),
                });
            }
        }
        if let Some(new) = new {
            if conv.contracted.len() != 1 {
                let count = conv.contracted.len();
                problems.push(format!("groups divide one contracted axis, and {count} are given"));
            }
            match kernel.size(new) {
                Some(size) if groups == 0 || size % groups != 0 => problems.push(format!(
                    "the axis `{new}` of the kernel has size {size}, which {groups} groups do not divide"
                )),
                Some(_) if theirs.contains(&new) || x.size(new).is_some() => {
                    problems
                        .push(format!("the axis `{new}` is to be new in the result, and has another part"));
                }
                Some(_) => {}
                None => problems.push(format!(
                    "the kernel has no axis `{new}` for the groups; it has ({})",
                    kernel.axes_text()
                )),
            }
        }
        for (name, size) in kernel.sized_names().into_iter().filter(|(name, _)| !theirs.contains(name)) {
            match x.size(name) {
                Some(_) if ours.contains(&name) => problems.push(format!(
                    "the axis `{name}` would be there twice: the array's, and the kernel's, which is not the one that \
                     slides there"
                )),
                Some(here) if here != size => problems
                    .push(format!("the axis `{name}` has size {here} in the array and {size} in the kernel")),
                _ => {}
            }
        }
        for name in theirs.iter().filter(|name| !ours.contains(name)) {
            if x.size(name).is_some() {
                problems.push(format!(
                    "the axis `{name}` of the kernel slides along another, and the array has one of that name too"
                ));
            }
        }
        match Report::of("conv", problems) {
            Some(report) => {
                let (x, k) = (x.axes_text(), kernel.axes_text());
                Err(report.help(format!("the array has ({x}), the kernel ({k})")).shape())
            }
            None => Ok(slides),
        }
    }
}

impl NamedArray {
    /// An axis as two: groups, as a positional axis in front, and what is in one group in the axis' place.
    fn grouped(&self, name: AxisName, groups: usize) -> Result<NamedArray> {
        let axis = self.numbers("conv", &[name])?[0];
        let mut dims = Dims::from_slice(self.array.dims());
        dims[axis] /= groups.max(1);
        dims.insert(axis, groups);
        let order: Dims = [axis].into_iter().chain((0..dims.len()).filter(|&other| other != axis)).collect();
        let mut roles = self.roles.clone();
        roles.insert(0, Role::Positional(0));
        Ok(NamedArray::new(self.array.reshape(&dims)?.permute(&order)?, roles))
    }

    /// The reverse: the first axis and the one called `name` as one, in the place of the latter.
    fn joined_with_first(&self, name: AxisName) -> Result<NamedArray> {
        let axis = self.numbers("conv", &[name])?[0];
        let order: Dims = (1..axis).chain([0]).chain(axis..self.roles.len()).collect();
        let moved = self.array.permute(&order)?;
        let mut dims = Dims::from_slice(moved.dims());
        let groups = dims.remove(axis - 1);
        dims[axis - 1] *= groups;
        let mut roles = self.roles.clone();
        roles.remove(0);
        Ok(NamedArray::new(moved.reshape(&dims)?, roles))
    }
}
