//! Text to tokens and back, as llama2.c does it.
//!
//! A text becomes a begin mark, a space, and one token for each character, and then neighbours are merged. A
//! character that is no piece becomes its bytes, where the vocabulary has pieces for bytes (`<0x00>` to `<0xFF>`
//! from token 3 on), and else the unknown token. Tokens become bytes, not text: a character may be spread over
//! several tokens.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use super::file::{bad, counted, open, unreadable};
use super::merge::merge;
use super::pieces::{Piece, parse};
use crate::error::Result;

/// The token of what has no other.
pub const UNKNOWN: u32 = 0;
/// The token before every text; where a model writes it, the text is over.
pub const BOS: u32 = 1;
/// The token after a text. (Stories have none: they end where the next begins.)
pub const EOS: u32 = 2;

/// The token of byte 0, in vocabularies that have bytes.
const FIRST_BYTE: u32 = 3;

/// A vocabulary, and how text is cut by it.
pub struct Tokenizer {
    name: String,
    pieces: Vec<Piece>,
    tokens: HashMap<Box<[u8]>, u32>,
    longest: usize,
    /// For each piece the byte that it writes, where it is written as `<0xNN>`.
    bytes: Vec<Option<u8>>,
}

impl Tokenizer {
    /// Reads a vocabulary from llama2.c's `tokenizer.bin` or a sentencepiece `.vocab`; its content tells which.
    ///
    /// # Errors
    /// A file that cannot be read, or that is in neither format. The message is one line and names the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Tokenizer> {
        let (mut file, length, name) = open(path.as_ref())?;
        if length > MOST_BYTES {
            return Err(bad(
                &name,
                format!(
                    "is no vocabulary: its length is {length} bytes, and at most {MOST_BYTES} bytes are read"
                ),
            ));
        }
        let mut bytes = Vec::new();
        file.by_ref().take(MOST_BYTES).read_to_end(&mut bytes).map_err(|error| unreadable(&name, &error))?;
        Tokenizer::from_bytes(name, &bytes)
    }

    /// Reads a vocabulary from memory; errors call it `name`.
    ///
    /// # Errors
    /// As [`Tokenizer::open`].
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Tokenizer> {
        let name = name.into();
        let pieces = parse(&name, bytes)?;
        let mut tokens = HashMap::with_capacity(pieces.len());
        for (token, piece) in (0..).zip(&pieces) {
            tokens.entry(piece.bytes.clone()).or_insert(token);
        }
        let longest = pieces.iter().map(|piece| piece.bytes.len()).max().unwrap_or(0);
        let bytes = pieces.iter().map(|piece| written_byte(&piece.bytes)).collect();
        Ok(Tokenizer { name, pieces, tokens, longest, bytes })
    }

    /// The name of the file, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The number of tokens.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there is no token at all.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Checks that this vocabulary is as large as that of the model `model`.
    ///
    /// # Errors
    /// It is not; the message is one line and names both files and both sizes.
    pub fn expect_len(&self, vocab_size: usize, model: &str) -> Result<()> {
        if self.len() == vocab_size {
            return Ok(());
        }
        Err(bad(
            &self.name,
            format!(
                "holds {}, and `vocab_size` of the model {model} is {vocab_size}",
                counted(self.len() as u64, "piece")
            ),
        ))
    }

    /// The tokens of a text, [`BOS`] first.
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::with_capacity(text.len() + 2);
        if !text.is_empty() {
            self.push_character(&mut tokens, " ");
        }
        for (at, character) in text.char_indices() {
            self.push_character(&mut tokens, &text[at..at + character.len_utf8()]);
        }
        let mut tokens = merge(tokens, |left, right| self.join(left, right));
        tokens.insert(0, BOS);
        tokens
    }

    /// The bytes that `token` writes after the token `previous`: the first piece after [`BOS`] loses its leading
    /// space, and a token that is not in the vocabulary writes nothing.
    pub fn decode(&self, previous: u32, token: u32) -> &[u8] {
        let token = token as usize;
        let (Some(piece), Some(byte)) = (self.pieces.get(token), self.bytes.get(token)) else { return &[] };
        if let Some(byte) = byte {
            return std::slice::from_ref(byte);
        }
        match piece.bytes.strip_prefix(b" ") {
            Some(rest) if previous == BOS => rest,
            _ => &piece.bytes,
        }
    }

    fn push_character(&self, tokens: &mut Vec<u32>, character: &str) {
        match self.tokens.get(character.as_bytes()) {
            Some(&token) => tokens.push(token),
            None if self.has_bytes(character) => {
                tokens.extend(character.bytes().map(|byte| FIRST_BYTE + u32::from(byte)));
            }
            None => tokens.push(UNKNOWN),
        }
    }

    /// Whether the bytes of a character stand where llama2.c puts them.
    fn has_bytes(&self, character: &str) -> bool {
        character.bytes().all(|byte| {
            let place = FIRST_BYTE as usize + usize::from(byte);
            self.bytes.get(place).is_some_and(|written| *written == Some(byte))
        })
    }

    /// The piece that two pieces make together.
    fn join(&self, left: u32, right: u32) -> Option<(u32, f32)> {
        let [left, right] =
            [&*self.pieces.get(left as usize)?.bytes, &*self.pieces.get(right as usize)?.bytes];
        if left.len() + right.len() > self.longest {
            return None;
        }
        let token = *self.tokens.get(&[left, right].concat()[..])?;
        Some((token, self.pieces[token as usize].score))
    }
}

