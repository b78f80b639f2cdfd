//! The block cipher Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as
//! 1, 2, 3"), used as a counter-based generator.
//!
//! Element `i` of a stream is the cipher of the counter `i` alone, so any part of a stream can be made without
//! the rest. The loop over lanes is innermost and free of branches: the compiler makes vector code of it.

/// How many blocks are worked on together.
pub(super) const LANES: usize = 64;

/// What the key schedule mixes in so that no schedule is all zeros (the constant of Skein).
const PARITY: u32 = 0x1BD1_1BDA;

const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];

/// Enciphers one block.
pub(super) fn block(key: [u32; 2], block: [u32; 2]) -> [u32; 2] {
    let ([mut high], [mut low]) = ([block[0]], [block[1]]);
    encipher(key, std::slice::from_mut(&mut high), std::slice::from_mut(&mut low));
    [high, low]
}

/// Enciphers the counters `start..start + LANES`: the first and the second words of the results.
pub(super) fn counters(key: [u32; 2], start: u64) -> ([u32; LANES], [u32; LANES]) {
    let counter = |lane: usize| start.wrapping_add(lane as u64);
    let mut first = std::array::from_fn(|lane| (counter(lane) >> 32) as u32);
    let mut second = std::array::from_fn(|lane| counter(lane) as u32);
    encipher::<[u32; LANES]>(key, &mut first, &mut second);
    (first, second)
}

fn encipher<B: AsMut<[u32]> + ?Sized>(key: [u32; 2], first: &mut B, second: &mut B) {
    let schedule = [key[0], key[1], key[0] ^ key[1] ^ PARITY];
    let (first, second) = (first.as_mut(), second.as_mut());
    for (a, b) in first.iter_mut().zip(second.iter_mut()) {
        let (mut x, mut y) = (a.wrapping_add(schedule[0]), b.wrapping_add(schedule[1]));
        for group in 0..5 {
            for rotation in ROTATIONS[group % 2] {
                x = x.wrapping_add(y);
                y = y.rotate_left(rotation) ^ x;
            }
            x = x.wrapping_add(schedule[(group + 1) % 3]);
            y = y.wrapping_add(schedule[(group + 2) % 3]).wrapping_add(group as u32 + 1);
        }
        (*a, *b) = (x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that the authors of Threefry publish with it (Random123, 20 rounds).
    #[test]
    fn enciphers_the_published_vectors() {
        assert_eq!(block([0, 0], [0, 0]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(block([u32::MAX; 2], [u32::MAX; 2]), [0x1cb9_96fc, 0xbb00_2be7]);
        assert_eq!(block([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]), [0xc492_3a9c, 0x483d_f7a0]);
    }

    #[test]
    fn counters_cross_the_32_bit_boundary() {
        let start = u64::from(u32::MAX) - 1;
        let (first, second) = counters([1, 2], start);
        for lane in 0..4 {
            let counter = start + lane as u64;
            assert_eq!([first[lane], second[lane]], block([1, 2], [(counter >> 32) as u32, counter as u32]));
        }
    }
}
