//! A transformer that is fed token by token.
//!
//! [`KVCachingTransformerLM::from_uncached`] is an edit of a model, not another model: attention layers become
//! caching ones, causal masks are told to look up positions in the cache, and all that the user changed in the
//! model before stays.
//!
//! Positions skip padding: the position of a token is the number of tokens before it that are not `pad_id`. As
//! in Penzai they are counted over all tokens seen, at every call. Without a padding token the position is the
//! place in the cache; there is nothing to count, and no id that a model could not write itself.

use super::parts::seq_len;
use super::side_inputs::{CACHE_END_INDEX, KV_TOKEN_POSITIONS, TOKEN_POSITIONS};
use super::{TransformerLM, TransformerMetadata, axes};
use crate::error::{Report, Result};
use crate::nn::{
    AnyLayer, ApplyCausalAttentionMask, ApplyCausalSlidingWindowAttentionMask, Attention, CacheConfig,
    KVCachingAttention, Layer, SideInputs, Value, call_child,
};
use crate::tree::select;
use crate::vars::StateVariable;
use crate::{AxisName, DType, NamedArray};

const NAME: &str = "KVCachingTransformerLM";

/// A transformer that remembers the tokens it was given, up to `cache_len` of them.
///
/// The input is an integer array with an axis `seq` and exactly the batch axes that it was made for; the result
/// holds the logits of these tokens only. Each call continues where the last one ended. Side inputs
/// `token_positions`, `kv_token_positions` and `cache_end_index` are made here.
///
/// # Errors
/// Other axes; more tokens than the cache has room for.
#[crate::pytree_dataclass]
pub struct KVCachingTransformerLM {
    /// The model proper, with caches.
    pub body: AnyLayer,
    /// How many tokens the caches hold: an integer scalar.
    pub cache_end_index: StateVariable<NamedArray>,
    /// The tokens seen, along `seq`; zero where there was none yet.
    pub previous_tokens: StateVariable<NamedArray>,
    /// The model's sizes.
    #[pytree(static)]
    pub metadata: TransformerMetadata,
    /// How many tokens fit into the caches.
    #[pytree(static)]
    pub cache_len: usize,
    /// The batch axes that the caches were made for.
    #[pytree(static)]
    pub batch_axes: Vec<(AxisName, usize)>,
    /// The token that is padding; `None` where none is.
    #[pytree(static)]
    pub pad_id: Option<i32>,
}

impl KVCachingTransformerLM {
    /// The caching form of `uncached`, with empty caches; parameters are shared with it.
    ///
    /// Penzai's `pad_id` is `Some(0)` unless told otherwise. `prefix` begins the labels of the state variables,
    /// `sampler` in Penzai.
    ///
    /// # Errors
    /// A causal mask whose `kv_positions_input_name` is not `token_positions`; axes named twice.
    pub fn from_uncached(
        uncached: &TransformerLM,
        cache_len: usize,
        batch_axes: &[(AxisName, usize)],
        pad_id: Option<i32>,
        prefix: &str,
    ) -> Result<Self> {
        let metadata = &uncached.metadata;
        let cached_axes: Vec<_> = batch_axes
            .iter()
            .chain(&metadata.common_head_axes)
            .copied()
            .chain([(axes::PROJECTION, metadata.projection_dim)])
            .collect();
        let mut made = 0;
        let body =
            select(&uncached.body).at_instances_of::<Attention>().allow_empty().apply(|attention| {
                let config = CacheConfig {
                    sequence_axis: axes::SEQ,
                    cache_len,
                    cached_axes: cached_axes.clone(),
                    cache_end_index_key: CACHE_END_INDEX.into(),
                    cache_dtype: metadata.activation_dtype,
                    cache_label: format!("{prefix}/cache_{made}"),
                };
                made += 1;
                KVCachingAttention::from_uncached(&look_up_cached_positions(attention)?, config)
            })?;
        let tokens: Vec<_> = batch_axes.iter().copied().chain([(axes::SEQ, cache_len)]).collect();
        let previous = NamedArray::zeros(tokens, DType::I32)?;
        Ok(KVCachingTransformerLM {
            body,
            cache_end_index: StateVariable::new(
                format!("{prefix}/cache_end_index"),
                NamedArray::scalar(0_i32),
            ),
            previous_tokens: StateVariable::new(format!("{prefix}/previous_tokens"), previous),
            metadata: metadata.clone(),
            cache_len,
            batch_axes: batch_axes.to_vec(),
            pad_id,
        })
    }

    /// How many tokens the caches hold.
    ///
    /// # Errors
    /// The variable holds no integer scalar.
    pub fn cached_tokens(&self) -> Result<usize> {
        let end = self.cache_end_index.value().whole()?;
        usize::try_from(end).map_err(|_| {
            Report::new(NAME, format!("`cache_end_index` is {end}, and must not be negative")).value()
        })
    }

