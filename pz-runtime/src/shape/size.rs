//! Sizes of axes as polynomials.
//!
//! A size in a model's declaration is a number, or a const generic, or sums and products of these. A generic model
//! is judged where it is defined, before any of its parameters has a value: there its parameters are symbols, and two
//! sizes are the same when their polynomials are. Everything here is `const`, so nothing allocates: a size has a
//! fixed number of terms, and one that would need more is marked as [broken](Size::fault).

/// The most terms that a size can have.
pub const MAX_TERMS: usize = 6;
/// The most symbols that are multiplied in one term.
pub const MAX_DEGREE: usize = 6;

/// A number times some symbols. Symbols are numbered by the model that declares them, and are kept in order.
#[derive(Clone, Copy, Debug)]
struct Term {
    factor: i64,
    symbols: [u8; MAX_DEGREE],
    degree: u8,
}

/// Why a size cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A number does not fit in 63 bits.
    Overflow,
    /// More terms, or more symbols in a term, than a [`Size`] can hold.
    TooLong,
    /// A division that leaves a rest, or by something that is not a number.
    Division,
    /// What is wrong with it was told already.
    Told,
}

impl Fault {
    /// The fault in words, to follow "its size", and what to do about it.
    pub const fn text(self) -> &'static str {
        match self {
            Fault::Overflow => "is larger than a size can be\nhelp: make it smaller",
            Fault::TooLong => {
                "has more terms than pz can compare: at most 6, of at most 6 factors each\nhelp: compute it where the model is used, and give the model a parameter for it"
            }
            Fault::Division => {
                "is a division that leaves a rest\nhelp: make the one size a multiple of the other"
            }
            Fault::Told => "could not be read",
        }
    }
}

/// A polynomial over symbols, with whole coefficients.
///
/// ```
/// use pz::shape::Size;
/// let (w, two) = (Size::symbol(0), Size::of(2));
/// assert!(w.add(&w).same(&two.mul(&w)));
/// assert!(!two.mul(&w).same(&w));
/// assert_eq!(two.mul(&w).value(&[Some(8)]), Some(16));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Size {
    terms: [Term; MAX_TERMS],
    len: u8,
    fault: Option<Fault>,
}

const NO_TERM: Term = Term { factor: 0, symbols: [0; MAX_DEGREE], degree: 0 };

impl Term {
    /// How two terms are ordered: more symbols first, then by the symbols.
    const fn compare(&self, other: &Term) -> i8 {
        if self.degree != other.degree {
            return if self.degree > other.degree { -1 } else { 1 };
        }
        let mut place = 0;
        while place < self.degree as usize {
            if self.symbols[place] != other.symbols[place] {
                return if self.symbols[place] < other.symbols[place] { -1 } else { 1 };
            }
            place += 1;
        }
        0
    }

    /// The product of two terms.
    const fn mul(&self, other: &Term) -> Result<Term, Fault> {
        let Some(factor) = self.factor.checked_mul(other.factor) else { return Err(Fault::Overflow) };
        let degree = self.degree as usize + other.degree as usize;
        if degree > MAX_DEGREE {
            return Err(Fault::TooLong);
        }
        let mut symbols = [0; MAX_DEGREE];
        let (mut left, mut right) = (0, 0);
        while left + right < degree {
            let from_left = right == other.degree as usize
                || (left < self.degree as usize && self.symbols[left] <= other.symbols[right]);
            if from_left {
                symbols[left + right] = self.symbols[left];
                left += 1;
            } else {
                symbols[left + right] = other.symbols[right];
                right += 1;
            }
        }
        Ok(Term { factor, symbols, degree: degree as u8 })
    }

    /// This term over `other`, where that is a term with a whole factor.
    const fn div(&self, other: &Term) -> Option<Term> {
        if other.factor == 0 || self.factor % other.factor != 0 {
            return None;
        }
        let mut quotient = Term { factor: self.factor / other.factor, ..NO_TERM };
        let (mut place, mut taken) = (0, 0);
        while place < self.degree as usize {
            if taken < other.degree as usize && self.symbols[place] == other.symbols[taken] {
                taken += 1;
            } else {
                quotient.symbols[quotient.degree as usize] = self.symbols[place];
                quotient.degree += 1;
            }
            place += 1;
        }
        if taken == other.degree as usize { Some(quotient) } else { None }
    }
}

