//! Messages made by the compiler: text in a buffer of bytes.
//!
//! What judges shapes runs where nothing can allocate and nothing can be formatted, so a message is put together
//! byte by byte. What would not fit is cut, and ends in `…`.

use super::{Axes, Axis, Place, Size};

/// The most bytes of a message.
const CAPACITY: usize = 1024;

/// A message.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; CAPACITY],
    len: usize,
}

impl Text {
    /// No message.
    pub const EMPTY: Text = Text { bytes: [0; CAPACITY], len: 0 };

    /// Whether there is no message.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The message.
    pub const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "a message that is no text: this is a bug in pz",
        }
    }

    /// This and more text.
    pub const fn and(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        let dots = "…".as_bytes();
        let mut place = 0;
        while place < more.len() {
            // A character is begun only where all of it fits before the dots.
            let width = match more[place] {
                0..0x80 => 1,
                0xf0.. => 4,
                0xe0.. => 3,
                _ => 2,
            };
            if self.len + width + dots.len() > CAPACITY {
                if self.len + dots.len() <= CAPACITY {
                    let mut dot = 0;
                    while dot < dots.len() {
                        self.bytes[self.len] = dots[dot];
                        self.len += 1;
                        dot += 1;
                    }
                }
                return self;
            }
            let mut byte = 0;
            while byte < width && place < more.len() {
                self.bytes[self.len] = more[place];
                self.len += 1;
                place += 1;
                byte += 1;
            }
        }
        self
    }

    /// This and a name in backticks.
    pub const fn name(self, name: &str) -> Self {
        self.and("`").and(name).and("`")
    }

    /// This and a number.
    pub const fn number(self, number: u64) -> Self {
        let mut digits = [0; 20];
        let (mut rest, mut place) = (number, digits.len());
        loop {
            place -= 1;
            digits[place] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        match std::str::from_utf8(digits.split_at(place).1) {
            Ok(digits) => self.and(digits),
            Err(_) => self,
        }
    }

    /// This and a size, with names for its symbols: `2 * W + 1`.
    pub const fn size(mut self, size: &Size, symbols: &[&str]) -> Self {
        if size.len() == 0 {
            return self.and("0");
        }
        let mut place = 0;
        while place < size.len() {
            let (factor, factors) = size.term(place);
            self = match (place, factor < 0) {
                (0, true) => self.and("-"),
                (0, false) => self,
                (_, true) => self.and(" - "),
                (_, false) => self.and(" + "),
            };
            let plain = factor.unsigned_abs() == 1 && !factors.is_empty();
            if !plain {
                self = self.number(factor.unsigned_abs());
            }
            let mut factor = 0;
            while factor < factors.len() {
                if factor > 0 || !plain {
                    self = self.and(" * ");
                }
                let symbol = factors[factor] as usize;
                self = self.and(if symbol < symbols.len() { symbols[symbol] } else { "?" });
                factor += 1;
            }
            place += 1;
        }
        self
    }

    /// This and a size in backticks.
    pub const fn name_of(self, size: &Size, symbols: &[&str]) -> Self {
        self.and("`").size(size, symbols).and("`")
    }

    /// This and an axis with its size, without backticks: `features: 128`, or `seq` where the size is open.
    pub const fn bare_axis(self, axis: &Axis, symbols: &[&str]) -> Self {
        let open = match axis.size {
            Some(size) => axis.is_open(&size, symbols),
            None => true,
        };
        match axis.size {
            Some(size) if !open => self.and(axis.name).and(": ").size(&size, symbols),
            _ => self.and(axis.name),
        }
    }

    /// This and an axis in backticks.
    pub const fn axis(self, axis: &Axis, symbols: &[&str]) -> Self {
        self.and("`").bare_axis(axis, symbols).and("`")
    }

    /// This and a list of axes in backticks: `` `..batch, seq, features: 128` ``.
    pub const fn axes(mut self, axes: &Axes, symbols: &[&str]) -> Self {
        if axes.is_empty() && axes.rest.is_none() {
            return self.and("no axes");
        }
        self = self.and("`");
        if let Some(rest) = axes.rest {
            self = self.and("..").and(rest);
        }
        let mut place = 0;
        while place < axes.len() {
            if place > 0 || axes.rest.is_some() {
                self = self.and(", ");
            }
            self = self.bare_axis(axes.at(place), symbols);
            place += 1;
        }
        self.and("`")
    }

    /// This and a file and a line: ` (src/main.rs:7)`.
    pub const fn place(self, place: &Place) -> Self {
        self.and(" (").and(place.file).and(":").number(place.line as u64).and(")")
    }

    /// Ends the compilation with the message, where there is one. `const _` items call this; the compiler points at
    /// the caller.
    #[track_caller]
    pub const fn judge(&self) {
        if self.len > 0 {
            panic!("{}", self.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_print_as_they_are_typed() {
        let (w, h) = (Size::symbol(0), Size::symbol(1));
        let text = |size: &Size| Text::EMPTY.size(size, &["W", "H"]).as_str().to_owned();
        assert_eq!(text(&w.mul(&Size::of(2)).add(&Size::of(1))), "2 * W + 1");
        assert_eq!(text(&w.mul(&h).sub(&h)), "W * H - H");
        assert_eq!(text(&Size::of(0).sub(&w)), "-W");
        assert_eq!(text(&Size::of(0)), "0");
        assert_eq!(text(&Size::of(307)), "307");
    }

    #[test]
    fn what_does_not_fit_is_cut_between_characters() {
        let long = "é".repeat(600);
        let text = Text::EMPTY.and(&long).and("more");
        assert!(text.as_str().ends_with("é…"), "{}", text.as_str());
        assert!(text.as_str().len() <= CAPACITY);
        const SHORT: Text = Text::EMPTY.and("ab").number(70);
        assert_eq!(SHORT.as_str(), "ab70");
    }
}
