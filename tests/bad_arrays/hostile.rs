//! Random calls with hostile numbers: no method panics, and what it gives can be read or says why it cannot.

use pz::named::{Conv, Norm, OutOfRange, Pad, PadMode, Running, Side, Slide, Sorting};
use pz::{DType, NamedArray, Result, nx};

/// Sizes that fit, and sizes that nothing fits. None in between: those would be computed, for minutes.
const SIZES: [usize; 16] = [
    0,
    1,
    2,
    3,
    5,
    7,
    1 << 40,
    (1 << 40) + 1,
    1 << 61,
    1 << 62,
    isize::MAX as usize - 1,
    isize::MAX as usize,
    isize::MAX as usize + 1,
    usize::MAX / 2 + 2,
    usize::MAX - 1,
    usize::MAX,
];
const AXES: [&str; 4] = ["a", "b", "c", "d"];
/// Elements that are read at most; above, an array is one that no memory holds.
const READ: usize = 1 << 20;

struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 20) as usize
    }
    fn size(&mut self) -> usize {
        SIZES[self.next() % SIZES.len()]
    }
    fn signed(&mut self) -> isize {
        let size = self.size() as isize;
        if self.next().is_multiple_of(2) { size } else { size.wrapping_neg() }
    }
    fn flag(&mut self) -> bool {
        self.next().is_multiple_of(2)
    }
    fn axis(&mut self) -> &'static str {
        AXES[self.next() % AXES.len()]
    }
    fn dtype(&mut self) -> DType {
        DType::ALL[self.next() % DType::ALL.len()]
    }

    /// An array of up to three axes, one number repeated or counted, so that it may be as large as can be.
    fn array(&mut self) -> Result<NamedArray> {
        let rank = self.next() % 4;
        let shape: Vec<(&str, usize)> = AXES[..rank].iter().map(|axis| (*axis, self.size())).collect();
        let dtype = self.dtype();
        match self.next() % 3 {
            0 if rank > 0 => NamedArray::arange(shape[0].0, shape[0].1)
                .cast(dtype)?
                .broadcast_to(shape[1..].iter().copied()),
            1 => NamedArray::ones(shape, dtype),
            _ => NamedArray::zeros(shape, dtype),
        }
    }

    fn places(&mut self) -> Result<NamedArray> {
        let values: Vec<i64> = (0..3).map(|_| self.signed() as i64).collect();
        NamedArray::from_vec(values, [("p", 3)])
    }

    fn slide(&mut self, axis: &'static str) -> Slide {
        let mut slide = Slide::along(axis);
        for _ in 0..self.next() % 4 {
            slide = match self.next() % 6 {
                0 => slide.size(self.size()),
                1 => slide.stride(self.size()),
                2 => slide.dilation(self.size()),
                3 => slide.spread(self.size()),
                4 => slide.pad(self.signed(), self.signed()),
                _ => slide.same(),
            };
        }
        slide
    }

    /// One call on an array.
    fn call(&mut self, x: &NamedArray) -> Result<Vec<NamedArray>> {
        let axis = self.axis();
        let one = |array: NamedArray| vec![array];
        let out_of_range = [OutOfRange::Lenient, OutOfRange::Clip, OutOfRange::Fill, OutOfRange::Fail];
        let y = self.array()?;
        Ok(match self.next() % 52 {
            0 => {
                let (from, to) = (self.size(), self.size());
                one(if self.flag() { x.slice(axis, from..to)? } else { x.slice(axis, from..=to)? })
            }
            1 => one(x.slice_by(axis, self.size()..self.size(), self.signed())?),
            2 => one(x.slice_by(axis, .., self.signed())?),
            3 => one(x.index(axis, self.size())?),
            4 => {
                let start = NamedArray::scalar(self.signed() as i64);
                one(x.dynamic_slice([(axis, &start, self.size())])?)
            }
            5 => {
                let start = NamedArray::scalar(self.signed() as i64);
                one(x.dynamic_update_slice(&y, [(axis, &start)])?)
            }
            6 => {
                let pad = Pad { low: self.signed(), high: self.signed(), interior: self.size() };
                one(x.pad([(axis, pad)], 0)?)
            }
            7 => {
                let mode =
                    [PadMode::Edge, PadMode::Reflect, PadMode::Symmetric, PadMode::Wrap][self.next() % 4];
                one(x.pad_by(mode, [(axis, (self.signed(), self.signed()))])?)
            }
            8 => one(x.repeat(axis, self.size())?),
            9 => one(x.tile(axis, self.size())?),
            10 => one(x.roll(axis, self.signed())?),
            11 => one(x.flip(axis)?),
            12 => x.split(axis, self.next() % 9)?,
            13 => x.split_at(axis, &[self.size(), self.size()])?,
            14 => one(x.one_hot("hot", self.size(), self.dtype())?),
            15 => {
                one(NamedArray::eye([("a", self.size()), ("b", self.size())], self.signed(), self.dtype())?)
            }
            16 => one(x.tril(axis, self.axis(), self.signed())?),
            17 => one(x.triu(axis, self.axis(), self.signed())?),
            18 => one(x.diagonal(axis, self.axis(), "new", self.signed())?),
            19 => one(x.window_sum([self.slide(axis)])?),
            20 => one(x.window_max([self.slide(axis)])?),
            21 => one(x.avg_pool([self.slide(axis)])?),
            22 => one(x.max_pool([self.slide(axis)])?),
            23 => {
                let conv = Conv::over([self.slide(axis)]);
                let conv = if self.flag() { conv.contracting(self.axis()) } else { conv };
                let conv = if self.flag() { conv.groups(self.size(), self.axis()) } else { conv };
                one(x.conv(&y, &conv)?)
            }
            24 => {
                let out = out_of_range[self.next() % 4];
                one(x.at([(axis, &self.places()?)])?.out_of_range(out).get()?)
            }
            25 => {
                let out = out_of_range[self.next() % 4];
                one(x.at([(axis, &self.places()?)])?.out_of_range(out).add(1)?)
            }
            26 => one(x.take(axis, &self.places()?)?),
            27 => one(x.bincount(axis, "bin", self.size())?),
            28 => {
                let unique = x.unique(axis, self.size())?;
                vec![unique.values, unique.counts, unique.inverse]
            }
            29 => one(x.searchsorted(axis, &y, Side::Left)?),
            30 => one(x.argsort(axis)?),
            31 => one(x.sort(Sorting::descending(axis))?),
            32 => {
                let (values, places) = x.top_k(axis, self.size())?;
                vec![values, places]
            }
            33 => one(x.median(axis)?),
            34 => one(x.cumsum(axis)?),
            35 => one(x.cumlogsumexp(Running::from_end(axis))?),
            36 => one(x.sum(axis)?),
            37 => one(x.prod([axis, self.axis()])?),
            38 => one(x.max(axis)?),
            39 => one(x.argmin(axis)?),
            40 => one(x.var(axis, self.size())?),
            41 => one(x.norm(axis, Norm::L2)?),
            42 => one(x.softmax(axis)?),
            43 => one(nx::contract(axis, x, &y)?),
            44 => one(nx::concatenate(&[x, &y, x], axis)?),
            45 => one(nx::stack(&[x, &y], "new")?),
            46 => one(x.broadcast_to([("new", self.size())])?),
            47 => one(nx::outer(x, &y.rename(["a", "b"], ["e", "f"])?)?),
            48 => one(x.add(&y)?),
            49 => one(x.shift_left(self.signed() as i64)?),
            50 => one(x.standardize(axis, 1e-5)?),
            _ => x.unstack(axis)?,
        })
    }
}

