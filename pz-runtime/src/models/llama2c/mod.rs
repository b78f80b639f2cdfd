//! Trained models in the format of llama2.c: checkpoints, tokenizers, and stories written token by token.
//!
//! The format is a header of seven numbers and then nothing but weights, so a file carries no names, no checksum
//! and no version: the only thing that tells a good file from a bad one is that the header and the length agree.
//! That is why all of it is judged before anything is allocated.
//!
//! [`Checkpoint`] and [`Tokenizer`] read files and know nothing of models; [`Checkpoint::into_model`] builds a
//! [`TransformerLM`](crate::models::transformer::TransformerLM), and a [`Story`] lets one write.

mod checkpoint;
mod file;
mod header;
mod load;
mod merge;
mod pieces;
mod tell;
mod tokenizer;

pub use checkpoint::{Checkpoint, Weights};
pub use header::Header;
pub use tell::{Reader, Story};
pub use tokenizer::{BOS, EOS, Tokenizer, UNKNOWN};
