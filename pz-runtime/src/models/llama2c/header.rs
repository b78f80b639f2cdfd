//! The header of a llama2.c version-0 checkpoint, judged against the length of its file.
//!
//! Seven little-endian 32-bit numbers say how long every array in the file is. Each is judged by itself first, so
//! that the message can name it; then the length that they promise together must be the length that the file has.
//! That sum is taken in 128 bits: its terms are products of at most three numbers of 31 bits.

use super::file::{bad, counted};
use crate::error::{Error, Result};

/// The sizes of a llama2.c model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Header {
    /// The size of the residual stream.
    pub dim: usize,
    /// The number of neurons in a feed-forward layer.
    pub hidden_dim: usize,
    /// The number of blocks.
    pub n_layers: usize,
    /// The number of query heads.
    pub n_heads: usize,
    /// The number of key and value heads; divides `n_heads`.
    pub n_kv_heads: usize,
    /// The number of tokens.
    pub vocab_size: usize,
    /// The context: the greatest number of positions.
    pub seq_len: usize,
    /// Whether the output matrix is the token embedding. (In the file, a negative `vocab_size` says that it is not.)
    pub shared_output: bool,
}

const FIELDS: [&str; 7] = ["dim", "hidden_dim", "n_layers", "n_heads", "n_kv_heads", "vocab_size", "seq_len"];

/// What later versions of the format begin with: `ak42`.
const VERSIONED_MAGIC: i32 = 0x616b_3432;

impl Header {
    /// The header's own length in bytes.
    pub const BYTES: usize = 28;

    /// Reads the header of the file `name`, which is `length` bytes long.
    ///
    /// # Errors
    /// A number that is zero or negative (but for `vocab_size`, whose sign is a mark), that the file is too short
    /// for, or that does not divide another as it must; and a length other than the one the numbers promise. The
    /// message is one line that names the file, the field, what it is and what it should be.
    pub fn parse(name: &str, bytes: &[u8; Header::BYTES], length: u64) -> Result<Header> {
        let mut raw = [0_i32; 7];
        for (value, bytes) in raw.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *value = i32::from_le_bytes(*bytes);
        }
        if raw[0] == VERSIONED_MAGIC {
            return Err(bad(
                name,
                format!("is a llama2.c checkpoint of version {}, and only version 0 is read", raw[1]),
            ));
        }
        let mut sizes = [0_usize; 7];
        for ((field, &found), size) in FIELDS.iter().zip(&raw).zip(&mut sizes) {
            *size = judge_alone(field, found, length).map_err(|problem| bad(name, problem))?;
        }
        let [dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len] = sizes;
        let header = Header {
            dim,
            hidden_dim,
            n_layers,
            n_heads,
            n_kv_heads,
            vocab_size,
            seq_len,
            shared_output: raw[5] > 0,
        };
        header.judge_together(name, length)?;
        Ok(header)
    }

    /// The size of one head: `dim / n_heads`.
    pub fn head_size(&self) -> usize {
        self.dim / self.n_heads
    }

    /// The size of all keys (or values) of one position: `n_kv_heads * head_size`.
    pub fn kv_dim(&self) -> usize {
        self.n_kv_heads * self.head_size()
    }

    /// The length in bytes of a file with this header.
    pub fn file_bytes(&self) -> u128 {
        let [dim, hidden, layers, vocab, seq, kv_dim, head_size] = [
            self.dim,
            self.hidden_dim,
            self.n_layers,
            self.vocab_size,
            self.seq_len,
            self.kv_dim(),
            self.head_size(),
        ]
        .map(|size| size as u128);
        let attention = 2 * dim * dim + 2 * kv_dim * dim;
        let block = 2 * dim + attention + 3 * hidden * dim;
        let matrices = if self.shared_output { 1 } else { 2 };
        let floats = matrices * vocab * dim + layers * block + dim + seq * head_size;
        Header::BYTES as u128 + 4 * floats
    }

    fn judge_together(&self, name: &str, length: u64) -> Result<()> {
        let Header { dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len, .. } = *self;
        let problem = |text: String| -> Result<()> { Err(bad(name, text)) };
        if dim % n_heads != 0 {
            return problem(format!(
                "header field `n_heads` is {n_heads}, which does not divide `dim`, {dim}"
            ));
        }
        if n_heads % n_kv_heads != 0 {
            return problem(format!(
                "header field `n_kv_heads` is {n_kv_heads}, which does not divide `n_heads`, {n_heads}"
            ));
        }
        if !self.head_size().is_multiple_of(2) {
            return problem(format!(
                "header field `dim` is {dim}, which gives {n_heads} heads of odd size {}, and rotary positions \
                 need an even one",
                self.head_size()
            ));
        }
        let wanted = self.file_bytes();
        if wanted != u128::from(length) {
            let what = if wanted > u128::from(length) { "truncated" } else { "over-long" };
            // As it stands in the file.
            let sign = if self.shared_output { "" } else { "-" };
            return problem(format!(
                "is {what}: its length is {length} bytes, and its header (dim {dim}, hidden_dim {hidden_dim}, n_layers \
                 {n_layers}, n_heads {n_heads}, n_kv_heads {n_kv_heads}, vocab_size {sign}{vocab_size}, seq_len \
                 {seq_len}) wants {wanted} bytes"
            ));
        }
        Ok(())
    }
}

