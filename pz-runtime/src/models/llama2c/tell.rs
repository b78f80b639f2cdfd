//! Writing on, token by token.
//!
//! A [`Story`] is an iterator of tokens: first those of the prompt, then those that the model chooses. It ends
//! where the model begins the next text, or after so many tokens. How logits are had, from a model that remembers
//! (a [`KVCachingTransformerLM`]) or from one that reads everything again, is up to its [`Reader`]; the tokens are
//! the same.

use super::BOS;
use crate::NamedArray;
use crate::error::{Report, Result};
use crate::models::transformer::axes::SEQ;
use crate::models::transformer::decode::Strategy;
use crate::models::transformer::{KVCachingTransformerLM, TransformerLM};
use crate::nn::{Layer, SideInputs};

/// A model that reads tokens in order and says what may follow.
pub struct Reader(Way);

enum Way {
    Caching(KVCachingTransformerLM),
    Rereading { model: TransformerLM, read: Vec<i32> },
}

impl Reader {
    /// A reader that keeps keys and values of what it has read, for at most `positions` tokens.
    ///
    /// # Errors
    /// Attention layers that cannot be made to remember, because their masks were edited.
    pub fn caching(model: &TransformerLM, positions: usize) -> Result<Reader> {
        KVCachingTransformerLM::from_uncached(model, positions, &[], None, "story")
            .map(Way::Caching)
            .map(Reader)
    }

    /// A reader that reads everything again each time.
    pub fn rereading(model: &TransformerLM) -> Reader {
        Reader(Way::Rereading { model: model.clone(), read: Vec::new() })
    }

    /// Reads on: the logits after each token that was read for this, with axes `seq` and `vocabulary`. (One that
    /// rereads gives those of all tokens.)
    ///
    /// # Errors
    /// A model that was edited so that it does not fit together.
    pub fn read(&mut self, tokens: &[u32]) -> Result<NamedArray> {
        let mut tokens: Vec<i32> = tokens.iter().map(|token| *token as i32).collect();
        let model: &dyn Layer = match &mut self.0 {
            Way::Caching(model) => model,
            Way::Rereading { model, read } => {
                read.append(&mut tokens);
                tokens.clone_from(read);
                model
            }
        };
        let count = tokens.len();
        let tokens = NamedArray::from_vec(tokens, [(SEQ, count)])?;
        model.call(tokens.into(), &SideInputs::new())?.into_array("Reader")
    }

    /// Reads on, and chooses the token that follows.
    fn read_and_choose(&mut self, tokens: &[u32], strategy: &mut Strategy) -> Result<u32> {
        let logits = self.read(tokens)?;
        let last = logits.size(SEQ).unwrap_or_default().saturating_sub(1);
        let logits = logits.index(SEQ, last)?;
        if let Some(token) = logits.to_vec::<f32>()?.iter().position(|logit| logit.is_nan()) {
            let problem = format!("the logit of token {token} is not a number (NaN), so none can be chosen");
            return Err(Report::new("Story", problem).value());
        }
        let token = strategy.choose(&logits, &[])?.item::<i32>()?;
        Ok(token.unsigned_abs())
    }
}

/// The tokens of a prompt and of its continuation, [`BOS`] left out.
pub struct Story {
    reader: Reader,
    strategy: Strategy,
    /// What the reader has not read yet.
    unread: Vec<u32>,
    prompt: std::vec::IntoIter<u32>,
    left: usize,
}

impl Story {
    /// Goes on from `prompt`, [`BOS`] included, until there are `tokens` tokens after [`BOS`] (the prompt counts,
    /// and is cut if it is longer) or the model writes [`BOS`].
    pub fn new(reader: Reader, prompt: Vec<u32>, tokens: usize, strategy: Strategy) -> Story {
        let mut prompt = prompt.into_iter();
        let unread = vec![prompt.next().unwrap_or(BOS)];
        Story { reader, strategy, unread, prompt, left: tokens }
    }
}

impl Iterator for Story {
    type Item = Result<u32>;

    fn next(&mut self) -> Option<Result<u32>> {
        self.left = self.left.checked_sub(1)?;
        // The prompt is only collected: it is read in one go when the first token is to be chosen.
        let token = match self.prompt.next() {
            Some(token) => token,
            None => {
                let chosen = self.reader.read_and_choose(&self.unread, &mut self.strategy);
                self.unread.clear();
                match chosen {
                    Ok(BOS) => {
                        self.left = 0;
                        return None;
                    }
                    Ok(token) => token,
                    Err(error) => {
                        self.left = 0;
                        return Some(Err(error));
                    }
                }
            }
        };
        self.unread.push(token);
        Some(Ok(token))
    }
}
