//! Every path against a plain f64 loop, over random shapes and strides; the same bits for every number of threads and
//! at every CPU level.

use super::*;
use crate::array::kernels::cpu;

/// A small generator, so that the shapes are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn values(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| self.next() as f32 / (1_u64 << 30) as f32 - 1.0).collect()
    }
}

/// How an operand lies in its data.
#[derive(Clone, Copy, Debug)]
enum Place {
    Plain,
    Transposed,
    /// Part of a larger row-major matrix.
    Slice,
    /// Part of a larger column-major matrix.
    TransposedSlice,
    /// Every second row and third column.
    Steps,
    /// One row for all.
    Broadcast,
}

const PLACES: [Place; 6] =
    [Place::Plain, Place::Transposed, Place::Slice, Place::TransposedSlice, Place::Steps, Place::Broadcast];

/// A rows × cols matrix's strides, and the length of its data.
fn strides(place: Place, rows: usize, cols: usize) -> (isize, isize, usize) {
    let (r, c) = match place {
        Place::Plain => (cols, 1),
        Place::Transposed => (1, rows),
        Place::Slice => (cols + 5, 1),
        Place::TransposedSlice => (1, rows + 3),
        Place::Steps => (2 * 3 * cols, 3),
        Place::Broadcast => (0, 1),
    };
    let len = if rows == 0 || cols == 0 { 0 } else { (rows - 1) * r + (cols - 1) * c + 1 };
    (r as isize, c as isize, len)
}

fn place<'a, T>(data: &'a [T], place: Place, rows: usize, cols: usize) -> Mat<'a, T> {
    let (row_stride, col_stride, len) = strides(place, rows, cols);
    Mat { data: &data[..len], rows, cols, row_stride, col_stride }
}

fn at<T: Copy + Into<f64>>(m: &Mat<'_, T>, i: usize, j: usize) -> f64 {
    m.data[i * m.row_stride as usize + j * m.col_stride as usize].into()
}

/// Compares with the plain loop: k fused steps err by at most k half units of the sum of the magnitudes.
fn compare<T: Copy + Into<f64>>(a: Mat<'_, T>, b: Mat<'_, T>, out: &[T], epsilon: f64, what: &str) {
    for i in 0..a.rows {
        for j in 0..b.cols {
            let terms = (0..a.cols).map(|k| at(&a, i, k) * at(&b, k, j));
            let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), t| (sum + t, size + f64::abs(t)));
            let got: f64 = out[i * b.cols + j].into();
            let bound = epsilon * (a.cols + 2) as f64 * size;
            assert!((got - sum).abs() <= bound, "{what}: ({i}, {j}) is {got}, wanted {sum}");
        }
    }
}

fn check_product(random: &mut Random, m: usize, k: usize, n: usize, pa: Place, pb: Place) {
    let what = format!("{m}x{k}x{n}, {pa:?} by {pb:?}");
    let a = random.values(strides(pa, m, k).2);
    let b = random.values(strides(pb, k, n).2);
    let (ma, mb) = (place(&a, pa, m, k), place(&b, pb, k, n));
    let mut out = vec![f32::NAN; m * n];
    matmul(ma, mb, &mut out);
    compare(ma, mb, &out, f64::from(f32::EPSILON), &what);

    let a: Vec<f64> = a.iter().map(|x| f64::from(*x)).collect();
    let b: Vec<f64> = b.iter().map(|x| f64::from(*x)).collect();
    let (ma, mb) = (place(&a, pa, m, k), place(&b, pb, k, n));
    let mut out = vec![f64::NAN; m * n];
    matmul_f64(ma, mb, &mut out);
    compare(ma, mb, &out, f64::EPSILON, &what);
}

#[test]
fn small_shapes_in_all_places() {
    pool::set_threads(2);
    let mut random = Random(1);
    for m in [0, 1, 2, 3, 5, 8, 9, 17] {
        for k in [0, 1, 2, 7, 16, 33] {
            for n in [0, 1, 2, 3, 4, 6, 16, 35] {
                for pa in PLACES {
                    let pb = PLACES[random.below(PLACES.len())];
                    check_product(&mut random, m, k, n, pa, pb);
                }
            }
        }
    }
}

