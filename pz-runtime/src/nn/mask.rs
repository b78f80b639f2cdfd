//! Attention masks.
//!
//! A mask replaces scores by a large negative number where a token may not look. The causal masks compare
//! positions, not indices, so that padding (position -1) is seen by nobody and a cached model can mask by the
//! positions of what is in its cache. As in Penzai, the axes of the mask come first in the result.

use super::declared::SideInputOption;
use super::{ActsOver, ArrayLayer, FormAxes, KeepsShape, SideInputs, Site, Slot};
use crate::AxisName;
use crate::array::DType;
use crate::error::Result;
use crate::named::NamedArray;
use crate::shape::{Elements, Types};

/// Keeps scores where the side input `mask_input_name` is true.
#[crate::pytree_dataclass]
pub struct ApplyExplicitAttentionMask {
    /// The side input that holds the mask.
    #[pytree(static)]
    pub mask_input_name: String,
    /// What masked scores become.
    pub masked_out_value: NamedArray,
}

impl ArrayLayer for ApplyExplicitAttentionMask {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        side.truths(&self.mask_input_name)?.select(&input, &self.masked_out_value)
    }
}

/// Keeps scores between a token and those that are not after it.
///
/// Visible is what has `query position >= key position >= 0`. A padding query sees nothing; after a softmax its
/// row is uniform.
#[crate::pytree_dataclass]
pub struct ApplyCausalAttentionMask {
    /// What masked scores become.
    pub masked_out_value: NamedArray,
    /// The side input with the positions of queries along `seq_axis`.
    #[pytree(static)]
    pub query_positions_input_name: String,
    /// The side input with the positions of keys along `seq_axis`.
    #[pytree(static)]
    pub kv_positions_input_name: String,
    /// The axis of both side inputs, and of queries in the scores.
    #[pytree(static)]
    pub seq_axis: AxisName,
    /// The axis of keys in the scores.
    #[pytree(static)]
    pub kv_seq_axis: AxisName,
}

impl ApplyCausalAttentionMask {
    /// A mask with Penzai's names: `token_positions` for both sides, `seq` and `kv_seq`.
    pub fn new(masked_out_value: NamedArray) -> Self {
        ApplyCausalAttentionMask {
            masked_out_value,
            query_positions_input_name: "token_positions".into(),
            kv_positions_input_name: "token_positions".into(),
            seq_axis: "seq".into(),
            kv_seq_axis: "kv_seq".into(),
        }
    }
}

impl ArrayLayer for ApplyCausalAttentionMask {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        let query = side.array(&self.query_positions_input_name)?;
        let keys = side.array(&self.kv_positions_input_name)?.rename(self.seq_axis, self.kv_seq_axis)?;
        causal(query, &keys)?.select(&input, &self.masked_out_value)
    }
}

/// As [`ApplyCausalAttentionMask`], and only the last `sliding_window_size` tokens, the query's own included.
#[crate::pytree_dataclass]
pub struct ApplyCausalSlidingWindowAttentionMask {
    /// What masked scores become.
    pub masked_out_value: NamedArray,
    /// How many tokens are visible: 2 is the token itself and the one before it.
    pub sliding_window_size: NamedArray,
    /// The side input with the positions of queries along `seq_axis`.
    #[pytree(static)]
    pub query_positions_input_name: String,
    /// The side input with the positions of keys along `seq_axis`.
    #[pytree(static)]
    pub kv_positions_input_name: String,
    /// The axis of both side inputs, and of queries in the scores.
    #[pytree(static)]
    pub seq_axis: AxisName,
    /// The axis of keys in the scores.
    #[pytree(static)]
    pub kv_seq_axis: AxisName,
}

impl ApplyCausalSlidingWindowAttentionMask {
    /// A mask with Penzai's names: `token_positions` for both sides, `seq` and `kv_seq`.
    pub fn new(masked_out_value: NamedArray, sliding_window_size: NamedArray) -> Self {
        ApplyCausalSlidingWindowAttentionMask {
            masked_out_value,
            sliding_window_size,
            query_positions_input_name: "token_positions".into(),
            kv_positions_input_name: "token_positions".into(),
            seq_axis: "seq".into(),
            kv_seq_axis: "kv_seq".into(),
        }
    }
}

impl ArrayLayer for ApplyCausalSlidingWindowAttentionMask {
    fn apply(&self, input: NamedArray, side: &SideInputs) -> Result<NamedArray> {
        let query = side.array(&self.query_positions_input_name)?;
        let keys = side.array(&self.kv_positions_input_name)?.rename(self.seq_axis, self.kv_seq_axis)?;
        let near = query.sub(&keys)?.less(&self.sliding_window_size)?;
        causal(query, &keys)?.logical_and(&near)?.select(&input, &self.masked_out_value)
    }
}