/// Reads what small memory holds, and what none does.
fn read(array: &NamedArray) {
    let shape = array.named_shape();
    let len = shape.iter().try_fold(1usize, |len, (_, size)| len.checked_mul(*size));
    if len.is_some_and(|len| len <= READ || len >= 1 << 38) {
        let read = array.eval();
        let copied = array.cast(DType::F64).and_then(|wide| wide.to_vec::<f64>());
        if len.is_some_and(|len| len <= READ) && read.is_ok() {
            assert_eq!(Some(copied.unwrap().len()), len);
        } else {
            assert!(copied.is_err(), "{} elements were read", len.unwrap_or(0));
        }
    }
    let _ = (array.summary_text(), array.len(), array.is_empty());
}

/// Two calls that a seed chooses, one on the result of the other.
fn calls(seed: u64) {
    let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let Ok(mut x) = numbers.array() else { return };
    for _ in 0..2 {
        if let Ok(made) = numbers.call(&x) {
            made.iter().for_each(read);
            x = made.into_iter().next().unwrap_or(x);
        }
    }
}

#[test]
fn no_number_makes_a_method_panic() {
    // A million were tried once.
    let panics: Vec<String> = (0..4000)
        .filter_map(|seed| {
            let panic = std::panic::catch_unwind(|| calls(seed)).err()?;
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Some(format!("seed {seed}: {}", text.unwrap_or_default()))
        })
        .collect();
    assert!(panics.is_empty(), "{} panics:\n{}", panics.len(), panics.join("\n"));
}