#[test]
fn larger_shapes_in_random_places() {
    pool::set_threads(3);
    let mut random = Random(2);
    let shapes = [
        (1, 300, 1000),
        (1000, 300, 1),
        (1, 2000, 70),
        (3, 300, 700),
        (8, 513, 300),
        (100, 90, 130),
        (13, 700, 260),
        (260, 330, 13),
        (9, 5, 3000),
        (2500, 9, 10),
        (150, 1, 150),
    ];
    for (m, k, n) in shapes {
        for pb in PLACES {
            let pa = PLACES[random.below(PLACES.len())];
            check_product(&mut random, m, k, n, pa, pb);
        }
    }
}

#[test]
fn random_shapes() {
    pool::set_threads(2);
    let mut random = Random(3);
    for _ in 0..300 {
        let mut size = |largest: usize| 1 + random.below(largest).min(random.below(largest));
        let (m, k, n) = (size(80), size(400), size(120));
        let (pa, pb) = (PLACES[random.below(PLACES.len())], PLACES[random.below(PLACES.len())]);
        check_product(&mut random, m, k, n, pa, pb);
    }
}

/// The product, computed by so many threads.
fn by_threads(threads: usize, a: Mat<'_, f32>, b: Mat<'_, f32>) -> Vec<f32> {
    pool::set_threads(threads);
    let mut out = vec![f32::NAN; a.rows * b.cols];
    matmul(a, b, &mut out);
    out
}

#[test]
fn the_number_of_threads_does_not_show() {
    let _level = cpu::hold_level();
    let mut random = Random(4);
    let shapes = [
        (1, 288, 1500),
        (1, 700, 288),
        (900, 300, 1),
        (4, 288, 1000),
        (8, 400, 333),
        (70, 288, 768),
        (300, 700, 50),
    ];
    for (m, k, n) in shapes {
        for pb in PLACES {
            let a = random.values(m * k);
            let b = random.values(strides(pb, k, n).2);
            let (ma, mb) = (place(&a, Place::Plain, m, k), place(&b, pb, k, n));
            let one = by_threads(1, ma, mb);
            let is_one = |threads| by_threads(threads, ma, mb) == one;
            assert!([2, 3, 8].into_iter().all(is_one), "{m}x{k}x{n} by {pb:?}");
        }
    }
}

#[test]
fn blocks_that_are_shared_out_are_added_in_their_order() {
    let _level = cpu::hold_level();
    let mut random = Random(11);
    pool::set_threads(2);
    assert!(!steps::pay(256, 16, 1 << 40), "as much memory as there are steps");
    assert!(!steps::pay(4, 4, 1000), "so few multiplications");
    for (m, k, n) in [(48, 1280, 40), (64, 1024, 50), (33, 1300, 70), (16, 5000, 16)] {
        pool::set_threads(2);
        assert!(steps::pay(m, n, k), "{m}x{k}x{n} is cut in another way");
        for pa in [Place::Plain, Place::Transposed] {
            for pb in [Place::Plain, Place::Transposed] {
                let (a, b) = (random.values(m * k), random.values(k * n));
                let (ma, mb) = (place(&a, pa, m, k), place(&b, pb, k, n));
                let one = by_threads(1, ma, mb);
                compare(ma, mb, &one, f64::from(f32::EPSILON), &format!("{m}x{k}x{n}"));
                let is_one = |threads| by_threads(threads, ma, mb) == one;
                assert!([2, 3, 4, 8].into_iter().all(is_one), "{m}x{k}x{n}, {pa:?} by {pb:?}");
            }
        }
    }
}

#[test]
fn left_sides_that_lie_by_columns_are_right_for_any_number_of_threads() {
    let _level = cpu::hold_level();
    let mut random = Random(10);
    // The columns of the last two lie on the same lines of the caches, and are copied; of the last, in two blocks.
    for (m, k, n) in [(37, 330, 20), (300, 40, 50), (1024, 70, 20), (16384, 70, 3)] {
        let (a, b) = (random.values(m * k), random.values(k * n));
        let (ma, mb) = (place(&a, Place::Transposed, m, k), place(&b, Place::Plain, k, n));
        let one = by_threads(1, ma, mb);
        compare(ma, mb, &one, f64::from(f32::EPSILON), &format!("{m}x{k}x{n}"));
        assert!(by_threads(3, ma, mb) == one, "{m}x{k}x{n} with three threads");
    }
}

