//! Reading token by token, for a grammar that is not Rust's.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Attribute;
use syn::parse::Parser;

use crate::diag::Errors;

/// Tokens, and how far they were read.
pub(super) struct Cursor {
    tokens: Vec<TokenTree>,
    next: usize,
    /// Where the tokens end, for mistakes that are the lack of something, and in words what stands there.
    end: Span,
    close: &'static str,
}

impl Cursor {
    pub(super) fn new(tokens: TokenStream, end: Span) -> Self {
        Cursor { tokens: tokens.into_iter().collect(), next: 0, end, close: "the end" }
    }

    /// The tokens inside a group.
    pub(super) fn inside(group: &Group) -> Self {
        let close = match group.delimiter() {
            Delimiter::Parenthesis => "`)`",
            Delimiter::Brace => "`}`",
            Delimiter::Bracket => "`]`",
            Delimiter::None => "the end",
        };
        Cursor { close, ..Cursor::new(group.stream(), group.span_close()) }
    }

    pub(super) fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.next)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&TokenTree> {
        self.tokens.get(self.next + ahead)
    }

    pub(super) fn take(&mut self) -> Option<TokenTree> {
        let token = self.tokens.get(self.next).cloned();
        self.next += usize::from(token.is_some());
        token
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.next == self.tokens.len()
    }

    /// The next token, or where the tokens end.
    pub(super) fn here(&self) -> Span {
        match self.peek() {
            None => self.end,
            Some(TokenTree::Group(group)) => group.span_open(),
            Some(token) => token.span(),
        }
    }

    /// The next token in words.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            None => self.close.into(),
            Some(TokenTree::Group(group)) => match group.delimiter() {
                Delimiter::Parenthesis => "`(`".into(),
                Delimiter::Brace => "`{`".into(),
                Delimiter::Bracket => "`[`".into(),
                Delimiter::None => format!("`{group}`"),
            },
            Some(token) if self.is("=>") || self.is("->") || self.is("..") => {
                let second = self.peek_at(1).map(ToString::to_string).unwrap_or_default();
                format!("`{token}{second}`")
            }
            Some(token) => format!("`{token}`"),
        }
    }

    pub(super) fn ident(&mut self) -> Option<Ident> {
        let Some(TokenTree::Ident(ident)) = self.peek() else { return None };
        let ident = ident.clone();
        self.next += 1;
        Some(ident)
    }

    /// Takes a name that a field or a type can have; a keyword is told, and stands with an underscore after it.
    pub(super) fn name(&mut self, errors: &mut Errors, what: &str) -> Option<Ident> {
        let name = self.ident()?;
        if syn::parse2::<Ident>(name.to_token_stream()).is_ok() {
            return Some(name);
        }
        let (kind, help) = match name == "_" {
            true => ("", "write a word".to_owned()),
            false => ("the keyword ", format!("write `{name}_`, or another name")),
        };
        errors.add(&name, format!("found {kind}`{name}`, wanted {what}"), help);
        Some(Ident::new(&format!("{name}_"), name.span()))
    }

    /// Takes the word `word`, where it is next.
    pub(super) fn word(&mut self, word: &str) -> Option<Ident> {
        match self.peek() {
            Some(TokenTree::Ident(ident)) if ident == word => self.ident(),
            _ => None,
        }
    }

    /// Whether punctuation of one or two characters is next.
    pub(super) fn is(&self, punct: &str) -> bool {
        self.is_at(0, punct)
    }

    pub(super) fn is_at(&self, ahead: usize, punct: &str) -> bool {
        let mut ahead = ahead;
        let mut letters = punct.chars().peekable();
        while let Some(letter) = letters.next() {
            match self.peek_at(ahead) {
                Some(TokenTree::Punct(punct)) if punct.as_char() == letter => {
                    if letters.peek().is_some() && punct.spacing() != Spacing::Joint {
                        return false;
                    }
                }
                _ => return false,
            }
            ahead += 1;
        }
        true
    }

    /// Takes punctuation, where it is next.
    pub(super) fn punct(&mut self, punct: &str) -> Option<TokenTree> {
        let first = self.is(punct).then(|| self.peek().cloned())?;
        self.next += punct.len();
        first
    }

    /// Takes the punctuation that is next, where it is one of these.
    pub(super) fn one_of(&mut self, puncts: &[&'static str]) -> Option<(&'static str, TokenTree)> {
        let found = puncts.iter().copied().find(|punct| self.is(punct))?;
        Some((found, self.punct(found)?))
    }

    /// Whether a word stands `ahead` tokens further.
    pub(super) fn is_word_at(&self, ahead: usize) -> bool {
        matches!(self.peek_at(ahead), Some(TokenTree::Ident(_)))
    }

    /// Whether a group with this delimiter stands `ahead` tokens further.
    pub(super) fn is_group_at(&self, ahead: usize, delimiter: Delimiter) -> bool {
        matches!(self.peek_at(ahead), Some(TokenTree::Group(group)) if group.delimiter() == delimiter)
    }

    /// Takes a group with this delimiter, where it is next.
    pub(super) fn group(&mut self, delimiter: Delimiter) -> Option<Group> {
        match self.peek() {
            Some(TokenTree::Group(group)) if group.delimiter() == delimiter => {
                let group = group.clone();
                self.next += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// Whether `name:` is next, and not `name::`.
    pub(super) fn begins_an_entry(&self) -> bool {
        matches!(self.peek(), Some(TokenTree::Ident(_))) && self.is_at(1, ":") && !self.is_at(1, "::")
    }

    /// Takes attributes.
    pub(super) fn attributes(&mut self) -> Vec<Attribute> {
        let mut tokens = Vec::new();
        while self.is("#")
            && matches!(self.peek_at(1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket)
        {
            tokens.extend(self.take());
            tokens.extend(self.take());
        }
        Attribute::parse_outer.parse2(tokens.into_iter().collect()).unwrap_or_default()
    }

    /// Takes tokens until a comma, or an arrow, or the beginning of another entry; commas between `<` and `>` are passed.
    pub(super) fn until_comma(&mut self) -> TokenStream {
        self.until(|cursor| cursor.ends_an_entry() || cursor.is_arrow() || cursor.begins_an_entry())
    }

    /// Whether an arrow is next, or `=` before an axis with its size, which stands for one.
    pub(super) fn is_arrow(&self) -> bool {
        self.is("=>") || self.is("->") || self.is_half_arrow()
    }

    /// Whether `=` is next, and an axis with its size.
    pub(super) fn is_half_arrow(&self) -> bool {
        self.is("=") && self.is_word_at(1) && self.is_at(2, ":") && !self.is_at(2, "::")
    }

    /// Takes the tokens of a type: until a group, or a comma, that is not between `<` and `>`.
    pub(super) fn until_group(&mut self) -> TokenStream {
        self.until(|cursor| {
            matches!(cursor.peek(), Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None)
                || cursor.ends_an_entry()
                || cursor.begins_an_entry()
        })
    }

    fn until(&mut self, ends: impl Fn(&Self) -> bool) -> TokenStream {
        let (mut taken, mut depth) = (Vec::new(), 0_usize);
        while !(self.is_at_end() || depth == 0 && ends(self)) {
            if self.is("::") || self.is("->") || self.is("=>") {
                taken.extend(self.take());
            } else if self.is("<") {
                depth += 1;
            } else if self.is(">") {
                depth = depth.saturating_sub(1);
            }
            taken.extend(self.take());
        }
        taken.into_iter().collect()
    }

    /// Whether a comma is next, or a semicolon, which is told and read as one.
    pub(super) fn ends_an_entry(&self) -> bool {
        self.is(",") || self.is(";")
    }

    /// Goes on behind the next comma.
    pub(super) fn skip_entry(&mut self) {
        while !self.is_at_end() && !self.ends_an_entry() {
            self.next += 1;
        }
        self.next += usize::from(!self.is_at_end());
    }

    /// Goes on behind the next comma, or before the next arrow.
    pub(super) fn skip_axis(&mut self) {
        while !(self.is_at_end() || self.ends_an_entry() || self.is_arrow()) {
            self.next += 1;
        }
        self.next += usize::from(self.ends_an_entry());
    }
}
