//! What is known of an array while a model is judged: its axes, where each comes from, and its element type.

use super::Size;

/// The most axes that an array in a model's declaration has.
pub const MAX_AXES: usize = 16;

/// Where something was declared.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The layer; empty for the model's header.
    pub who: &'static str,
    /// The source file.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: u32,
}

impl Place {
    /// Whether the two are in one line of one file.
    pub(super) const fn same(&self, other: &Place) -> bool {
        self.line == other.line && same_text(self.file, other.file)
    }

    /// Whether this stands before `other`: in one file by the line, and of two files in any order that is always the
    /// same.
    pub(super) const fn is_before(&self, other: &Place) -> bool {
        let (own, theirs) = (self.file.as_bytes(), other.file.as_bytes());
        if own.len() != theirs.len() {
            return own.len() < theirs.len();
        }
        let mut place = 0;
        while place < own.len() {
            if own[place] != theirs[place] {
                return own[place] < theirs[place];
            }
            place += 1;
        }
        self.line < other.line
    }
}

/// An axis and its origin.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    /// The name.
    pub name: &'static str,
    /// The size, where it was given. An axis of a header whose size is open has a symbol of its own.
    pub size: Option<Size>,
    /// Who made the axis.
    pub by: Place,
}

/// What the elements are, as far as layers distinguish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whatever they are.
    Any,
    /// Booleans.
    Bool,
    /// Integers.
    Int,
    /// Numbers with a fractional part.
    Float,
}

/// An element type by its name, such as `i32`, or by its kind alone.
#[derive(Clone, Copy, Debug)]
pub struct Elements {
    /// The kind.
    pub kind: Kind,
    /// The name of the one type, or of the kind.
    pub name: &'static str,
}

impl Elements {
    /// Any floating type: what a header means that says nothing.
    pub const FLOAT: Elements = Elements { kind: Kind::Float, name: "float" };
    /// Any type of integers.
    pub const INT: Elements = Elements { kind: Kind::Int, name: "int" };
    /// Whatever they are.
    pub const ANY: Elements = Elements { kind: Kind::Any, name: "any type" };

    /// Exactly the type that is so called; `None` where there is no such type.
    pub const fn named(name: &'static str) -> Option<Self> {
        let kind = match name.as_bytes() {
            b"bool" => Kind::Bool,
            b"u8" | b"u16" | b"u32" | b"u64" | b"i8" | b"i16" | b"i32" | b"i64" => Kind::Int,
            b"f16" | b"bf16" | b"f32" | b"f64" | b"float" => Kind::Float,
            _ => return None,
        };
        Some(Elements { kind, name })
    }

    /// Whether elements of this type, or of any type of this kind, can go where `wanted` is asked for.
    pub const fn fit(&self, wanted: &Elements) -> bool {
        match (self.kind, wanted.kind) {
            (Kind::Any, _) | (_, Kind::Any) => true,
            (Kind::Float, Kind::Float) | (Kind::Bool, Kind::Bool) | (Kind::Int, Kind::Int) => {
                same_text(self.name, wanted.name) || !wanted.is_exact()
            }
            _ => false,
        }
    }
}

impl Axis {
    /// Whether `size`, this axis's own, is open: a symbol that is called as the axis is.
    pub const fn is_open(&self, size: &Size, symbols: &[&str]) -> bool {
        let mut symbol = 0;
        while symbol < symbols.len() {
            if size.is_symbol(symbol as u8) {
                return same_text(symbols[symbol], self.name);
            }
            symbol += 1;
        }
        false
    }

    /// This axis with this size.
    #[must_use]
    pub const fn sized(self, size: Size) -> Self {
        Axis { size: Some(size), ..self }
    }
}

/// The axes of an array.
#[derive(Clone, Copy, Debug)]
pub struct Axes {
    items: [Axis; MAX_AXES],
    len: usize,
    /// The name of the axes that the model does not name, where it allows any.
    pub rest: Option<&'static str>,
    /// The element type.
    pub elements: Elements,
    /// Who made them of that type.
    pub typed: Place,
    /// Whether a mistake was found on the way here, after which some questions are no longer asked.
    pub doubtful: bool,
    /// Whether a layer on the way here could not be read, so that any axis may be there.
    pub unread: bool,
}

const NOWHERE: Place = Place { who: "", file: "", line: 0 };
pub(super) const NO_AXIS: Axis = Axis { name: "", size: None, by: NOWHERE };

impl Axes {
    /// These axes; those beyond the sixteenth are left out.
    pub const fn new(axes: &[Axis], rest: Option<&'static str>, elements: Elements) -> Self {
        let mut all = Axes {
            items: [NO_AXIS; MAX_AXES],
            len: 0,
            rest,
            elements,
            typed: NOWHERE,
            doubtful: false,
            unread: false,
        };
        let mut place = 0;
        while place < axes.len() {
            all = all.with(axes[place]);
            place += 1;
        }
        all
    }

    /// The number of axes, without the rest.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none, without the rest.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The axis at a place.
    pub const fn at(&self, place: usize) -> &Axis {
        &self.items[place]
    }

    /// The axes, without the rest.
    pub const fn as_slice(&self) -> &[Axis] {
        self.items.split_at(self.len).0
    }

