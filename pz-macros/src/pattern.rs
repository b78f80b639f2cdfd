//! `einsum!` and `rearrange!` through the stages.
//!
//! Stable Rust gives no span inside a literal, so a mistake is marked at the whole pattern, and its message shows the
//! pattern again with the place underlined.

use proc_macro2::TokenStream;
use syn::{Expr, LitStr};

use crate::diag::Errors;
use crate::parse::{Place, Slips};
use crate::{check, expand, ir, parse};

/// `nx::einsum!`.
pub(crate) fn einsum(tokens: TokenStream) -> TokenStream {
    let (mut errors, mut slips) = (Errors::default(), Slips::default());
    let Some(call) = parse::einsum(&mut errors, tokens) else {
        return expand::wrong(&errors.into_tokens(), &[]);
    };
    let einsum = ir::einsum(&mut slips, call);
    if slips.0.is_empty() {
        check::einsum(&mut slips, &einsum);
    }
    tell(&mut errors, &einsum.pattern, slips);
    match errors.into_tokens() {
        None => expand::einsum(&einsum),
        errors => expand::wrong(&errors, &einsum.arrays.iter().collect::<Vec<_>>()),
    }
}

/// `nx::rearrange!`.
pub(crate) fn rearrange(tokens: TokenStream) -> TokenStream {
    let (mut errors, mut slips) = (Errors::default(), Slips::default());
    let Some(call) = parse::rearrange(&mut errors, tokens) else {
        return expand::wrong(&errors.into_tokens(), &[]);
    };
    let rearrange = ir::rearrange(&mut slips, call);
    if slips.0.is_empty() {
        check::rearrange(&mut errors, &mut slips, &rearrange);
    }
    tell(&mut errors, &rearrange.pattern, slips);
    match errors.into_tokens() {
        None => expand::rearrange(&rearrange),
        errors => {
            let sizes = rearrange.sizes.iter().map(|(_, size)| size);
            expand::wrong(&errors, &std::iter::once(&rearrange.array).chain(sizes).collect::<Vec<&Expr>>())
        }
    }
}

/// Each slip as an error at the pattern, in the order of their places.
fn tell(errors: &mut Errors, pattern: &LitStr, mut slips: Slips) {
    slips.0.sort_by_key(|slip| slip.at.start);
    let text = pattern.value();
    for slip in slips.0 {
        let message = format!("{}\n{}", slip.message, underlined(&text, slip.at));
        errors.found_at(slip.finder, pattern, message, slip.help);
    }
}

/// The pattern, and below it carets at the place.
fn underlined(text: &str, at: Place) -> String {
    let line: String = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    format!("    {line}\n    {}{}", " ".repeat(at.start), "^".repeat(at.len))
}
