//! Formulas of a few instructions, written once for a number and for a vector of numbers.
//!
//! The loop of a single operation works on numbers, of which the compiler makes vectors; the vector machine of fused
//! programs works on vectors from the start. Where an operation is more than one instruction, both take it from here,
//! so they give the same bits.

/// What formulas are made of: IEEE operations, and operations on bits.
pub(crate) trait Lane: Copy {
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn mul(self, other: Self) -> Self;
    fn div(self, other: Self) -> Self;
    fn sqrt(self) -> Self;
    fn neg(self) -> Self;
    fn abs(self) -> Self;
    /// `self` where it is larger, else `other`: that too where one is NaN.
    fn if_larger(self, other: Self) -> Self;
    /// `self` where it is smaller, else `other`: that too where one is NaN.
    fn if_smaller(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// All bits 1, which is a NaN, where one of both is NaN; else all bits 0.
    fn nan_of(self, other: Self) -> Self;
    /// All bits 0 where `self` is at most `other`; else all bits 1: that too where one is NaN.
    fn beyond(self, other: Self) -> Self;
}

/// What functions of `f32` are made of beside.
pub(crate) trait Single: Lane {
    fn all(value: f32) -> Self;
    /// `self * by + plus`, rounded once.
    fn mul_add(self, by: Self, plus: Self) -> Self;
    /// 2^n, where the low nine bits are n, which lies in -126..=127.
    fn power_of_two(self) -> Self;
    /// The bits, as an integer, halved and rounded down.
    fn half_bits(self) -> Self;
    /// The bits, as an integer, less those of another.
    fn sub_bits(self, other: Self) -> Self;

    /// `1 + self`, rounded, times 2^n, rounded: so also where 2^n alone leaves the range of f32. n is an integer in
    /// -160..=140, and the low nine bits of `low` are its own. 0 where `x` is at most `least`: a product that is too
    /// small for any number costs some machines a hundred times one of zeros.
    #[inline(always)]
    fn one_more_scaled(self, _n: Self, low: Self, x: Self, least: Self) -> Self {
        let half = low.half_bits();
        let scale = half.power_of_two().and(x.beyond(least));
        self.mul_add(scale, scale).mul(low.sub_bits(half).power_of_two())
    }

    /// `self` with the sign of another; it has none.
    #[inline(always)]
    fn with_sign_of(self, other: Self) -> Self {
        self.or(other.and(Self::all(-0.0)))
    }
}

/// The larger; NaN if either is; of zeros, that without a sign.
#[inline(always)]
pub(crate) fn maximum<L: Lane>(x: L, y: L) -> L {
    // Equal numbers have equal bits, but for zeros, of which `and` makes the positive one.
    x.if_larger(y).and(y.if_larger(x)).or(x.nan_of(y))
}

/// The smaller; NaN if either is; of zeros, that with a sign.
#[inline(always)]
pub(crate) fn minimum<L: Lane>(x: L, y: L) -> L {
    // One of both is NaN where x or y is, and more ones do not make a number of it.
    x.if_smaller(y).or(y.if_smaller(x))
}

macro_rules! number {
    ($($T:ident)*) => {$(
        impl Lane for $T {
            #[inline(always)]
            fn add(self, other: Self) -> Self { self + other }
            #[inline(always)]
            fn sub(self, other: Self) -> Self { self - other }
            #[inline(always)]
            fn mul(self, other: Self) -> Self { self * other }
            #[inline(always)]
            fn div(self, other: Self) -> Self { self / other }
            #[inline(always)]
            fn sqrt(self) -> Self { $T::sqrt(self) }
            #[inline(always)]
            fn neg(self) -> Self { -self }
            #[inline(always)]
            fn abs(self) -> Self { $T::abs(self) }
            #[inline(always)]
            fn if_larger(self, other: Self) -> Self { if self > other { self } else { other } }
            #[inline(always)]
            fn if_smaller(self, other: Self) -> Self { if self < other { self } else { other } }
            #[inline(always)]
            fn and(self, other: Self) -> Self { $T::from_bits(self.to_bits() & other.to_bits()) }
            #[inline(always)]
            fn or(self, other: Self) -> Self { $T::from_bits(self.to_bits() | other.to_bits()) }
            #[inline(always)]
            fn nan_of(self, other: Self) -> Self {
                $T::from_bits(if self.is_nan() | other.is_nan() { !0 } else { 0 })
            }
            #[inline(always)]
            fn beyond(self, other: Self) -> Self { $T::from_bits(if self <= other { 0 } else { !0 }) }
        }
    )*};
}
number!(f32 f64);

impl Single for f32 {
    #[inline(always)]
    fn all(value: f32) -> Self {
        value
    }
    #[inline(always)]
    fn mul_add(self, by: Self, plus: Self) -> Self {
        f32::mul_add(self, by, plus)
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        f32::from_bits((self.to_bits() << 23).wrapping_add(1f32.to_bits()))
    }
    #[inline(always)]
    fn half_bits(self) -> Self {
        f32::from_bits((self.to_bits().cast_signed() >> 1).cast_unsigned())
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        f32::from_bits(self.to_bits().wrapping_sub(other.to_bits()))
    }
}

/// Several side by side, step by step: a core works on all of them at the same time.
macro_rules! several {
    ($Trait:ident: $($method:ident($($other:ident),*);)*) => {
        $(
            #[inline(always)]
            fn $method(mut self $(, $other: Self)*) -> Self {
                for k in 0..N {
                    self[k] = $Trait::$method(self[k] $(, $other[k])*);
                }
                self
            }
        )*
    };
}

impl<L: Lane, const N: usize> Lane for [L; N] {
    several! {
        Lane:
        add(other); sub(other); mul(other); div(other); if_larger(other); if_smaller(other); and(other); or(other);
        nan_of(other); beyond(other); sqrt(); neg(); abs();
    }
}

impl<L: Single, const N: usize> Single for [L; N] {
    #[inline(always)]
    fn all(value: f32) -> Self {
        [L::all(value); N]
    }

    several! { Single: mul_add(by, plus); power_of_two(); half_bits(); sub_bits(other); one_more_scaled(n, low, x, least); }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_of_zeros_infinities_and_nan() {
        let values = [0.0, -0.0, 1.5, -1.5, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, -f32::NAN];
        let bits = |x: f32| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() };
        for x in values {
            for y in values {
                let (larger, smaller) = match (x.is_nan() || y.is_nan(), x.total_cmp(&y).is_lt()) {
                    (true, _) => (f32::NAN, f32::NAN),
                    (_, true) => (y, x),
                    _ => (x, y),
                };
                assert_eq!(bits(maximum(x, y)), bits(larger), "max {x} {y}");
                assert_eq!(bits(minimum(x, y)), bits(smaller), "min {x} {y}");
            }
        }
    }
}