#[test]
fn one_row_gives_the_same_bits_at_every_level() {
    let mut random = Random(5);
    let wide = [(1, 290, 700), (1, 1000, 70), (700, 290, 1), (1, 70, 5000)];
    let small = (1..420).step_by(13).map(|n| (1, 60 + n % 5, n));
    // Every number of registers that matrices of a task have, with and without columns beyond them.
    let narrow = (45..420).step_by(13).map(|n| (1, gemv::GRAIN.div_ceil(n) + n % 5, n));
    let narrow = narrow.chain([(1, 288, 384), (1, 288, 385)]);
    for (m, k, n) in wide.into_iter().chain(small).chain(narrow) {
        for pb in [Place::Plain, Place::Transposed] {
            let a = random.values(m * k);
            let b = random.values(k * n);
            let mut first: Option<Vec<f32>> = None;
            cpu::at_each_level(|level| {
                let mut out = vec![0.0; m * n];
                matmul(place(&a, Place::Plain, m, k), place(&b, pb, k, n), &mut out);
                assert!(*first.get_or_insert_with(|| out.clone()) == out, "{m}x{k}x{n} by {pb:?}, {level:?}");
            });
        }
    }
}

/// Found by the random programs: a plan keeps elements in another order than single operations do.
#[test]
fn one_row_times_a_small_matrix_has_the_same_bits_however_it_lies() {
    let _level = cpu::hold_level();
    let mut random = Random(12);
    for (k, n) in [(17, 1), (1000, 1), (1, 40), (17, 5), (100, 16), (80, 390), (900, 30)] {
        let (x, b) = (random.values(k), random.values(k * n));
        let row = place(&x, Place::Plain, 1, k);
        let rows = Mat { data: &b[..], rows: k, cols: n, row_stride: n as isize, col_stride: 1 };
        let mut wanted = vec![f32::NAN; n];
        matmul(row, rows, &mut wanted);
        for [row_stride, col_stride] in [[1, k], [3 * n, 3], [2, 2 * k]] {
            let mut data = vec![f32::NAN; 3 * k * n];
            for (place, value) in b.iter().enumerate() {
                data[place / n * row_stride + place % n * col_stride] = *value;
            }
            let [row_stride, col_stride] = [row_stride as isize, col_stride as isize];
            let mut out = vec![f32::NAN; n];
            matmul(row, Mat { data: &data[..], rows: k, cols: n, row_stride, col_stride }, &mut out);
            assert!(out == wanted, "1x{k}x{n} by {row_stride} and {col_stride}");
        }
    }
}

#[test]
fn many_rows_agree_at_every_level() {
    let mut random = Random(7);
    for (m, k, n) in [(3, 290, 70), (8, 33, 70), (77, 700, 50)] {
        for pb in PLACES {
            let pa = PLACES[random.below(PLACES.len())];
            let a = random.values(strides(pa, m, k).2);
            let b = random.values(strides(pb, k, n).2);
            let (ma, mb) = (place(&a, pa, m, k), place(&b, pb, k, n));
            cpu::at_each_level(|level| {
                let mut out = vec![f32::NAN; m * n];
                matmul(ma, mb, &mut out);
                compare(ma, mb, &out, f64::from(f32::EPSILON), &format!("{level:?}"));
            });
        }
    }
}

/// Whole numbers so small that every sum of their products is exact, in any order.
fn whole_numbers(random: &mut Random, n: usize) -> Vec<f32> {
    (0..n).map(|_| random.below(17) as f32 - 8.0).collect()
}

#[test]
fn every_edge_of_a_tile_is_exact_and_nothing_beyond_is_written() {
    const BEYOND: usize = 64;
    pool::set_threads(2);
    let mut random = Random(8);
    let numbers = whole_numbers(&mut random, 6 * 3 * 45 * 45);
    for m in 1..=40 {
        for n in 1..=40 {
            let k = 1 + (7 * m + 3 * n) % 40;
            let (pa, pb) = (PLACES[(m + k) % PLACES.len()], PLACES[(n + k / 2) % PLACES.len()]);
            let (a, b) = (place(&numbers, pa, m, k), place(&numbers[100..], pb, k, n));
            let mut out = vec![f32::NAN; m * n + BEYOND];
            matmul(a, b, &mut out[..m * n]);
            let right = (0..m * n).all(|o| {
                let wanted: f64 = (0..k).map(|k| at(&a, o / n, k) * at(&b, k, o % n)).sum();
                f64::from(out[o]) == wanted
            });
            assert!(right, "{m}x{k}x{n}, {pa:?} by {pb:?}");
            assert!(out[m * n..].iter().all(|beyond| beyond.is_nan()), "{m}x{k}x{n} wrote beyond its output");
        }
    }
}