/// Four times the largest vocabulary in use; a file that was named by mistake is not read to its end.
const MOST_BYTES: u64 = 1 << 24;

/// The byte of a piece that is written as `<0xNN>`.
fn written_byte(piece: &[u8]) -> Option<u8> {
    let digits = piece.strip_prefix(b"<0x")?.strip_suffix(b">")?;
    if digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(pieces: &[(&[u8], f32)]) -> Vec<u8> {
        let mut file = 6_i32.to_le_bytes().to_vec();
        for (piece, score) in pieces {
            file.extend(score.to_le_bytes());
            file.extend((piece.len() as i32).to_le_bytes());
            file.extend(*piece);
        }
        file
    }

    #[test]
    fn a_character_that_is_no_piece_is_its_bytes_where_they_stand_in_their_place() {
        let bytes: Vec<String> = (0..=255).map(|byte| format!("<0x{byte:02X}>")).collect();
        let mut pieces: Vec<(&[u8], f32)> = vec![(b"<unk>", 0.0), (b"<s>", 0.0), (b"</s>", 0.0)];
        pieces.extend(bytes.iter().map(|piece| (piece.as_bytes(), 0.0)));
        pieces.push((b" ", -1.0));
        let tokenizer = Tokenizer::from_bytes("t", &records(&pieces)).unwrap();
        assert_eq!(tokenizer.encode("é"), [BOS, 259, 3 + 0xC3, 3 + 0xA9]);
        assert_eq!(tokenizer.decode(259, 3 + 0xC3), [0xC3]);

        // One byte out of place: nothing says where the bytes are.
        pieces.remove(4);
        let tokenizer = Tokenizer::from_bytes("t", &records(&pieces)).unwrap();
        assert_eq!(tokenizer.encode("é"), [BOS, 258, UNKNOWN]);
    }

    #[test]
    fn the_space_after_the_begin_mark_is_dropped_once() {
        let text = "<unk>\t0\n<s>\t0\n</s>\t0\n\u{2581}\t-0\n\u{2581}\u{2581}a\t-1\n";
        let tokenizer = Tokenizer::from_bytes("t", text.as_bytes()).unwrap();
        assert_eq!(tokenizer.decode(BOS, 4), b" a");
        assert_eq!(tokenizer.decode(3, 4), b"  a");
        assert_eq!(tokenizer.decode(3, 5), b"");
    }

    #[test]
    fn a_vocabulary_without_pieces_cuts_nothing_and_does_not_panic() {
        let tokenizer = Tokenizer::from_bytes("t", &records(&[])).unwrap();
        assert!(tokenizer.is_empty());
        assert_eq!(tokenizer.encode("ab"), [BOS, UNKNOWN, UNKNOWN, UNKNOWN]);
        assert!(tokenizer.expect_len(2, "m").is_err());
    }

    #[test]
    fn malformed_vocabularies_name_the_piece_and_both_values() {
        let good = records(&[(b"ab", 0.0), (b"c", -1.0)]);
        let patched = |at: usize, value: i32| {
            let mut file = good.clone();
            file[at..at + 4].copy_from_slice(&value.to_le_bytes());
            file
        };
        let cases: [(Vec<u8>, &str); 15] = [
            (vec![], "is empty: its length is 0 bytes"),
            (vec![0, 0], "its length is 2 bytes, and its header wants 4"),
            (patched(0, 0), "`max_token_length` is 0, and must be at least 1"),
            (patched(0, -1), "`max_token_length` is -1, and must be at least 1"),
            (
                patched(8, -2),
                "has 19 bytes left over after 0 whole pieces, where piece 0 has length -2, and `max_token_length` in the header is 6",
            ),
            (
                patched(8, i32::MAX),
                "piece 0 has length 2147483647, and `max_token_length` in the header is 6",
            ),
            (vec![0], "its length is 1 byte, and"),
            (
                patched(18, 5),
                "has 9 bytes left over after 1 whole piece, and piece 1, whose length is 5, wants 13",
            ),
            (
                good[..18].to_vec(),
                "has 4 bytes left over after 1 whole piece, and piece 1 would want at least 8 for",
            ),
            ([&good[..], b"x"].concat(), "has 1 byte left over after 2 whole pieces, and piece 2 would want"),
            (
                b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02".to_vec(),
                "is a sentencepiece model, and a `.vocab`",
            ),
            (b"a\t1\nb".to_vec(), "line 2 has no tab"),
            (b"a\t1\nb\tx\n".to_vec(), "line 2 has the score `x`"),
            (b"a\t1\n\n".to_vec(), "line 2 has no tab"),
            (b"ab\xFF\t1".to_vec(), "byte 2 is 0xff"),
        ];
        for (file, wanted) in cases {
            let message = Tokenizer::from_bytes("t.bin", &file).err().expect(wanted).to_string();
            assert!(message.starts_with("t.bin: "), "{message}");
            assert!(message.contains(wanted), "{message}\n  should say: {wanted}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn a_vocabulary_of_the_wrong_size_names_both_files_and_sizes() {
        let tokenizer = Tokenizer::from_bytes("t.bin", b"a\t0\nb\t0").unwrap();
        assert_eq!(tokenizer.len(), 2);
        tokenizer.expect_len(2, "m.bin").unwrap();
        let message = tokenizer.expect_len(512, "m.bin").unwrap_err().to_string();
        assert_eq!(message, "t.bin: holds 2 pieces, and `vocab_size` of the model m.bin is 512");
    }
}
