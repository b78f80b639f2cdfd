//! The text of a pattern, `batch (heads dim), k dim -> batch heads k`, to syntax: operands between commas, an arrow, an
//! output.
//!
//! Places are counted in characters from the beginning of the text. What cannot be read is noted and left out.

use std::panic::Location;

/// A word of the pattern, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) at: Place,
}

/// Characters of the pattern: the first, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

/// What a side of the pattern lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Axis(Word),
    /// `..`: all axes that have no word.
    Rest(Place),
    /// `name=(a b)`, or `(a b)`.
    Group {
        name: Option<Word>,
        axes: Vec<Word>,
        at: Place,
    },
}

/// A pattern as it was written.
#[derive(Debug, Default)]
pub(crate) struct Pattern {
    pub(crate) operands: Vec<Vec<Term>>,
    pub(crate) output: Vec<Term>,
}

/// A mistake in the text.
#[derive(Debug)]
pub(crate) struct Slip {
    pub(crate) at: Place,
    pub(crate) message: String,
    pub(crate) help: String,
    /// The place in these sources that found it.
    pub(crate) finder: &'static Location<'static>,
}

/// The mistakes found in a text so far.
#[derive(Debug, Default)]
pub(crate) struct Slips(pub(crate) Vec<Slip>);

impl Slips {
    #[track_caller]
    pub(crate) fn add(&mut self, at: Place, message: impl Into<String>, help: impl Into<String>) {
        self.0.push(Slip { at, message: message.into(), help: help.into(), finder: Location::caller() });
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Comma,
    Arrow,
    Rest,
    Open,
    Close,
    Equals,
}

/// Reads a pattern; everything that is wrong with its grammar is in the list.
pub(crate) fn pattern(slips: &mut Slips, text: &str) -> Pattern {
    let tokens = tokens(slips, text);
    let arrows: Vec<usize> = (0..tokens.len()).filter(|&at| tokens[at].0 == Token::Arrow).collect();
    let Some(&arrow) = arrows.first() else {
        let len = text.chars().count();
        slips.add(
            Place { start: len, len: 1 },
            "the pattern has no `->`",
            "write what comes out behind an arrow: `a b -> b a`",
        );
        return Pattern::default();
    };
    for &second in &arrows[1..] {
        slips.add(
            tokens[second].1,
            "the pattern has a second `->`",
            "one arrow stands between what goes in and what comes out",
        );
    }
    let end = arrows.get(1).copied().unwrap_or(tokens.len());
    let operands = tokens[..arrow].split(|(token, _)| *token == Token::Comma);
    let operands = operands.map(|tokens| terms(slips, tokens)).collect();
    let output = &tokens[arrow + 1..end];
    if let Some((_, at)) = output.iter().find(|(token, _)| *token == Token::Comma) {
        slips.add(*at, "found `,` behind the `->`: one array comes out", "names are set apart by spaces");
    }
    let output: Vec<_> = output.iter().filter(|(token, _)| *token != Token::Comma).cloned().collect();
    Pattern { operands, output: terms(slips, &output) }
}

fn tokens(slips: &mut Slips, text: &str) -> Vec<(Token, Place)> {
    let letters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    while let Some(&letter) = letters.get(at) {
        let pair = (letter, letters.get(at + 1).copied());
        let word = letters[at..].iter().take_while(|letter| is_word(**letter)).count();
        let (token, len) = match pair {
            _ if word > 0 => (Token::Word(letters[at..at + word].iter().collect()), word),
            (' ' | '\t' | '\n' | '\r', _) => {
                at += 1;
                continue;
            }
            ('-', Some('>')) => (Token::Arrow, 2),
            ('.', Some('.')) if letters.get(at + 2) == Some(&'.') => {
                slips.add(Place { start: at, len: 3 }, "found `...`, wanted two dots", "write `..`");
                (Token::Rest, 3)
            }
            ('.', Some('.')) => (Token::Rest, 2),
            (',', _) => (Token::Comma, 1),
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            ('=', _) => (Token::Equals, 1),
            (other, _) => {
                slips.add(
                    Place { start: at, len: 1 },
                    format!("found `{other}` in the pattern"),
                    "names are of letters, digits and `_`; beside them stand `,` `->` `..` `(` `)` `=`",
                );
                at += 1;
                continue;
            }
        };
        tokens.push((token, Place { start: at, len }));
        at += len;
    }
    tokens
}

fn terms(slips: &mut Slips, tokens: &[(Token, Place)]) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut rest = tokens.iter().peekable();
    while let Some((token, at)) = rest.next() {
        match token {
            Token::Rest => terms.push(Term::Rest(*at)),
            Token::Open => terms.push(group(slips, None, *at, &mut rest)),
            Token::Word(text) => {
                let word = Word { text: text.clone(), at: *at };
                if rest.next_if(|(token, _)| *token == Token::Equals).is_none() {
                    terms.push(Term::Axis(word));
                } else if let Some((_, open)) = rest.next_if(|(token, _)| *token == Token::Open) {
                    terms.push(group(slips, Some(word), *open, &mut rest));
                } else {
                    slips.add(*at, "found no `(` behind the name and `=`", "write `name=(a b)`");
                }
            }
            Token::Close => {
                slips.add(*at, "found `)` without a `(` before it", "remove it, or open the group");
            }
            Token::Equals => {
                slips.add(*at, "found `=` without a name before it", "write `name=(a b)`");
            }
            Token::Comma | Token::Arrow => {}
        }
    }
    terms
}