    /// Where the axis `name` stands.
    pub const fn find(&self, name: &str) -> Option<usize> {
        find(self.as_slice(), name)
    }

    /// These axes and one more.
    #[must_use]
    pub const fn with(mut self, axis: Axis) -> Self {
        if self.len < MAX_AXES {
            self.items[self.len] = axis;
            self.len += 1;
        } else {
            self.doubtful = true;
        }
        self
    }

    /// These axes without the axis `name`.
    #[must_use]
    pub const fn without(mut self, name: &str) -> Self {
        if let Some(mut place) = self.find(name) {
            self.len -= 1;
            while place < self.len {
                self.items[place] = self.items[place + 1];
                place += 1;
            }
        }
        self
    }

    /// These axes with another at a place.
    #[must_use]
    pub const fn replaced(mut self, place: usize, axis: Axis) -> Self {
        self.items[place] = axis;
        self
    }

    /// These axes, of this element type, which `by` makes it.
    #[must_use]
    pub const fn of(self, elements: Elements, by: Place) -> Self {
        Axes { elements, typed: by, ..self }
    }

    /// These axes, of the element type of `other`.
    #[must_use]
    pub const fn of_type(self, other: &Axes) -> Self {
        self.of(other.elements, other.typed)
    }

    /// These axes, after a mistake.
    #[must_use]
    pub const fn doubted(mut self, doubtful: bool) -> Self {
        self.doubtful |= doubtful;
        self
    }

    /// What comes out of a layer that could not be read.
    #[must_use]
    pub const fn unread(self) -> Self {
        Axes { doubtful: true, unread: true, ..Axes::new(&[], self.rest, Elements::ANY) }
    }

    /// The axis that was most likely meant by `name`: at most a third of its letters differ, and one is the same.
    pub const fn nearest(&self, name: &str) -> Option<&Axis> {
        let mut best: Option<(usize, usize)> = None;
        let mut place = 0;
        while place < self.len {
            let known = self.items[place].name;
            let far = distance(name.as_bytes(), known.as_bytes());
            let longest = if known.len() > 3 { known.len() } else { 3 };
            let nearer = match best {
                Some((least, _)) => far < least,
                None => true,
            };
            if far * 3 <= longest && far < name.len() && nearer {
                best = Some((far, place));
            }
            place += 1;
        }
        match best {
            Some((_, place)) => Some(&self.items[place]),
            None => None,
        }
    }
}

/// Where the axis `name` stands in a list.
pub const fn find(axes: &[Axis], name: &str) -> Option<usize> {
    let mut place = 0;
    while place < axes.len() {
        if same_text(axes[place].name, name) {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// Whether two names are the same.
pub const fn same_text(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut place = 0;
    while place < left.len() {
        if left[place] != right[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// The number of bytes to insert, delete or exchange (longer names than 31 bytes are never near).
const fn distance(from: &[u8], to: &[u8]) -> usize {
    const LONGEST: usize = 32;
    if from.len() >= LONGEST || to.len() >= LONGEST {
        return usize::MAX / 3;
    }
    let mut row = [0; LONGEST];
    let mut column = 0;
    while column <= to.len() {
        row[column] = column;
        column += 1;
    }
    let mut line = 1;
    while line <= from.len() {
        let mut corner = row[0];
        row[0] = line;
        let mut column = 1;
        while column <= to.len() {
            let exchange = corner + if from[line - 1] == to[column - 1] { 0 } else { 1 };
            corner = row[column];
            let least = if row[column] < row[column - 1] { row[column] + 1 } else { row[column - 1] + 1 };
            row[column] = if exchange < least { exchange } else { least };
            column += 1;
        }
        line += 1;
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(names: &[&'static str]) -> Axes {
        let axes: Vec<Axis> = names.iter().map(|name| Axis { name, ..NO_AXIS }).collect();
        Axes::new(&axes, None, Elements::FLOAT)
    }

    #[test]
    fn a_slip_finds_its_axis() {
        let axes = axes(&["seq", "features", "embedding"]);
        assert_eq!(axes.nearest("featurs").map(|axis| axis.name), Some("features"));
        assert_eq!(axes.nearest("sq").map(|axis| axis.name), Some("seq"));
        assert!(axes.nearest("heads").is_none());
        assert!(self::axes(&["a"]).nearest("b").is_none());
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
    }

    #[test]
    fn the_seventeenth_axis_is_left_out_and_the_list_is_doubtful() {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q"];
        let axes = axes(&names);
        assert_eq!(axes.len(), 16);
        assert!(axes.doubtful);
        assert!(axes.find("q").is_none());
        assert_eq!(axes.without("a").find("b"), Some(0));
    }

    #[test]
    fn elements_fit_their_kind() {
        let named = |name| Elements::named(name).unwrap();
        assert!(named("i32").fit(&named("i32")));
        assert!(!named("i32").fit(&named("i64")));
        assert!(named("f32").fit(&Elements::FLOAT));
        assert!(!named("f32").fit(&named("bf16")));
        assert!(!named("i32").fit(&Elements::FLOAT));
        assert!(Elements::named("i33").is_none());
    }
}