impl Size {
    const ZERO: Size = Size { terms: [NO_TERM; MAX_TERMS], len: 0, fault: None };

    /// A number.
    pub const fn of(number: usize) -> Self {
        if number as u128 > i64::MAX as u128 {
            return Size { fault: Some(Fault::Overflow), ..Size::ZERO };
        }
        Size::ZERO.with(Term { factor: number as i64, ..NO_TERM })
    }

    /// A parameter of the model, by its number.
    pub const fn symbol(symbol: u8) -> Self {
        let mut symbols = [0; MAX_DEGREE];
        symbols[0] = symbol;
        Size::ZERO.with(Term { factor: 1, symbols, degree: 1 })
    }

    /// In the place of a size that could not be read: the same as any, and nothing more is told of it.
    pub const fn told() -> Self {
        Size { fault: Some(Fault::Told), ..Size::ZERO }
    }

    /// Why the size cannot be used, where it cannot and that was not told already.
    pub const fn fault(&self) -> Option<Fault> {
        match self.fault {
            Some(Fault::Told) => None,
            fault => fault,
        }
    }

    const fn broken(mut self, fault: Fault) -> Self {
        if self.fault.is_none() {
            self.fault = Some(fault);
        }
        self
    }

    /// This size and one more term.
    const fn with(mut self, term: Term) -> Self {
        let mut place = 0;
        while place < self.len as usize && self.terms[place].compare(&term) < 0 {
            place += 1;
        }
        if place < self.len as usize && self.terms[place].compare(&term) == 0 {
            let Some(factor) = self.terms[place].factor.checked_add(term.factor) else {
                return self.broken(Fault::Overflow);
            };
            self.terms[place].factor = factor;
            if factor == 0 {
                while place + 1 < self.len as usize {
                    self.terms[place] = self.terms[place + 1];
                    place += 1;
                }
                self.len -= 1;
            }
            return self;
        }
        if term.factor == 0 {
            return self;
        }
        if self.len as usize == MAX_TERMS {
            return self.broken(Fault::TooLong);
        }
        let mut last = self.len as usize;
        while last > place {
            self.terms[last] = self.terms[last - 1];
            last -= 1;
        }
        self.terms[place] = term;
        self.len += 1;
        self
    }

    const fn with_faults_of(self, other: &Size) -> Self {
        match other.fault {
            Some(fault) => self.broken(fault),
            None => self,
        }
    }

    /// The sum.
    pub const fn add(&self, other: &Size) -> Self {
        let mut sum = self.with_faults_of(other);
        let mut place = 0;
        while place < other.len as usize {
            sum = sum.with(other.terms[place]);
            place += 1;
        }
        sum
    }

    /// The difference.
    pub const fn sub(&self, other: &Size) -> Self {
        self.add(&other.times(&Term { factor: -1, ..NO_TERM }))
    }

    const fn times(&self, term: &Term) -> Self {
        let mut product = Size::ZERO.with_faults_of(self);
        let mut place = 0;
        while place < self.len as usize {
            product = match self.terms[place].mul(term) {
                Ok(term) => product.with(term),
                Err(fault) => product.broken(fault),
            };
            place += 1;
        }
        product
    }

    /// The product.
    pub const fn mul(&self, other: &Size) -> Self {
        let mut product = Size::ZERO.with_faults_of(self).with_faults_of(other);
        let mut place = 0;
        while place < other.len as usize {
            product = product.add(&self.times(&other.terms[place]));
            place += 1;
        }
        product
    }

    /// The quotient, where `other` is one term and divides every term of this size.
    pub const fn div(&self, other: &Size) -> Self {
        let mut quotient = Size::ZERO.with_faults_of(self).with_faults_of(other);
        if other.len != 1 {
            return quotient.broken(Fault::Division);
        }
        let mut place = 0;
        while place < self.len as usize {
            match self.terms[place].div(&other.terms[0]) {
                Some(term) => quotient = quotient.with(term),
                None => return quotient.broken(Fault::Division),
            }
            place += 1;
        }
        quotient
    }

