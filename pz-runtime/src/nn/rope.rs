//! Rotary position embeddings (Su et al., 2021, <https://arxiv.org/abs/2104.09864>).
//!
//! The pairs that are rotated together are an entry of the first half and the entry of the second half at the
//! same place, as in Penzai and in the published Llama weights of Hugging Face; not neighbours, as in the paper
//! and in llama2.c.

use std::cell::RefCell;

use super::declared::SideInputOption;
use super::{ActsOver, ArrayLayer, FormAxes, SideInputs, Site, Slot};
use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::shape::Types;

/// What the constants of a size are made of.
type Key = (u32, usize);
/// Constants that a thread keeps.
const KEPT: usize = 8;

/// What sines and cosines are made of: the side input with the positions, and how fast pairs turn.
#[derive(PartialEq)]
struct Turns {
    positions: String,
    max_wavelength: u32,
    scale_factor: u32,
    size: usize,
}

thread_local! {
    /// The same arrays for all layers that are alike: angles, sines and cosines of one array are computed once.
    static CONSTANTS: RefCell<Vec<(Key, [NamedArray; 2])>> = const { RefCell::new(Vec::new()) };
}

/// Rotates pairs of entries along `embedding_axis` by an angle that grows with the position.
///
/// For size `d` and position `p`, the pair `i` of `d/2` turns by
/// `p / max_wavelength^(2 i / d) / scale_factor`. The embedding axis comes last in the result; the element type
/// stays that of the input.
///
/// # Errors
/// The input has no embedding axis or one of odd size; the positions are not a side input, have positional
/// axes, the embedding axis, or an axis that the input has not; `scale_factor` is below 1.
#[crate::pytree_dataclass]
pub struct ApplyRoPE {
    /// The axis of the vectors to rotate.
    #[pytree(static)]
    pub embedding_axis: AxisName,
    /// The wavelength of the slowest pair, over 2 pi.
    #[pytree(static)]
    pub max_wavelength: f32,
    /// The side input with the position of each token.
    #[pytree(static)]
    pub positions_input_name: String,
    /// Slows all rotations down by this factor, 1 or more, for texts longer than those trained on.
    #[pytree(static)]
    pub scale_factor: f32,
}

impl ApplyRoPE {
    /// Rotations without scaling.
    pub fn new(
        embedding_axis: impl Into<AxisName>,
        max_wavelength: f32,
        positions_input_name: impl Into<String>,
    ) -> Self {
        ApplyRoPE {
            embedding_axis: embedding_axis.into(),
            max_wavelength,
            positions_input_name: positions_input_name.into(),
            scale_factor: 1.0,
        }
    }

    /// The size of the embedding axis, after all checks.
    fn checked_size(&self, input: &NamedArray, positions: &NamedArray) -> Result<usize> {
        let axis = self.embedding_axis;
        let mut problems = Vec::new();
        let size = input.size(axis);
        match size {
            None => problems
                .push(format!("the input has no axis `{axis}`; its axes are {:?}", input.named_shape())),
            Some(size) if size % 2 == 1 => {
                problems.push(format!("`{axis}: {size}` is odd, and its entries rotate in pairs"));
            }
            Some(_) => {}
        }
        if !input.positional_shape().is_empty() {
            let shape = input.positional_shape();
            problems.push(format!("the input has positional axes {shape:?}, and must have none"));
        }
        if !positions.positional_shape().is_empty() {
            let shape = positions.positional_shape();
            problems.push(format!("the positions have positional axes {shape:?}, and must have none"));
        }
        for (name, _) in positions.named_shape() {
            if name == axis {
                problems.push(format!("the positions have the embedding axis `{axis}`"));
            } else if input.size(name).is_none() {
                problems.push(format!(
                    "the positions have an axis `{name}`, which the input has not; its axes are {:?}",
                    input.named_shape()
                ));
            }
        }
        if self.scale_factor < 1.0 || self.scale_factor.is_nan() {
            problems.push(format!("`scale_factor` is {}, and must be at least 1", self.scale_factor));
        }
        match Report::of("ApplyRoPE", problems) {
            Some(report) => Err(report.shape()),
            None => Ok(size.unwrap_or_default()),
        }
    }

