//! Writing on: from logits to the next token, and round again.
//!
//! [`Decoder`] is an iterator over tokens, so that the caller decides when to stop and what to do with each
//! token while the next is being made. The caches end the text too: the last token is the one whose successor
//! would have no room.

use super::{KVCachingTransformerLM, axes};
use crate::error::{Report, Result};
use crate::named::{self, Random};
use crate::nn::{Layer, SideInputs};
use crate::random::Key;
use crate::{AxisName, NamedArray};

/// How the next token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strategy {
    /// The most probable token; of equals, the first.
    Greedy,
    /// A token drawn with the probabilities `softmax(logits / temperature)`.
    Temperature {
        /// Above 1 evens the probabilities out, below 1 sharpens them.
        temperature: f32,
        /// Where the randomness comes from.
        key: Key,
    },
}

impl Strategy {
    /// Sampling at `temperature`; at 0, greedy.
    ///
    /// # Errors
    /// A temperature below 0, or one that is no finite number.
    pub fn at_temperature(temperature: f32, key: Key) -> Result<Self> {
        if temperature == 0.0 {
            return Ok(Strategy::Greedy);
        }
        let strategy = Strategy::Temperature { temperature, key };
        strategy.check().map(|()| strategy)
    }

    fn check(&self) -> Result<()> {
        match *self {
            Strategy::Temperature { temperature, .. } if !(temperature.is_finite() && temperature > 0.0) => {
                let problem = format!("the temperature is {temperature}, and must be a positive number");
                Err(Report::new("Strategy", problem)
                    .help("for the most probable tokens, use `Strategy::Greedy`")
                    .value())
            }
            Strategy::Temperature { .. } | Strategy::Greedy => Ok(()),
        }
    }

    /// The next token of each sequence, by logits with the axes `batch` and `vocabulary`. Randomness is used up.
    pub(crate) fn choose(&mut self, logits: &NamedArray, batch: &[(AxisName, usize)]) -> Result<NamedArray> {
        let Strategy::Temperature { temperature, key } = self else {
            return logits.argmax(axes::VOCABULARY);
        };
        let (next, now) = (key.fold_in(0), key.fold_in(1));
        *key = next;
        now.random_split(batch)?.categorical(&logits.div(*temperature)?, axes::VOCABULARY)
    }
}

/// The tokens that a model writes after a prompt, one at a time.
///
/// Each item is an integer array with the model's batch axes. After an error there are no more.
pub struct Decoder<'m> {
    model: &'m KVCachingTransformerLM,
    strategy: Strategy,
    side: SideInputs,
    next_input: Option<NamedArray>,
    in_prompt: bool,
}

impl<'m> Decoder<'m> {
    /// Begins after `prompt`, which is read when the first token is asked for and must have at least one token
    /// that is not padding in each sequence.
    ///
    /// # Errors
    /// A temperature that is not a positive number.
    pub fn new(model: &'m KVCachingTransformerLM, prompt: NamedArray, strategy: Strategy) -> Result<Self> {
        strategy.check()?;
        Ok(Decoder { model, strategy, side: SideInputs::new(), next_input: Some(prompt), in_prompt: true })
    }

    /// Gives the model these side inputs beside its own.
    #[must_use]
    pub fn with_side_inputs(mut self, side: SideInputs) -> Self {
        self.side = side;
        self
    }

    fn step(&mut self, tokens: NamedArray) -> Result<NamedArray> {
        let logits = self.model.call(tokens.clone().into(), &self.side)?.into_array("Decoder")?;
        let logits = match self.model.pad_id {
            Some(pad_id) if self.in_prompt => after_last_real(&tokens, pad_id, &logits)?,
            _ => after_last(&logits)?,
        };
        self.in_prompt = false;
        let token = self.strategy.choose(&logits, &self.model.batch_axes)?;
        self.next_input = Some(named::stack(&[&token], axes::SEQ)?);
        Ok(token)
    }
}

impl Iterator for Decoder<'_> {
    type Item = Result<NamedArray>;

    fn next(&mut self) -> Option<Self::Item> {
        let tokens = self.next_input.take()?;
        if !self.in_prompt {
            match self.model.cached_tokens() {
                Ok(used) if used >= self.model.cache_len => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(error)),
            }
        }
        Some(self.step(tokens))
    }
}

/// Tokens that a model writes after a prompt at some temperature, along `seq`: `max_steps` of them, or as many as
/// the caches allow.
///
/// # Errors
/// As [`Decoder::new`], and those of the model.
pub fn temperature_sample(
    model: &KVCachingTransformerLM,
    prompt: NamedArray,
    key: Key,
    temperature: f32,
    max_steps: Option<usize>,
) -> Result<NamedArray> {
    let decoder = Decoder::new(model, prompt, Strategy::Temperature { temperature, key })?;
    let tokens = decoder.take(max_steps.unwrap_or(usize::MAX)).collect::<Result<Vec<_>>>()?;
    let order: Vec<_> = model.batch_axes.iter().map(|(axis, _)| *axis).chain([axes::SEQ]).collect();
    if tokens.is_empty() {
        let none = model.batch_axes.iter().copied().chain([(axes::SEQ, 0)]).collect::<Vec<_>>();
        return NamedArray::zeros(none, crate::DType::I32);
    }
    named::stack(&tokens.iter().collect::<Vec<_>>(), axes::SEQ)?.order_as(&order)
}

fn after_last(logits: &NamedArray) -> Result<NamedArray> {
    let last = logits.size(axes::SEQ).and_then(|count| count.checked_sub(1));
    match last {
        Some(last) => logits.index(axes::SEQ, last),
        None => Err(Report::new("Decoder", "the prompt has no tokens")
            .help("begin with a token of the model's own")
            .shape()),
    }
}

/// The logits after the last token that is not padding, for each sequence.
fn after_last_real(tokens: &NamedArray, pad_id: i32, logits: &NamedArray) -> Result<NamedArray> {
    let count = tokens.size(axes::SEQ).unwrap_or_default();
    if count == 0 {
        return after_last(logits);
    }
    let places = NamedArray::arange(axes::SEQ, count);
    let real = tokens.not_equal(pad_id)?.select(&places, -1)?;
    places.equal(real.argmax(axes::SEQ)?)?.select(logits, 0.0)?.sum(axes::SEQ)
}