/// A file that is too short to have a header.
pub(super) fn too_short(name: &str, length: u64) -> Error {
    let what = if length == 0 { "empty" } else { "truncated" };
    bad(
        name,
        format!(
            "is {what}: its length is {}, and the header alone wants {} bytes",
            counted(length, "byte"),
            Header::BYTES
        ),
    )
}

/// One number by itself: positive (`vocab_size` may be negative, but must be two tokens), and no more than the file has
/// floats, which each of them counts at least once.
fn judge_alone(field: &str, found: i32, length: u64) -> Result<usize, String> {
    let size = found.unsigned_abs();
    if field == "vocab_size" {
        if size < 2 {
            return Err(format!(
                "header field `{field}` is {found}, and must be at least 2, as token 1 begins every text (or at most \
                 -2: the minus says that the output matrix is not the token embedding)"
            ));
        }
    } else if found < 1 {
        return Err(format!("header field `{field}` is {found}, and must be at least 1"));
    }
    let least = 4 * u64::from(size);
    if least > length {
        return Err(format!(
            "header field `{field}` is {found}, which wants at least {least} bytes, and the file has {length} bytes"
        ));
    }
    Ok(size as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// stories260K.
    const GOOD: [i32; 7] = [64, 172, 5, 8, 4, 512, 512];
    const LENGTH: u64 = 1_056_540;

    fn parse(values: [i32; 7], length: u64) -> Result<Header, String> {
        let mut bytes = [0; Header::BYTES];
        for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(values) {
            *bytes = value.to_le_bytes();
        }
        Header::parse("f.bin", &bytes, length).map_err(|error| error.to_string())
    }

    #[test]
    fn a_good_header_gives_the_length_of_its_file() {
        let header = parse(GOOD, LENGTH).unwrap();
        assert_eq!(header.file_bytes(), u128::from(LENGTH));
        assert_eq!((header.head_size(), header.kv_dim(), header.shared_output), (8, 32, true));
    }

    #[test]
    fn every_absurd_number_is_named_with_what_was_wanted() {
        let cases = [
            (0, 0, "`dim` is 0, and must be at least 1"),
            (1, -172, "`hidden_dim` is -172, and must be at least 1"),
            (2, i32::MIN, "`n_layers` is -2147483648, and must be at least 1"),
            (3, 0, "`n_heads` is 0, and must be at least 1"),
            (4, -4, "`n_kv_heads` is -4, and must be at least 1"),
            (5, 0, "`vocab_size` is 0, and must be at least 2"),
            (
                5,
                -1,
                "`vocab_size` is -1, and must be at least 2, as token 1 begins every text (or at most -2",
            ),
            (
                5,
                i32::MIN,
                "`vocab_size` is -2147483648, which wants at least 8589934592 bytes, and the file has 1056540",
            ),
            (6, 0, "`seq_len` is 0, and must be at least 1"),
            (
                0,
                i32::MAX,
                "`dim` is 2147483647, which wants at least 8589934588 bytes, and the file has 1056540",
            ),
            (
                2,
                264_136,
                "`n_layers` is 264136, which wants at least 1056544 bytes, and the file has 1056540",
            ),
            (3, 7, "`n_heads` is 7, which does not divide `dim`, 64"),
            (3, 128, "`n_heads` is 128, which does not divide `dim`, 64"),
            (4, 3, "`n_kv_heads` is 3, which does not divide `n_heads`, 8"),
            (3, 64, "`dim` is 64, which gives 64 heads of odd size 1"),
            (5, 1, "`vocab_size` is 1, and must be at least 2"),
        ];
        for (place, value, wanted) in cases {
            let mut values = GOOD;
            values[place] = value;
            let message = parse(values, LENGTH).unwrap_err();
            assert!(message.starts_with("f.bin: header field `"), "{message}");
            assert!(message.contains(wanted), "{message}\n  should say: {wanted}");
            assert!(!message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn products_that_overflow_are_only_too_long() {
        // Each number alone fits a file of this length; together they promise about 10^29 bytes.
        let values = [1 << 30, 1 << 30, 1 << 30, 1, 1, 1 << 30, 1 << 30];
        let message = parse(values, u64::MAX).unwrap_err();
        // 4 (dim vocab + layers (2 dim + 4 dim^2 + 3 hidden dim) + dim + seq dim) + 28, in Python.
        assert!(message.contains("wants 34662321118437391775179997212 bytes"), "{message}");
    }

    #[test]
    fn a_wrong_length_is_named_with_the_right_one() {
        let short = parse(GOOD, LENGTH - 1).unwrap_err();
        assert!(short.contains("truncated: its length is 1056539 bytes"), "{short}");
        assert!(short.contains("wants 1056540 bytes"), "{short}");
        let long = parse(GOOD, LENGTH + 4).unwrap_err();
        assert!(long.contains("over-long: its length is 1056544 bytes"), "{long}");
        // A separate output matrix is 4 * 512 * 64 bytes more.
        let mut untied = GOOD;
        untied[5] = -512;
        let untied_short = parse(untied, LENGTH).unwrap_err();
        assert!(untied_short.contains("vocab_size -512, seq_len 512) wants 1187612 bytes"), "{untied_short}");
        assert!(!parse(untied, 1_187_612).unwrap().shared_output);
    }

    #[test]
    fn a_later_version_is_named() {
        let message = parse([VERSIONED_MAGIC, 1, 64, 172, 5, 8, 4], LENGTH).unwrap_err();
        assert!(message.contains("version 1, and only version 0"), "{message}");
    }
}