type Rest<'a> = std::iter::Peekable<std::slice::Iter<'a, (Token, Place)>>;

/// The axes of a group, whose `(` was read.
fn group(slips: &mut Slips, name: Option<Word>, open: Place, rest: &mut Rest<'_>) -> Term {
    let mut axes = Vec::new();
    let (mut end, mut depth) = (open, 1);
    for (token, at) in rest.by_ref() {
        end = *at;
        match token {
            Token::Close if depth == 1 => {
                depth = 0;
                break;
            }
            Token::Close => depth -= 1,
            Token::Word(text) => axes.push(Word { text: text.clone(), at: *at }),
            other => {
                depth += usize::from(*other == Token::Open);
                slips.add(*at, "a group holds names alone", "write `(a b)`; a group has no groups inside");
            }
        }
    }
    let at = Place { start: open.start, len: end.start + end.len - open.start };
    if depth > 0 {
        slips.add(open, "found `(` without a `)`", "close the group");
    } else if axes.is_empty() {
        slips.add(at, "the group is empty", "remove it, or name its axes");
    }
    Term::Group { name, axes, at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(String, usize, usize)> {
        let mut slips = Slips::default();
        pattern(&mut slips, text);
        slips.0.into_iter().map(|slip| (slip.message, slip.at.start, slip.at.len)).collect()
    }

    #[test]
    fn sides_are_read_with_their_places() {
        let mut slips = Slips::default();
        let read = pattern(&mut slips, "a (b c), ..  d=(e) -> é_1 ..");
        assert!(slips.0.is_empty());
        let word = |text: &str, start: usize| Word {
            text: text.into(),
            at: Place { start, len: text.chars().count() },
        };
        assert_eq!(
            read.operands[0],
            [
                Term::Axis(word("a", 0)),
                Term::Group {
                    name: None,
                    axes: vec![word("b", 3), word("c", 5)],
                    at: Place { start: 2, len: 5 }
                }
            ]
        );
        assert_eq!(read.operands[1][0], Term::Rest(Place { start: 9, len: 2 }));
        assert_eq!(read.output[0], Term::Axis(word("é_1", 22)));
        assert_eq!(pattern(&mut slips, " -> ").operands, [vec![]]);
    }

    #[test]
    fn slips_are_told_at_their_places() {
        let is = |text: &str, message: &str, start: usize, len: usize| {
            assert_eq!(said(text), [(message.to_string(), start, len)], "{text}");
        };
        is("a b", "the pattern has no `->`", 3, 1);
        is("a -> a -> a", "the pattern has a second `->`", 7, 2);
        is("a -> a, b", "found `,` behind the `->`: one array comes out", 6, 1);
        is("a * b -> a", "found `*` in the pattern", 2, 1);
        is("(a b -> c", "found `(` without a `)`", 0, 1);
        is("a) -> c", "found `)` without a `(` before it", 1, 1);
        is("a=b -> c", "found no `(` behind the name and `=`", 0, 1);
        is("=(b) -> c", "found `=` without a name before it", 0, 1);
        is("() -> c", "the group is empty", 0, 2);
        is("(a (b)) -> c", "a group holds names alone", 3, 1);
    }
}
