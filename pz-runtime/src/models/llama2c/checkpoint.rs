//! The weights of a llama2.c version-0 checkpoint, as they lie in the file.
//!
//! After the header come the arrays of all layers, kind by kind, in 32-bit floats. Each is read into a vector of its
//! own, layer by layer, so that it becomes an array without another copy. One thing is changed on the way: llama2.c
//! rotates the neighbours `2i` and `2i + 1` of a head, Penzai rotates `i` and `i + size / 2`, and the same model comes
//! out when the rows of every query and key head are put in the order 0, 2, 4, …, 1, 3, 5, ….

use std::io::{BufReader, Read};
use std::path::Path;

use super::file::{bad, open, unreadable};
use super::header::{Header, too_short};
use crate::error::Result;

/// A llama2.c checkpoint: sizes and weights.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The name of the file, for messages.
    pub name: String,
    /// The sizes.
    pub header: Header,
    /// The weights.
    pub weights: Weights,
}

/// The weights, row-major, matrices as (out, in); what there is of each layer is indexed by layer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Weights {
    /// (vocab_size, dim)
    pub token_embedding: Vec<f32>,
    /// (dim)
    pub attention_norm: Vec<Vec<f32>>,
    /// (n_heads, head_size, dim), the rows of each head reordered for rotation by halves.
    pub query: Vec<Vec<f32>>,
    /// (n_kv_heads, head_size, dim), the rows of each head reordered for rotation by halves.
    pub key: Vec<Vec<f32>>,
    /// (n_kv_heads, head_size, dim)
    pub value: Vec<Vec<f32>>,
    /// (dim, n_heads, head_size)
    pub attention_output: Vec<Vec<f32>>,
    /// (dim)
    pub feed_forward_norm: Vec<Vec<f32>>,
    /// (hidden_dim, dim), what SiLU is applied to.
    pub gate: Vec<Vec<f32>>,
    /// (dim, hidden_dim)
    pub down: Vec<Vec<f32>>,
    /// (hidden_dim, dim), what the gate multiplies.
    pub up: Vec<Vec<f32>>,
    /// (dim)
    pub final_norm: Vec<f32>,
    /// (vocab_size, dim), where it is not the token embedding.
    pub output: Option<Vec<f32>>,
}

impl Checkpoint {
    /// Reads a checkpoint file.
    ///
    /// # Errors
    /// A file that cannot be read, and what [`Header::parse`] refuses. The message is one line and names the file.
    pub fn open(path: impl AsRef<Path>) -> Result<Checkpoint> {
        let (file, length, name) = open(path.as_ref())?;
        // Reading takes long where the file is large: whether there is memory for it is asked before.
        let bytes = usize::try_from(length).unwrap_or(usize::MAX);
        if Vec::<u8>::new().try_reserve_exact(bytes).is_err() {
            return Err(bad(
                &name,
                format!("has {length} bytes, and there is no memory for so many weights"),
            ));
        }
        Checkpoint::read(name, length, BufReader::with_capacity(1 << 16, file))
    }

    /// Reads and judges a checkpoint file's header alone: what else must fit can be asked before the weights are read.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn header_of(path: impl AsRef<Path>) -> Result<Header> {
        let (file, length, name) = open(path.as_ref())?;
        Checkpoint::header(&name, length, &mut BufReader::with_capacity(Header::BYTES, file))
    }

    /// Reads a checkpoint from memory; errors call it `name`.
    ///
    /// # Errors
    /// As [`Checkpoint::open`].
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Result<Checkpoint> {
        Checkpoint::read(name.into(), bytes.len() as u64, bytes)
    }

    fn read(name: String, length: u64, mut source: impl Read) -> Result<Checkpoint> {
        let header = Checkpoint::header(&name, length, &mut source)?;
        let weights = Weights::read(&header, &mut source).map_err(|error| unreadable(&name, &error))?;
        Ok(Checkpoint { name, header, weights })
    }

    fn header(name: &str, length: u64, source: &mut impl Read) -> Result<Header> {
        let mut first = [0; Header::BYTES];
        if length < Header::BYTES as u64 {
            return Err(too_short(name, length));
        }
        // A file may still be cut short by somebody while it is read: then `read_exact` says so.
        source.read_exact(&mut first).map_err(|error| unreadable(name, &error))?;
        Header::parse(name, &first, length)
    }
}

impl Weights {
    fn read(header: &Header, source: impl Read) -> std::io::Result<Weights> {
        let &Header { dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len, .. } = header;
        let (head_size, kv_dim) = (header.head_size(), header.kv_dim());
        let mut floats = Floats { source, layers: n_layers };
        // Fields are read as they are written here: the order of the file.
        let token_embedding = floats.vector(vocab_size * dim)?;
        let attention_norm = floats.each_layer(dim)?;
        let query = floats.each_layer_of_heads(n_heads, head_size, dim)?;
        let key = floats.each_layer_of_heads(n_kv_heads, head_size, dim)?;
        let value = floats.each_layer(kv_dim * dim)?;
        let attention_output = floats.each_layer(dim * dim)?;
        let feed_forward_norm = floats.each_layer(dim)?;
        let gate = floats.each_layer(hidden_dim * dim)?;
        let down = floats.each_layer(hidden_dim * dim)?;
        let up = floats.each_layer(hidden_dim * dim)?;
        let final_norm = floats.vector(dim)?;
        let output = if header.shared_output {
            None
        } else {
            floats.skip(seq_len * head_size)?; // tables of angles, which follow from the sizes
            Some(floats.vector(vocab_size * dim)?)
        };
        Ok(Weights {
            token_embedding,
            attention_norm,
            query,
            key,
            value,
            attention_output,
            feed_forward_norm,
            gate,
            down,
            up,
            final_norm,
            output,
        })
    }
}

