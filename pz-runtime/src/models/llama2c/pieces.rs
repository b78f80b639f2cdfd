//! The two files that hold a vocabulary, told apart by what is in them.
//!
//! llama2.c's `tokenizer.bin` is records of a score, a length and that many bytes; a sentencepiece `.vocab` is lines
//! of text, a piece, a tab and a score. A record file always has zero bytes (its lengths are small numbers of 32
//! bits) and a text never has, so that is the test. A piece's place in its file is its token. Sentencepiece's own
//! `.model` is often what lies nearest; it is not read, but it is known by its first bytes.

use super::file::{bad, counted};
use crate::error::Result;

/// A piece of text and how soon it is made by merging: the highest score first.
pub(super) struct Piece {
    pub(super) bytes: Box<[u8]>,
    pub(super) score: f32,
}

/// Sentencepiece writes a space as this character.
const SPACE: &str = "\u{2581}";

/// Reads the vocabulary of the file `name`, in either format.
///
/// # Errors
/// What is in neither: the message names the file and the piece, what was found and what was wanted.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Piece>> {
    if bytes.is_empty() {
        return Err(bad(name, "is empty: its length is 0 bytes, and a vocabulary wants at least 1 piece"));
    }
    if is_sentencepiece_model(bytes) {
        return Err(bad(
            name,
            format!(
                "is a sentencepiece model, and a `.vocab` (or llama2.c's `tokenizer.bin`) was wanted: give the `.vocab` \
                 that was written with it, or write one with `spm_export_vocab --model={name} --output={name}.vocab`"
            ),
        ));
    }
    let pieces = if bytes.contains(&0) { records(bytes) } else { lines(bytes) };
    pieces.map_err(|problem| bad(name, problem))
}

/// A protobuf message whose first field is a piece, which is a message whose first field is its text. (As a text, this
/// has an empty first line; as records, it has pieces of more than 2^19 bytes.)
fn is_sentencepiece_model(bytes: &[u8]) -> bool {
    const FIELD_1: u8 = 0x0a;
    matches!(*bytes, [FIELD_1, piece, FIELD_1, text, ..] if piece < 128 && u16::from(text) + 2 <= u16::from(piece))
}

/// `tokenizer.bin`: the greatest length of a piece, then score, length and bytes of each.
fn records(bytes: &[u8]) -> Result<Vec<Piece>, String> {
    let Some((longest, mut rest)) = bytes.split_first_chunk::<4>() else {
        return Err(format!(
            "is truncated: its length is {}, and its header wants 4 bytes",
            counted(bytes.len() as u64, "byte")
        ));
    };
    let longest = i32::from_le_bytes(*longest);
    if longest < 1 {
        return Err(format!("header field `max_token_length` is {longest}, and must be at least 1"));
    }
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let token = pieces.len();
        // Whether they are too few or too many, only the vocabulary's size would tell.
        let left_over = || {
            format!(
                "{} left over after {}",
                counted(rest.len() as u64, "byte"),
                counted(token as u64, "whole piece")
            )
        };
        let Some((head, tail)) = rest.split_first_chunk::<8>() else {
            return Err(format!(
                "has {}, and piece {token} would want at least 8 for its score and length",
                left_over()
            ));
        };
        let [score, length] = [0, 4].map(|at| [head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = i32::from_le_bytes(length);
        if length < 0 || length > longest {
            return Err(format!(
                "has {}, where piece {token} has length {length}, and `max_token_length` in the header is {longest}",
                left_over()
            ));
        }
        let Some((piece, tail)) = tail.split_at_checked(length.unsigned_abs() as usize) else {
            return Err(format!(
                "has {}, and piece {token}, whose length is {length}, wants {}",
                left_over(),
                u64::from(length.unsigned_abs()) + 8
            ));
        };
        pieces.push(Piece { bytes: piece.into(), score: f32::from_le_bytes(score) });
        rest = tail;
    }
    Ok(pieces)
}

/// `.vocab`: a piece, a tab, a score, a line end.
fn lines(bytes: &[u8]) -> Result<Vec<Piece>, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        format!(
            "is no vocabulary: it has no zero byte, so it must be lines of UTF-8 text, and byte {at} is {:#04x}",
            bytes[at]
        )
    })?;
    let line = |(number, line): (usize, &str)| {
        let wanted = "and must be a piece, a tab and a score";
        let (piece, score) =
            line.rsplit_once('\t').ok_or_else(|| format!("line {} has no tab, {wanted}", number + 1))?;
        let score = score.trim_end_matches('\r');
        let score = score
            .parse()
            .map_err(|_| format!("line {} has the score `{}`, {wanted}", number + 1, shorten(score)))?;
        Ok(Piece { bytes: piece.replace(SPACE, " ").into_bytes().into(), score })
    };
    text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate().map(line).collect()
}

/// So much of a text as fits in a message of one line.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(24).flat_map(char::escape_debug).collect();
    if text.chars().nth(24).is_some() {
        short.push('…');
    }
    short
}
