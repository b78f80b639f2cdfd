//! What a pattern means: for `einsum!` lists of names, for `rearrange!` two sides with groups.

use proc_macro2::Ident;
use syn::{Expr, LitStr};

use crate::parse;
use crate::parse::{Pattern, Place, Slips, Term, Word};

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
pub(crate) fn einsum(slips: &mut Slips, call: parse::Einsum) -> Einsum {
    let Pattern { operands, output } = parse::pattern(slips, &call.pattern.value());
    let operands = operands.into_iter().map(|terms| names(slips, terms)).collect();
    let output = names(slips, output);
    Einsum { pattern: call.pattern, arrays: call.arrays, operands, output }
}

fn names(slips: &mut Slips, terms: Vec<Term>) -> Names {
    let mut names = Names { words: Vec::new(), rest: None };
    for term in terms {
        match term {
            Term::Axis(word) => names.words.push(word),
            Term::Rest(at) if names.rest.is_some() => second_rest(slips, at),
            Term::Rest(at) => names.rest = Some((at, names.words.len())),
            Term::Group { at, .. } => slips.add(
                at,
                "found a group, which `einsum!` has not",
                "name its axes without brackets; `nx::rearrange!` splits and joins axes",
            ),
        }
    }
    names
}

/// The slips are those of the grammar, and operands beyond the one that there is.
pub(crate) fn rearrange(slips: &mut Slips, call: parse::Rearrange) -> Rearrange {
    let Pattern { mut operands, output } = parse::pattern(slips, &call.pattern.value());
    if operands.len() > 1 {
        let first = operands[1].first().map(Term::place);
        slips.add(
            first.unwrap_or(Place { start: 0, len: 1 }),
            "found a second array before the `->`",
            "one array is rearranged; names are set apart by spaces",
        );
    }
    let left = if operands.is_empty() { Vec::new() } else { operands.swap_remove(0) };
    for side in [&left, &output] {
        let rests = side.iter().filter(|term| matches!(term, Term::Rest(_)));
        rests.skip(1).for_each(|term| second_rest(slips, term.place()));
    }
    let sizes = call.sizes.into_iter().map(|size| (size.name, size.size)).collect();
    Rearrange { pattern: call.pattern, array: call.array, sizes, left, right: output }
}

fn second_rest(slips: &mut Slips, at: Place) {
    slips.add(at, "found a second `..`", "one `..` stands for all axes without a name");
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
