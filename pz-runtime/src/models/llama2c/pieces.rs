//! The two files that hold a vocabulary, told apart by what is in them.
//!
//! llama2.c's `tokenizer.bin` is records of a score, a length and that many bytes; a sentencepiece `.vocab` is lines
//! of text, a piece, a tab and a score. A record file always has zero bytes (its lengths are small numbers of 32
//! bits) and a text never has, so that is the test. A piece's place in its file is its token.

use super::file::bad;
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
    let pieces = if bytes.contains(&0) { records(bytes) } else { lines(bytes) };
    pieces.map_err(|problem| bad(name, problem))
}

/// `tokenizer.bin`: the greatest length of a piece, then score, length and bytes of each.
fn records(bytes: &[u8]) -> Result<Vec<Piece>, String> {
    let Some((longest, mut rest)) = bytes.split_first_chunk::<4>() else {
        return Err(format!(
            "is truncated: its length is {} bytes, and its header wants 4 bytes",
            bytes.len()
        ));
    };
    let longest = i32::from_le_bytes(*longest);
    if longest < 1 {
        return Err(format!("header field `max_token_length` is {longest}, and must be at least 1"));
    }
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let token = pieces.len();
        let Some((head, tail)) = rest.split_first_chunk::<8>() else {
            return Err(format!(
                "is truncated: piece {token} wants 8 bytes for its score and length, and {} are left",
                rest.len()
            ));
        };
        let [score, length] = [0, 4].map(|at| [head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let length = i32::from_le_bytes(length);
        if length < 0 || length > longest {
            return Err(format!(
                "piece {token} has length {length}, and `max_token_length` in the header is {longest}"
            ));
        }
        let Some((piece, tail)) = tail.split_at_checked(length.unsigned_abs() as usize) else {
            return Err(format!(
                "is truncated: piece {token} has length {length}, and {} bytes are left",
                tail.len()
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