fn causal(query: &NamedArray, keys: &NamedArray) -> Result<NamedArray> {
    query.greater_equal(keys)?.logical_and(&keys.greater_equal(0)?)
}

/// What masked scores become where nobody says: of float32's range, and finite, so that a row that sees nothing stays a
/// number.
const MASKED_OUT: f32 = -2.3819763e38;

/// The options of a causal mask in a `model!`.
#[derive(Clone, Debug)]
pub struct MaskOptions {
    /// What masked scores become: `-2.3819763e38`.
    pub masked_out_value: f32,
    /// The side input with the positions of queries: `token_positions`.
    pub query_positions: &'static str,
    /// The side input with the positions of keys: `token_positions`.
    pub kv_positions: &'static str,
    /// How many tokens are visible, for a sliding window: 1024.
    pub window: usize,
}

impl Default for MaskOptions {
    fn default() -> Self {
        MaskOptions {
            masked_out_value: MASKED_OUT,
            query_positions: "token_positions",
            kv_positions: "token_positions",
            window: 1024,
        }
    }
}

/// The options of an explicit mask in a `model!`.
#[derive(Clone, Debug)]
pub struct ExplicitMaskOptions {
    /// What masked scores become: `-2.3819763e38`.
    pub masked_out_value: f32,
    /// The side input with the mask, whose axes the scores must have: `mask`.
    pub mask: &'static str,
}

impl Default for ExplicitMaskOptions {
    fn default() -> Self {
        ExplicitMaskOptions { masked_out_value: MASKED_OUT, mask: "mask" }
    }
}

/// `ApplyExplicitAttentionMask() (mask = "mask", masked_out_value = -1e9)` in a `model!`.
impl KeepsShape for ApplyExplicitAttentionMask {
    type Argument = ();
    type Options = ExplicitMaskOptions;
    const TAKES: Elements = Elements::FLOAT;
    const TYPES: Types = Types::Promoted;
    const SIDE_INPUTS: &'static [SideInputOption] = &[("mask", "mask")];
    fn keeping(site: &Site<'_>, (): (), options: ExplicitMaskOptions) -> Result<Slot<Self>> {
        Ok(Slot::new(ApplyExplicitAttentionMask {
            mask_input_name: options.mask.into(),
            masked_out_value: masked_out(site, options.masked_out_value)?,
        }))
    }
}

/// The value in the element type of the scores, and finite there: `f16` ends at 65504.
fn masked_out(site: &Site<'_>, value: f32) -> Result<NamedArray> {
    let dtype = site.dtype(None);
    let most = if dtype == DType::F16 { half::f16::MAX.to_f32() } else { f32::MAX };
    let value = if value.is_finite() { value.clamp(-most, most) } else { value };
    NamedArray::scalar(value).cast(dtype)
}

/// The side inputs of causal masks.
const POSITIONS: &[SideInputOption] =
    &[("query_positions", "token_positions"), ("kv_positions", "token_positions")];

/// `ApplyCausalAttentionMask { seq, kv_seq }` in a `model!`.
impl ActsOver for ApplyCausalAttentionMask {
    type Options = MaskOptions;
    const AXES: Option<usize> = Some(2);
    const ATTENDS: bool = true;
    const SIDE_INPUTS: &'static [SideInputOption] = POSITIONS;
    fn over(site: &Site<'_>, axes: &FormAxes, options: MaskOptions) -> Result<Slot<Self>> {
        let names = axes.names();
        Ok(Slot::new(ApplyCausalAttentionMask {
            masked_out_value: masked_out(site, options.masked_out_value)?,
            query_positions_input_name: options.query_positions.into(),
            kv_positions_input_name: options.kv_positions.into(),
            seq_axis: names[0],
            kv_seq_axis: names[1],
        }))
    }
}

/// `ApplyCausalSlidingWindowAttentionMask { seq, kv_seq } (window = 1024)` in a `model!`.
impl ActsOver for ApplyCausalSlidingWindowAttentionMask {
    type Options = MaskOptions;
    const AXES: Option<usize> = Some(2);
    const ATTENDS: bool = true;
    const SIDE_INPUTS: &'static [SideInputOption] = POSITIONS;
    fn over(site: &Site<'_>, axes: &FormAxes, options: MaskOptions) -> Result<Slot<Self>> {
        let names = axes.names();
        Ok(Slot::new(ApplyCausalSlidingWindowAttentionMask {
            masked_out_value: masked_out(site, options.masked_out_value)?,
            sliding_window_size: NamedArray::scalar(i32::try_from(options.window).unwrap_or(i32::MAX)),
            query_positions_input_name: options.query_positions.into(),
            kv_positions_input_name: options.kv_positions.into(),
            seq_axis: names[0],
            kv_seq_axis: names[1],
        }))
    }
}
