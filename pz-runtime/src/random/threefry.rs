//! The block cipher Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as
//! 1, 2, 3"), used as a counter-based generator.
//!
//! Element `i` of a stream is the cipher of the counter `i` alone, so any part of a stream can be made without
//! the rest. There are no branches: the compiler makes vector code of a loop over blocks.

/// What the key schedule mixes in so that no schedule is all zeros (the constant of Skein).
const PARITY: u32 = 0x1BD1_1BDA;

const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];

/// Enciphers one block.
#[inline(always)]
pub(crate) fn block(key: [u32; 2], block: [u32; 2]) -> [u32; 2] {
    let schedule = [key[0], key[1], key[0] ^ key[1] ^ PARITY];
    let (mut x, mut y) = (block[0].wrapping_add(schedule[0]), block[1].wrapping_add(schedule[1]));
    for group in 0..5 {
        for rotation in ROTATIONS[group % 2] {
            x = x.wrapping_add(y);
            y = y.rotate_left(rotation) ^ x;
        }
        x = x.wrapping_add(schedule[(group + 1) % 3]);
        y = y.wrapping_add(schedule[(group + 2) % 3]).wrapping_add(group as u32 + 1);
    }
    [x, y]
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
}