#[test]
fn halves_are_their_values_in_f32() {
    fn same<T: Wide + Default>(random: &mut Random) {
        for (m, k, n) in [
            (1, 290, 700),
            (1, 1700, 33),
            (1, 300, 390),
            (1, 300, 380),
            (700, 290, 1),
            (2, 40, 16),
            (5, 33, 70),
            (30, 700, 50),
            (300, 64, 40),
        ] {
            for pb in PLACES {
                let pa = PLACES[random.below(PLACES.len())];
                let halves = |n: usize, random: &mut Random| -> Vec<T> {
                    let mut halves = vec![T::default(); n];
                    T::narrow(&random.values(n), &mut halves);
                    halves
                };
                let a = halves(strides(pa, m, k).2, random);
                let b = halves(strides(pb, k, n).2, random);
                let [wide_a, wide_b] =
                    [&a, &b].map(|values| values.iter().map(|value| value.wide()).collect::<Vec<f32>>());
                let (mut out, mut wanted) = (vec![f32::NAN; m * n], vec![f32::NAN; m * n]);
                matmul(place(&a, pa, m, k), place(&b, pb, k, n), &mut out);
                matmul(place(&wide_a, pa, m, k), place(&wide_b, pb, k, n), &mut wanted);
                assert!(out == wanted, "{m}x{k}x{n}, {pa:?} by {pb:?}");
            }
        }
    }
    let _level = cpu::hold_level();
    let mut random = Random(9);
    same::<half::bf16>(&mut random);
    same::<half::f16>(&mut random);
}

#[test]
fn results_that_no_cache_holds_are_written_wherever_they_start() {
    let random = &mut Random(11);
    let (m, k, n) = (13, 3, 16 * 32_003);
    let (a, b) = (random.values(m * k), random.values(k * n));
    let (a, b) = (place(&a, Place::Plain, m, k), place(&b, Place::Plain, k, n));
    assert!(4 * m * n >= panels::STREAM_FROM);
    let mut whole = vec![f32::NAN; m * n + 16];
    for start in [0, 7] {
        whole.fill(f32::NAN);
        matmul(a, b, &mut whole[start..][..m * n]);
        compare(a, b, &whole[start..][..m * n], f64::from(f32::EPSILON), "a streamed product");
        assert!(whole[..start].iter().chain(&whole[start + m * n..]).all(|x| x.is_nan()));
    }
}

#[test]
fn batches() {
    pool::set_threads(2);
    let mut random = Random(6);
    for (batch, m, k, n) in
        [(0, 2, 3, 4), (1, 2, 3, 4), (7, 1, 48, 33), (6, 40, 48, 40), (3, 5, 0, 2), (3, 150, 100, 150)]
    {
        let (a, b) = (random.values(batch * m * k), random.values(batch * k * n));
        let left = |i: usize| place(&a[i * m * k..], Place::Plain, m, k);
        let right = |i: usize| place(&b[i * k * n..], Place::Transposed, k, n);
        let mut out = vec![f32::NAN; batch * m * n];
        batched(matmul, batch, &left, &right, &mut out);
        for (i, out) in out.chunks(m * n).enumerate() {
            compare(left(i), right(i), out, f64::from(f32::EPSILON), "batch");
        }
        let (a, b): (Vec<f64>, Vec<f64>) =
            (a.iter().map(|x| (*x).into()).collect(), b.iter().map(|x| (*x).into()).collect());
        let left = |i: usize| place(&a[i * m * k..], Place::Plain, m, k);
        let right = |i: usize| place(&b[i * k * n..], Place::Transposed, k, n);
        let mut out = vec![f64::NAN; batch * m * n];
        batched(matmul_f64, batch, &left, &right, &mut out);
        for (i, out) in out.chunks(m * n).enumerate() {
            compare(left(i), right(i), out, f64::EPSILON, "batch");
        }
    }
}

#[test]
fn not_a_number_and_infinity_go_through() {
    let mut b = vec![1.0; 40 * 40];
    b[3 * 40 + 5] = f32::NAN;
    b[7 * 40 + 6] = f32::INFINITY;
    let a = vec![0.0; 20 * 40];
    for m in [1, 4, 20] {
        let mut out = vec![0.0; m * 40];
        matmul(place(&a, Place::Plain, m, 40), place(&b, Place::Plain, 40, 40), &mut out);
        for row in out.chunks(40) {
            assert!(row.iter().enumerate().all(|(j, v)| v.is_nan() == (j == 5 || j == 6)));
        }
    }
}
