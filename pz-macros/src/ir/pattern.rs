//! What a pattern means: for `einsum!` lists of names, for `rearrange!` two sides with groups.

use proc_macro2::Ident;
use syn::{Expr, LitStr};

use crate::parse;
use crate::parse::{Pattern, Place, Slip, Term, Word};

/// The names of one array: those written, and whether it may have others.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) words: Vec<Word>,
    /// `..`, and before how many of the names it stands.
    pub(crate) rest: Option<(Place, usize)>,
}

/// `einsum!("a b, b c -> a c", x, y)`.
pub(crate) struct Einsum {
    pub(crate) pattern: LitStr,
    pub(crate) arrays: Vec<Expr>,
    pub(crate) operands: Vec<Names>,
    pub(crate) output: Names,
}

/// `rearrange!("a (b c) -> a b c", x, b = 2)`.
pub(crate) struct Rearrange {
    pub(crate) pattern: LitStr,
    pub(crate) array: Expr,
    pub(crate) sizes: Vec<(Ident, Expr)>,
    pub(crate) left: Vec<Term>,
    pub(crate) right: Vec<Term>,
}

/// The slips are those of the grammar, and groups, which a sum of products has not.
pub(crate) fn einsum(call: parse::Einsum, slips: &mut Vec<Slip>) -> Einsum {
    let Pattern { operands, output } = read(&call.pattern, slips);
    let operands = operands.into_iter().map(|terms| names(terms, slips)).collect();
    let output = names(output, slips);
    Einsum { pattern: call.pattern, arrays: call.arrays, operands, output }
}

fn names(terms: Vec<Term>, slips: &mut Vec<Slip>) -> Names {
    let mut names = Names { words: Vec::new(), rest: None };
    for term in terms {
        match term {
            Term::Axis(word) => names.words.push(word),
            Term::Rest(at) if names.rest.is_some() => slips.push(second_rest(at)),
            Term::Rest(at) => names.rest = Some((at, names.words.len())),
            Term::Group { at, .. } => slips.push(Slip {
                at,
                message: "found a group, which `einsum!` has not".into(),
                help: "name its axes without brackets; `nx::rearrange!` splits and joins axes".into(),
            }),
        }
    }
    names
}

/// The slips are those of the grammar, and operands beyond the one that there is.
pub(crate) fn rearrange(call: parse::Rearrange, slips: &mut Vec<Slip>) -> Rearrange {
    let Pattern { mut operands, output } = read(&call.pattern, slips);
    if operands.len() > 1 {
        let first = operands[1].first().map(Term::place);
        slips.push(Slip {
            at: first.unwrap_or(Place { start: 0, len: 1 }),
            message: "found a second array before the `->`".into(),
            help: "one array is rearranged; names are set apart by spaces".into(),
        });
    }
    let left = if operands.is_empty() { Vec::new() } else { operands.swap_remove(0) };
    for side in [&left, &output] {
        let rests = side.iter().filter(|term| matches!(term, Term::Rest(_)));
        slips.extend(rests.skip(1).map(|term| second_rest(term.place())));
    }
    let sizes = call.sizes.into_iter().map(|size| (size.name, size.size)).collect();
    Rearrange { pattern: call.pattern, array: call.array, sizes, left, right: output }
}

fn read(pattern: &LitStr, slips: &mut Vec<Slip>) -> Pattern {
    let (read, found) = parse::pattern(&pattern.value());
    slips.extend(found);
    read
}

fn second_rest(at: Place) -> Slip {
    Slip {
        at,
        message: "found a second `..`".into(),
        help: "one `..` stands for all axes without a name".into(),
    }
}

impl Term {
    /// Where the term stands.
    pub(crate) fn place(&self) -> Place {
        match self {
            Term::Axis(word) => word.at,
            Term::Rest(at) | Term::Group { at, .. } => *at,
        }
    }

    /// The axes inside: one, or those of a group.
    pub(crate) fn axes(&self) -> &[Word] {
        match self {
            Term::Axis(word) => std::slice::from_ref(word),
            Term::Rest(_) => &[],
            Term::Group { axes, .. } => axes,
        }
    }
}
