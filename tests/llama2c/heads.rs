//! Small models with weights from a formula, in each layout of heads, with an output matrix of their own.

use pz::models::llama2c::{Checkpoint, Reader};

use super::example_data;

/// A checkpoint of dim 8, hidden 12, 2 layers, vocabulary 10, context 6; weight `i` is `(7919 i mod 1009) / 1009 - 0.5`.
fn small(heads: i32, kv_heads: i32) -> Vec<u8> {
    let (dim, hidden, layers, vocabulary, context) = (8, 12, 2, 10, 6);
    let head_size = dim / heads;
    let block = 2 * dim + 2 * dim * dim + 2 * kv_heads * head_size * dim + 3 * hidden * dim;
    let floats = 2 * vocabulary * dim + layers * block + dim + context * head_size;
    let header = [dim, hidden, layers, heads, kv_heads, -vocabulary, context];
    let weight = |i: i32| (f64::from(7919 * i % 1009) / 1009.0 - 0.5) as f32;
    header
        .into_iter()
        .flat_map(i32::to_le_bytes)
        .chain((0..floats).flat_map(|i| weight(i).to_le_bytes()))
        .collect()
}

// The logits after the last of the tokens 1 9 4 4 0, by numpy.
const EXPECTED: [(i32, i32, [f32; 10]); 4] = [
    (
        4,
        1,
        [
            -0.133436, -0.023596, 0.088245, 0.095818, 0.360836, -0.77594, -0.016468, 0.095373, 0.068153,
            0.367965,
        ],
    ),
    (
        4,
        2,
        [
            0.243531, 0.176138, -0.000267, 0.026735, -0.259805, 0.263513, 0.045058, 0.019716, -0.193602,
            -0.239823,
        ],
    ),
    (
        4,
        4,
        [
            0.12283, 0.350955, 0.094908, -0.427799, -0.756757, 0.605499, 0.363353, -0.05236, -0.424289,
            -0.320178,
        ],
    ),
    (
        1,
        1,
        [
            0.02455, -0.501372, -0.261065, 0.619575, 0.298103, -0.124182, -0.502062, 0.220853, 0.470844,
            0.149371,
        ],
    ),
];

#[track_caller]
fn assert_near(found: &[f32], wanted: &[f32]) {
    assert_eq!(found.len(), wanted.len());
    for (found, wanted) in found.iter().zip(wanted) {
        assert!((found - wanted).abs() <= 1e-5, "{found} and {wanted}");
    }
}

#[test]
fn every_layout_of_heads_gives_numpys_logits() {
    for (heads, kv_heads, wanted) in EXPECTED {
        let checkpoint = Checkpoint::from_bytes("small", &small(heads, kv_heads)).unwrap();
        assert!(!checkpoint.header.shared_output);
        let model = checkpoint.into_model().unwrap();
        for mut reader in [Reader::rereading(&model), Reader::caching(&model, 6).unwrap()] {
            let logits = reader.read(&[1, 9, 4, 4, 0]).unwrap();
            let last = logits.index("seq", 4).unwrap().to_vec::<f32>().unwrap();
            assert_near(&last, &wanted);
        }
    }
}

#[test]
fn an_output_matrix_of_its_own_is_used() {
    // The trained model again, with twice its token embedding as output matrix: twice its logits.
    let mut file = std::fs::read(example_data("stories260K.bin")).unwrap();
    let tied = Checkpoint::from_bytes("tied", &file).unwrap();
    file.extend(tied.weights.token_embedding.iter().flat_map(|x| (2.0 * x).to_le_bytes()));
    file[20..24].copy_from_slice(&(-512_i32).to_le_bytes());
    let untied = Checkpoint::from_bytes("untied", &file).unwrap().into_model().unwrap();
    let [tied, untied] = [tied.into_model().unwrap(), untied].map(|model| {
        let logits = Reader::rereading(&model).read(&[1, 385, 328]).unwrap();
        logits.order_as(["seq", "vocabulary"]).unwrap().to_vec::<f32>().unwrap()
    });
    for (tied, untied) in tied.iter().zip(&untied) {
        assert!((2.0 * tied - untied).abs() <= 1e-4, "twice {tied}, and {untied}");
    }
}