    /// Whether both are the same polynomial. A broken size is the same as any, since it is reported by itself.
    pub const fn same(&self, other: &Size) -> bool {
        let difference = self.sub(other);
        difference.len == 0 || difference.fault.is_some()
    }

    /// The number, where no symbol is in it.
    pub const fn number(&self) -> Option<i64> {
        match (self.fault, self.len) {
            (Some(_), _) => None,
            (None, 0) => Some(0),
            (None, 1) if self.terms[0].degree == 0 => Some(self.terms[0].factor),
            (None, _) => None,
        }
    }

    /// The size with these values for the symbols; `None` where one of them has none, or the result is negative or
    /// too large.
    pub fn value(&self, values: &[Option<usize>]) -> Option<usize> {
        if self.fault.is_some() {
            return None;
        }
        let mut sum = 0_i128;
        for term in &self.terms[..self.len as usize] {
            let mut product = i128::from(term.factor);
            for symbol in &term.symbols[..term.degree as usize] {
                let value = (*values.get(*symbol as usize)?)?;
                product = product.checked_mul(i128::try_from(value).ok()?)?;
            }
            sum = sum.checked_add(product)?;
        }
        usize::try_from(sum).ok()
    }

    /// The size with other sizes in the place of the symbols.
    pub const fn substitute(&self, sizes: &[Size]) -> Self {
        let mut sum = Size::ZERO.with_faults_of(self);
        let mut place = 0;
        while place < self.len as usize {
            let term = &self.terms[place];
            let mut product = Size::ZERO.with(Term { factor: term.factor, ..NO_TERM });
            let mut symbol = 0;
            while symbol < term.degree as usize {
                let number = term.symbols[symbol] as usize;
                if number < sizes.len() {
                    product = product.mul(&sizes[number]);
                }
                symbol += 1;
            }
            sum = sum.add(&product);
            place += 1;
        }
        sum
    }

    /// Whether both are the same, given that in each pair of `equal` both are. Each pair is used as a rewriting: of
    /// a side that is a single term into the other side.
    pub const fn same_given(&self, other: &Size, equal: &[(Size, Size)]) -> bool {
        if self.same(other) {
            return true;
        }
        let mut difference = self.sub(other);
        let mut round = 0;
        while round < 4 {
            let mut pair = 0;
            while pair < equal.len() {
                let (left, right) = &equal[pair];
                let (from, to) = if left.is_term() { (left, right) } else { (right, left) };
                difference = difference.rewritten(from, to);
                if difference.len == 0 {
                    return true;
                }
                pair += 1;
            }
            round += 1;
        }
        false
    }

    /// Whether the size is a product with a symbol in it.
    const fn is_term(&self) -> bool {
        self.len == 1 && self.terms[0].degree > 0
    }

    /// The size with `from` replaced by `to` wherever it divides a term.
    const fn rewritten(&self, from: &Size, to: &Size) -> Self {
        if !from.is_term() {
            return *self;
        }
        let mut sum = Size::ZERO.with_faults_of(self);
        let mut place = 0;
        while place < self.len as usize {
            sum = match self.terms[place].div(&from.terms[0]) {
                Some(rest) => sum.add(&to.times(&rest)),
                None => sum.with(self.terms[place]),
            };
            place += 1;
        }
        sum
    }

    /// Whether the size is exactly the symbol `symbol`.
    pub const fn is_symbol(&self, symbol: u8) -> bool {
        self.len == 1
            && self.terms[0].factor == 1
            && self.terms[0].degree == 1
            && self.terms[0].symbols[0] == symbol
    }

    /// Whether the size is a multiple of `number` whatever its symbols are, given that in each pair of `equal` both
    /// are the same.
    pub const fn is_multiple(&self, number: i64, equal: &[(Size, Size)]) -> bool {
        if self.divides_terms(number) {
            return true;
        }
        let mut pair = 0;
        while pair < equal.len() {
            let (left, right) = &equal[pair];
            if self.same(left) && right.divides_terms(number)
                || self.same(right) && left.divides_terms(number)
            {
                return true;
            }
            pair += 1;
        }
        false
    }

    const fn divides_terms(&self, number: i64) -> bool {
        let mut place = 0;
        while place < self.len as usize {
            if number <= 0 || self.terms[place].factor % number != 0 {
                return false;
            }
            place += 1;
        }
        true
    }

