//! Attention that remembers keys and values.
//!
//! The five layers of an [`Attention`] are used as they are; between making keys and using them, this layer
//! writes them into a cache of fixed length, and the rest sees the whole cache. What has not been written yet is
//! hidden by the causal mask, which must therefore compare positions of the cache.
//!
//! The cache is given up by the variable while it is updated, so that nobody else holds it and the engine may
//! write in place. Everything that could fail is judged before.

use super::{AnyLayer, Attention, Layer, SideInputs, Value, call_child};
use crate::AxisName;
use crate::array::DType;
use crate::error::{Report, Result};
use crate::named::NamedArray;
use crate::vars::StateVariable;

/// The keys and values of the tokens seen so far, along an axis of fixed length.
#[crate::pytree_dataclass]
pub struct KeyValueCache {
    /// Keys; zero where nothing has been written.
    pub keys: NamedArray,
    /// Values; zero where nothing has been written.
    pub values: NamedArray,
}

/// An [`Attention`] with a cache of keys and values.
///
/// # Errors
/// The side input with the end of the cache is missing; the new keys or values have other axes, sizes or element
/// type than the cache; the cache is full.
#[crate::pytree_dataclass]
pub struct KVCachingAttention {
    /// Makes the queries from the input.
    pub input_to_query: AnyLayer,
    /// Makes the keys from the input.
    pub input_to_key: AnyLayer,
    /// Makes the values from the input.
    pub input_to_value: AnyLayer,
    /// Makes attention weights from the tuple `(queries, cached keys)`.
    pub query_key_to_attn: AnyLayer,
    /// Makes the output from the tuple `(attention weights, cached values)`.
    pub attn_value_to_output: AnyLayer,
    /// The axis along which tokens stand.
    #[pytree(static)]
    pub sequence_axis: AxisName,
    /// The side input that says how many tokens the cache holds: an integer scalar.
    #[pytree(static)]
    pub kv_cache_end_index_key: String,
    /// The cache.
    pub kv_cache: StateVariable<KeyValueCache>,
}

/// How [`KVCachingAttention::from_uncached`] makes the cache.
#[derive(Clone, Debug)]
pub struct CacheConfig {
    /// The axis along which tokens stand.
    pub sequence_axis: AxisName,
    /// How many tokens fit.
    pub cache_len: usize,
    /// All other axes of keys and values: batch, heads, projection.
    pub cached_axes: Vec<(AxisName, usize)>,
    /// The side input that says how many tokens the cache holds.
    pub cache_end_index_key: String,
    /// The element type of keys and values.
    pub cache_dtype: DType,
    /// The label of the variable.
    pub cache_label: String,
}

impl KVCachingAttention {
    /// The cached form of an attention layer, with an empty cache.
    ///
    /// # Errors
    /// An axis that is named twice, or sizes whose product is too large.
    pub fn from_uncached(original: &Attention, config: CacheConfig) -> Result<Self> {
        let axes: Vec<_> =
            config.cached_axes.into_iter().chain([(config.sequence_axis, config.cache_len)]).collect();
        let empty = NamedArray::zeros(axes, config.cache_dtype)?;
        let Attention {
            input_to_query,
            input_to_key,
            input_to_value,
            query_key_to_attn,
            attn_value_to_output,
        } = original.clone();
        Ok(KVCachingAttention {
            input_to_query,
            input_to_key,
            input_to_value,
            query_key_to_attn,
            attn_value_to_output,
            sequence_axis: config.sequence_axis,
            kv_cache_end_index_key: config.cache_end_index_key,
            kv_cache: StateVariable::new(
                config.cache_label,
                KeyValueCache { keys: empty.clone(), values: empty },
            ),
        })
    }

    /// Writes new keys and values at `end`, and gives the whole cache back.
    fn remember(&self, end: &NamedArray, keys: &NamedArray, values: &NamedArray) -> Result<KeyValueCache> {
        self.check(end, keys, values)?;
        self.kv_cache.update(|cache| {
            let axis = self.sequence_axis;
            let keys = cache.keys.dynamic_update_slice(keys, [(axis, end)])?;
            let values = cache.values.dynamic_update_slice(values, [(axis, end)])?;
            Ok(KeyValueCache { keys, values })
        })
    }

    fn check(&self, end: &NamedArray, keys: &NamedArray, values: &NamedArray) -> Result<()> {
        let cache = self.kv_cache.value();
        let mut problems = self.misfits("keys", keys, &cache.keys);
        problems.extend(self.misfits("values", values, &cache.values));
        match Report::of("KVCachingAttention", problems) {
            Some(report) => Err(report.shape()),
            None => self.check_room(end, keys, &cache.keys),
        }
    }

    /// What differs between new entries and the cache, other than the number of tokens.
    fn misfits(&self, what: &str, new: &NamedArray, cached: &NamedArray) -> Vec<String> {
        let mut problems = Vec::new();
        for (axis, size) in new.named_shape() {
            match cached.size(axis) {
                None => problems.push(format!(
                    "the {what} have an axis `{axis}: {size}`, and the cache was made without it; its axes are {:?}",
                    cached.named_shape()
                )),
                Some(wanted) if wanted != size && axis != self.sequence_axis => {
                    problems.push(format!("the {what} have `{axis}: {size}`, and the cache has `{axis}: {wanted}`"));
                }
                Some(_) => {}
            }
        }
        for (axis, size) in cached.named_shape() {
            if new.size(axis).is_none() {
                problems
                    .push(format!("the {what} have no axis `{axis}`, and the cache has `{axis}: {size}`"));
            }
        }
        if new.dtype() != cached.dtype() {
            problems.push(format!("the {what} are {}, and the cache is {}", new.dtype(), cached.dtype()));
        }
        problems
    }

    fn check_room(&self, end: &NamedArray, new: &NamedArray, cached: &NamedArray) -> Result<()> {
        if end.is_abstract() {
            // The model runs for its shapes; how full the cache is will be judged when it runs on values.
            return Ok(());
        }
        let axis = self.sequence_axis;
        let (count, room) =
            (new.size(axis).unwrap_or_default(), cached.size(axis.as_str()).unwrap_or_default());
        let used = end.whole()?;
        let fits = usize::try_from(used)
            .ok()
            .and_then(|used| used.checked_add(count))
            .is_some_and(|all| all <= room);
        if fits {
            return Ok(());
        }
        let problem =
            format!("the cache holds {room} tokens; {count} more do not fit after the first {used}");
        Err(Report::new("KVCachingAttention", problem)
            .help("make the model with a larger `cache_len`")
            .value())
    }
}

impl Layer for KVCachingAttention {
    fn call(&self, input: Value, side: &SideInputs) -> Result<Value> {
        const NAME: &str = "KVCachingAttention";
        let end = side.array(&self.kv_cache_end_index_key)?;
        let query = call_child(self, "input_to_query", &self.input_to_query, input.clone(), side)?;
        let keys =
            call_child(self, "input_to_key", &self.input_to_key, input.clone(), side)?.into_array(NAME)?;
        let values =
            call_child(self, "input_to_value", &self.input_to_value, input, side)?.into_array(NAME)?;
        let KeyValueCache { keys, values } = self.remember(end, &keys, &values)?;
        let scores = Value::Tuple(vec![query, keys.into()]);
        let attn = call_child(self, "query_key_to_attn", &self.query_key_to_attn, scores, side)?;
        let weighted = Value::Tuple(vec![attn, values.into()]);
        call_child(self, "attn_value_to_output", &self.attn_value_to_output, weighted, side)
    }
}
