//! Collecting mistakes: every stage adds to one [`Errors`], and the driver asks it once whether to go on.
//!
//! A message is one line, lower case, without a full stop, names in backticks: what was found and what was
//! wanted. The help line under it says what to type.

use std::panic::Location;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

#[cfg(test)]
thread_local! {
    /// The places in these sources whose mistakes a user was shown, for the test that each has a case.
    pub(crate) static TOLD: std::cell::RefCell<std::collections::HashSet<&'static Location<'static>>> =
        std::cell::RefCell::default();
}

/// A second place in a message, by file and line: ` (src/main.rs:7)`. Nothing where the compiler does not run the macro.
pub(crate) fn place(span: Span) -> String {
    if !proc_macro::is_available() {
        return String::new();
    }
    let span = span.unwrap();
    format!(" ({}:{})", span.file(), span.line())
}

/// The mistakes found so far, each with the place in these sources that found it.
#[derive(Default)]
pub(crate) struct Errors(Vec<(syn::Error, &'static Location<'static>)>);

impl Errors {
    /// Adds a mistake at `place`.
    #[track_caller]
    pub(crate) fn add(&mut self, place: impl ToTokens, message: impl AsRef<str>, help: impl AsRef<str>) {
        self.found_at(Location::caller(), place, message, help);
    }

    /// Adds a mistake that `finder` found.
    pub(crate) fn found_at(
        &mut self,
        finder: &'static Location<'static>,
        place: impl ToTokens,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        let text = format!("{}\nhelp: {}", message.as_ref(), help.as_ref());
        self.0.push((syn::Error::new_spanned(place, text), finder));
    }

    /// Adds what the Rust grammar itself refused.
    #[track_caller]
    pub(crate) fn syntax(&mut self, error: syn::Error) {
        self.0.push((error, Location::caller()));
    }

    /// Adds what the reader of items has refused, which rustc had read before: no user's mistake, but a reader behind
    /// its compiler.
    pub(crate) fn unread(&mut self, error: syn::Error) {
        self.syntax(error);
    }

    /// Adds a mistake of our own: two stages disagree on what is possible.
    pub(crate) fn bug(&mut self, place: impl ToTokens) {
        self.add(
            place,
            "found a case that pz-macros does not handle: this is a bug in pz",
            "please report it with this line",
        );
    }

    /// How many mistakes there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The mistakes as `compile_error!` calls; `None` when there are none.
    pub(crate) fn into_tokens(self) -> Option<TokenStream> {
        #[cfg(test)]
        TOLD.with_borrow_mut(|told| told.extend(self.0.iter().map(|(_, finder)| *finder)));
        (!self.0.is_empty()).then(|| self.0.iter().map(|(error, _)| error.to_compile_error()).collect())
    }
}