/// The floats of a file, in its order.
struct Floats<R> {
    source: R,
    layers: usize,
}

impl<R: Read> Floats<R> {
    fn vector(&mut self, size: usize) -> std::io::Result<Vec<f32>> {
        let mut values = vec![0.0; size];
        self.fill(&mut values)?;
        Ok(values)
    }

    fn each_layer(&mut self, size: usize) -> std::io::Result<Vec<Vec<f32>>> {
        (0..self.layers).map(|_| self.vector(size)).collect()
    }

    /// Matrices of (heads, head_size, columns): row `2i` of a head goes to place `i` of it, row `2i + 1` to place
    /// `i + head_size / 2`.
    fn each_layer_of_heads(
        &mut self,
        heads: usize,
        head_size: usize,
        columns: usize,
    ) -> std::io::Result<Vec<Vec<f32>>> {
        let mut layers = Vec::with_capacity(self.layers);
        for _ in 0..self.layers {
            let mut values = vec![0.0; heads * head_size * columns];
            for head in values.chunks_exact_mut(head_size * columns) {
                for row in 0..head_size {
                    let place = row / 2 + (row % 2) * (head_size / 2);
                    self.fill(&mut head[place * columns..][..columns])?;
                }
            }
            layers.push(values);
        }
        Ok(layers)
    }

    fn skip(&mut self, size: usize) -> std::io::Result<()> {
        std::io::copy(&mut self.source.by_ref().take(4 * size as u64), &mut std::io::sink())?;
        Ok(())
    }

    fn fill(&mut self, values: &mut [f32]) -> std::io::Result<()> {
        let mut bytes = [0; 4096];
        for values in values.chunks_mut(bytes.len() / 4) {
            let bytes = &mut bytes[..4 * values.len()];
            self.source.read_exact(bytes)?;
            for (value, bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
                *value = f32::from_le_bytes(*bytes);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: [i32; 7], floats: usize) -> Vec<u8> {
        let numbers = (0..floats).flat_map(|i| (i as f32).to_le_bytes());
        header.into_iter().flat_map(i32::to_le_bytes).chain(numbers).collect()
    }

    // dim 4, hidden 3, one layer, one head of size 4, vocabulary 2, context 2. The places of the arrays, by hand:
    // embedding 0..8, norm 8..12, wq 12..28, wk 28..44, wv 44..60, wo 60..76, norm 76..80, w1 80..92, w2 92..104,
    // w3 104..116, norm 116..120, tables 120..128, output 128..136.
    const HEADER: [i32; 7] = [4, 3, 1, 1, 1, 2, 2];

    fn range(range: std::ops::Range<u8>) -> Vec<f32> {
        range.map(f32::from).collect()
    }

    #[test]
    fn arrays_lie_where_llama2c_writes_them() {
        let read = Checkpoint::from_bytes("f", &file(HEADER, 128)).unwrap().weights;
        assert_eq!(read.token_embedding, range(0..8));
        assert_eq!(read.attention_norm, [range(8..12)]);
        assert_eq!(read.value, [range(44..60)]);
        assert_eq!(read.attention_output, [range(60..76)]);
        assert_eq!(read.feed_forward_norm, [range(76..80)]);
        assert_eq!(read.gate, [range(80..92)]);
        assert_eq!(read.down, [range(92..104)]);
        assert_eq!(read.up, [range(104..116)]);
        assert_eq!(read.final_norm, range(116..120));
        assert_eq!(read.output, None);
    }

    #[test]
    fn rows_of_query_and_key_heads_are_even_ones_then_odd_ones() {
        let read = Checkpoint::from_bytes("f", &file(HEADER, 128)).unwrap().weights;
        assert_eq!(read.query, [[range(12..16), range(20..24), range(16..20), range(24..28)].concat()]);
        assert_eq!(read.key, [[range(28..32), range(36..40), range(32..36), range(40..44)].concat()]);
    }

    #[test]
    fn a_negative_vocabulary_means_an_output_matrix_after_the_tables() {
        let mut header = HEADER;
        header[5] = -2;
        let read = Checkpoint::from_bytes("f", &file(header, 136)).unwrap();
        assert!(!read.header.shared_output);
        assert_eq!(read.weights.output, Some(range(128..136)));
    }

    #[test]
    fn kinds_come_before_layers() {
        // Two layers: norms 8..16, wq 16..48, wk 48..80, wv 80..112.
        let mut header = HEADER;
        header[2] = 2;
        let read = Checkpoint::from_bytes("f", &file(header, 8 + 2 * 108 + 4 + 8)).unwrap().weights;
        assert_eq!(read.attention_norm, [range(8..12), range(12..16)]);
        assert_eq!(read.value, [range(80..96), range(96..112)]);
    }
}