    /// The number of terms, for printing.
    pub(super) const fn len(&self) -> usize {
        self.len as usize
    }

    /// The factor and symbols of a term, for printing.
    pub(super) const fn term(&self, place: usize) -> (i64, &[u8]) {
        let term = &self.terms[place];
        (term.factor, term.symbols.split_at(term.degree as usize).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const W: Size = Size::symbol(0);
    const H: Size = Size::symbol(1);

    #[test]
    fn sums_and_products_do_not_depend_on_how_they_are_written() {
        let square = W.add(&H).mul(&W.add(&H));
        let written_out = W.mul(&W).add(&H.mul(&W)).add(&W.mul(&H)).add(&H.mul(&H));
        assert!(square.same(&written_out));
        assert!(!square.same(&W.mul(&W)));
        assert!(W.add(&H).sub(&H).same(&W));
        assert_eq!(W.sub(&W).number(), Some(0));
    }

    #[test]
    fn compiler_and_program_judge_alike() {
        const SAME: bool = W.add(&Size::of(1)).mul(&Size::of(2)).same(&W.mul(&Size::of(2)).add(&Size::of(2)));
        const { assert!(SAME) };
        let two = Size::of(2);
        assert_eq!(W.add(&Size::of(1)).mul(&two).same(&W.mul(&two).add(&two)), SAME);
    }

    #[test]
    fn values_are_exact_and_none_where_there_is_none() {
        let size = W.mul(&H).mul(&Size::of(3)).sub(&Size::of(4));
        assert_eq!(size.value(&[Some(5), Some(2)]), Some(26));
        assert_eq!(size.value(&[Some(1), Some(1)]), None, "-1");
        assert_eq!(size.value(&[Some(1), None]), None);
        assert_eq!(W.mul(&W).value(&[Some(usize::MAX)]), None);
        assert_eq!(Size::of(usize::MAX).fault(), Some(Fault::Overflow));
        assert_eq!(Size::of(1 << 62).mul(&Size::of(4)).fault(), Some(Fault::Overflow));
    }

    #[test]
    fn more_terms_than_there_is_room_for_are_a_fault() {
        let sum = (0..7).fold(Size::of(0), |sum, symbol| sum.add(&Size::symbol(symbol)));
        assert_eq!(sum.fault(), Some(Fault::TooLong));
        let product = (0..7).fold(Size::of(1), |product, symbol| product.mul(&Size::symbol(symbol)));
        assert_eq!(product.fault(), Some(Fault::TooLong));
    }

    #[test]
    fn division_is_exact_or_a_fault() {
        assert_eq!(Size::of(64).div(&Size::of(8)).number(), Some(8));
        assert_eq!(Size::of(64).div(&Size::of(6)).fault(), Some(Fault::Division));
        assert_eq!(Size::of(64).div(&Size::of(0)).fault(), Some(Fault::Division));
        assert!(W.mul(&H).mul(&Size::of(6)).div(&H.mul(&Size::of(2))).same(&W.mul(&Size::of(3))));
        assert_eq!(W.div(&H).fault(), Some(Fault::Division));
    }

    #[test]
    fn a_condition_makes_sizes_the_same() {
        let embedding = Size::symbol(2);
        let condition = [(W.mul(&H), embedding)];
        let twice = W.mul(&H).mul(&Size::of(2));
        assert!(twice.same_given(&embedding.mul(&Size::of(2)), &condition));
        assert!(!twice.same_given(&embedding, &condition));
        assert!(!twice.same(&embedding.mul(&Size::of(2))));
    }

    #[test]
    fn a_multiple_is_known_by_its_factors_or_by_a_condition() {
        assert!(Size::of(6).is_multiple(2, &[]));
        assert!(!Size::of(7).is_multiple(2, &[]));
        assert!(W.mul(&Size::of(2)).add(&Size::of(4)).is_multiple(2, &[]));
        assert!(!W.is_multiple(2, &[]));
        assert!(W.is_multiple(2, &[(H.mul(&Size::of(2)), W)]));
    }

    #[test]
    fn substitution_puts_sizes_for_symbols() {
        let size = W.mul(&W).add(&H);
        assert!(size.substitute(&[H, Size::of(3)]).same(&H.mul(&H).add(&Size::of(3))));
    }
}