    /// Forgets all tokens. What is in the caches stays there, unseen, until it is overwritten.
    pub fn clear(&self) {
        self.cache_end_index.set(NamedArray::scalar(0_i32));
    }

    fn check_tokens(&self, tokens: &NamedArray) -> Result<usize> {
        let count = seq_len(NAME, tokens)?;
        let mut problems = Vec::new();
        for (axis, size) in &self.batch_axes {
            match tokens.size(axis) {
                Some(given) if given == *size => {}
                Some(given) => {
                    problems.push(format!("the tokens have `{axis}: {given}`, the caches `{axis}: {size}`"))
                }
                None => problems
                    .push(format!("the tokens have no axis `{axis}`, the caches have `{axis}: {size}`")),
            }
        }
        for (axis, size) in tokens.named_shape() {
            if axis != axes::SEQ && self.batch_axes.iter().all(|(known, _)| *known != axis) {
                problems.push(format!(
                    "the tokens have an axis `{axis}: {size}`, the caches were made without it"
                ));
            }
        }
        if !tokens.positional_shape().is_empty() {
            problems.push(format!("the tokens have positional axes {:?}", tokens.positional_shape()));
        }
        let help = "name all batch axes in `batch_axes` when making the model";
        match Report::of(NAME, problems) {
            Some(report) => Err(report.help(help).shape()),
            None => Ok(count),
        }
    }

    /// The positions of `count` tokens at `end`, and of all tokens in the caches.
    fn positions(
        &self,
        count: usize,
        end: &NamedArray,
        seen: &NamedArray,
    ) -> Result<(NamedArray, NamedArray)> {
        let Some(pad_id) = self.pad_id else {
            let query = NamedArray::arange(axes::SEQ, count).add(end)?;
            return Ok((query, NamedArray::arange(axes::SEQ, self.cache_len)));
        };
        let real = seen.not_equal(pad_id)?;
        let counted = real.cast(DType::I32)?.cumsum(axes::SEQ)?.sub(1)?;
        let keys = real.select(&counted, -1)?;
        Ok((keys.dynamic_slice([(axes::SEQ, end, count)])?, keys))
    }
}

/// The same attention, its causal masks looking at the positions of cached tokens.
fn look_up_cached_positions(attention: &Attention) -> Result<Attention> {
    let renamed = |old: &str, mask: &str| {
        if old == TOKEN_POSITIONS {
            return Ok(KV_TOKEN_POSITIONS.to_owned());
        }
        let problem =
            format!("`{mask}` takes key positions from `{old}`, and only `{TOKEN_POSITIONS}` is known");
        Err(Report::new("KVCachingTransformerLM::from_uncached", problem)
            .help(format!("set its `kv_positions_input_name` to \"{TOKEN_POSITIONS}\" first"))
            .tree())
    };
    let attention =
        select(attention).at_instances_of::<ApplyCausalAttentionMask>().allow_empty().apply(|mask| {
            let kv_positions_input_name = renamed(&mask.kv_positions_input_name, "ApplyCausalAttentionMask")?;
            Ok(ApplyCausalAttentionMask { kv_positions_input_name, ..mask.clone() })
        })?;
    select(&attention).at_instances_of::<ApplyCausalSlidingWindowAttentionMask>().allow_empty().apply(
        |mask| {
            let kv_positions_input_name =
                renamed(&mask.kv_positions_input_name, "ApplyCausalSlidingWindowAttentionMask")?;
            Ok(ApplyCausalSlidingWindowAttentionMask { kv_positions_input_name, ..mask.clone() })
        },
    )
}

impl Layer for KVCachingTransformerLM {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        let tokens = input.into_array(NAME)?;
        let count = self.check_tokens(&tokens)?;
        let used = self.cached_tokens()?;
        let Some(all) = used.checked_add(count).filter(|all| *all <= self.cache_len) else {
            let problem = format!(
                "the caches hold {} tokens; {count} more do not fit after the first {used}",
                self.cache_len
            );
            return Err(Report::new(NAME, problem).help("make the model with a larger `cache_len`").value());
        };
        let end = index_scalar(used)?;
        let seen = self
            .previous_tokens
            .value()
            .dynamic_update_slice(&tokens.cast(DType::I32)?, [(axes::SEQ, &end)])?;
        let (query_positions, key_positions) = self.positions(count, &end, &seen)?;
        let side = side
            .clone()
            .with(TOKEN_POSITIONS, query_positions)
            .with(KV_TOKEN_POSITIONS, key_positions)
            .with(CACHE_END_INDEX, end);
        let output = call_child(self, "body", &self.body, tokens.into(), &side)?;
        self.previous_tokens.set(seen);
        self.cache_end_index.set(index_scalar(all)?);
        Ok(output)
    }
}

fn index_scalar(index: usize) -> Result<NamedArray> {
    i32::try_from(index)
        .map(NamedArray::scalar)
        .map_err(|_| Report::new(NAME, format!("{index} tokens are more than an i32 can count")).value())
}