    /// `max_wavelength^(2 i / d)` for each of the `d / 2` pairs, along a positional axis; and the signs of the sines for the
    /// first half and for the second, along the first of two.
    fn constants(&self, size: usize) -> Result<[NamedArray; 2]> {
        let key = (self.max_wavelength.to_bits(), size);
        let known = CONSTANTS.with_borrow(|kept| kept.iter().find(|(known, _)| *known == key).cloned());
        if let Some((_, constants)) = known {
            return Ok(constants);
        }
        let pairs = (0..size / 2).map(|pair| self.max_wavelength.powf(2.0 * pair as f32 / size as f32));
        let timescale = NamedArray::from_positional(pairs.collect(), &[size / 2])?;
        let constants = [timescale, NamedArray::from_positional(vec![-1f32, 1.0], &[2, 1])?];
        CONSTANTS.with_borrow_mut(|kept| {
            kept.truncate(KEPT - 1);
            kept.insert(0, (key, constants.clone()));
        });
        Ok(constants)
    }

    /// For each position, cosines along a positional axis, and sines with the signs for both halves along two.
    fn cosines_and_sines(
        &self,
        positions: &NamedArray,
        size: usize,
        side: &SideInputs,
    ) -> Result<[NamedArray; 2]> {
        let key = Turns {
            positions: self.positions_input_name.clone(),
            max_wavelength: self.max_wavelength.to_bits(),
            scale_factor: self.scale_factor.to_bits(),
            size,
        };
        side.made(key, || {
            let [timescale, signs] = self.constants(size)?;
            let mut angle = positions.cast(DType::F32)?.div(&timescale)?;
            if self.scale_factor != 1.0 {
                angle = angle.div(self.scale_factor)?;
            }
            Ok([angle.cos()?, angle.sin()?.mul(&signs)?])
        })
    }
}

impl ArrayLayer for ApplyRoPE {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        let positions = side.array(&self.positions_input_name)?;
        let axis = self.embedding_axis;
        let size = self.checked_size(&input, positions)?;
        let mut order: Vec<AxisName> = input.named_shape().into_iter().map(|(name, _)| name).collect();
        order.retain(|name| *name != axis);
        order.push(axis);

        // The first half is turned by `first cos - second sin`, the second by `second cos + first sin`: as halves under
        // one another, both are the halves times cosines and the exchanged halves times sines, in one pass.
        let [cos, sin] = self.cosines_and_sines(positions, size, side)?;
        let halves = input.untag(axis)?.reshape([2, (size / 2) as isize])?;
        let turned = halves.mul(&cos)?.add(&halves.flip(0)?.mul(&sin)?)?;
        turned.cast(input.dtype())?.reshape([size as isize])?.tag(axis)?.order_as(&order)
    }
}

/// The options of [`ApplyRoPE`] in a `model!`.
#[derive(Clone, Debug)]
pub struct RoPEOptions {
    /// The wavelength of the slowest pair, over 2 pi: `10000.0`.
    pub max_wavelength: f32,
    /// The side input with the position of each token: `token_positions`.
    pub positions: &'static str,
    /// Slows all rotations down: `1.0`.
    pub scale_factor: f32,
}

impl Default for RoPEOptions {
    fn default() -> Self {
        RoPEOptions { max_wavelength: 10_000.0, positions: "token_positions", scale_factor: 1.0 }
    }
}

/// `ApplyRoPE { axis } (max_wavelength = 10000.0, positions = "token_positions", scale_factor = 1.0)` in a `model!`.
impl ActsOver for ApplyRoPE {
    type Options = RoPEOptions;
    const AXES: Option<usize> = Some(1);
    const TYPES: Types = Types::Kept;
    const MULTIPLE_OF: usize = 2;
    const SIDE_INPUTS: &'static [SideInputOption] = &[("positions", "token_positions")];
    fn over(_: &Site<'_>, axes: &FormAxes, options: RoPEOptions) -> Result<Slot<Self>> {
        let names = axes.names();
        Ok(Slot::new(ApplyRoPE {
            embedding_axis: names[0],
            max_wavelength: options.max_wavelength,
            positions_input_name: options.positions.into(),
            scale_factor: options.scale_factor,
        }))
    }
}
