//! Sorting by digits: numbers whose high half is a key, and whose low half is a place.
//!
//! From the last digit of the key to the first, each pass moves the numbers, in the order in which they are, to where
//! those of their digit begin: equal keys keep their order, and nothing is compared. All digits are counted in one
//! pass before, and a digit that all keys have alike costs no pass.

/// Rows at least as long are sorted faster like this than by comparing.
pub(super) const FROM: usize = 512;
/// Rows at least as long take few long digits, of which more are counted: three passes, not four.
const LONG: usize = 2048;

/// Sorts by the high 32 bits. The low ones have to stand in order already.
pub(super) fn sort(numbers: &mut Vec<u64>) {
    if numbers.len() < LONG { by_digits::<8, 4>(numbers) } else { by_digits::<11, 3>(numbers) }
}

/// In `PASSES` passes, by digits of so many bits.
fn by_digits<const BITS: usize, const PASSES: usize>(numbers: &mut Vec<u64>) {
    let values = 1usize << BITS;
    let digit = |number: u64, pass: usize| (number >> (32 + BITS * pass)) as usize % values;
    let mut counts = vec![0u32; values * PASSES];
    for number in &*numbers {
        (0..PASSES).for_each(|pass| counts[values * pass + digit(*number, pass)] += 1);
    }
    let mut other = vec![0; numbers.len()];
    for (pass, next) in counts.chunks_exact_mut(values).enumerate() {
        if next.iter().any(|&count| count as usize == numbers.len()) {
            continue;
        }
        let mut start = 0;
        next.iter_mut().for_each(|count| start += std::mem::replace(count, start));
        for number in &*numbers {
            let to = &mut next[digit(*number, pass)];
            other[*to as usize] = *number;
            *to += 1;
        }
        std::mem::swap(numbers, &mut other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_sort_as_comparisons_do() {
        for (len, keys) in
            [(0, 1u64), (1, 9), (300, 1), (257, 3), (2047, 1 << 32), (5000, 1 << 9), (70_000, 1 << 32)]
        {
            let key = |place: u64| place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 17;
            let mut numbers: Vec<u64> = (0..len).map(|place| (key(place) % keys) << 32 | place).collect();
            let mut wanted = numbers.clone();
            wanted.sort_unstable();
            sort(&mut numbers);
            assert!(numbers == wanted, "{len} numbers of {keys} keys");
        }
    }
}
