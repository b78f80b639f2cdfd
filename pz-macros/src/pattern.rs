//! `einsum!` and `rearrange!` through the stages.
//!
//! Stable Rust gives no span inside a literal, so a mistake is marked at the whole pattern, and its message shows the
//! pattern again with the place underlined.

use proc_macro2::TokenStream;
use syn::{Expr, LitStr};

use crate::diag::Errors;
use crate::parse::{Place, Slip};
use crate::{check, expand, ir, parse};

/// `nx::einsum!`.
pub(crate) fn einsum(tokens: TokenStream) -> TokenStream {
    let call = match syn::parse2::<parse::Einsum>(tokens) {
        Ok(call) => call,
        Err(error) => return expand::wrong(&error.to_compile_error(), &[]),
    };
    let (mut errors, mut slips) = (Errors::default(), Vec::new());
    let einsum = ir::einsum(call, &mut slips);
    if slips.is_empty() {
        check::einsum(&mut slips, &einsum);
    }
    tell(&mut errors, &einsum.pattern, slips);
    match errors.into_tokens() {
        None => expand::einsum(&einsum),
        Some(errors) => expand::wrong(&errors, &einsum.arrays.iter().collect::<Vec<_>>()),
    }
}

/// `nx::rearrange!`.
pub(crate) fn rearrange(tokens: TokenStream) -> TokenStream {
    let call = match syn::parse2::<parse::Rearrange>(tokens) {
        Ok(call) => call,
        Err(error) => return expand::wrong(&error.to_compile_error(), &[]),
    };
    let (mut errors, mut slips) = (Errors::default(), Vec::new());
    let rearrange = ir::rearrange(call, &mut slips);
    if slips.is_empty() {
        check::rearrange(&mut errors, &mut slips, &rearrange);
    }
    tell(&mut errors, &rearrange.pattern, slips);
    match errors.into_tokens() {
        None => expand::rearrange(&rearrange),
        Some(errors) => {
            let sizes = rearrange.sizes.iter().map(|(_, size)| size);
            expand::wrong(&errors, &std::iter::once(&rearrange.array).chain(sizes).collect::<Vec<&Expr>>())
        }
    }
}

/// Each slip as an error at the pattern, in the order of their places.
fn tell(errors: &mut Errors, pattern: &LitStr, mut slips: Vec<Slip>) {
    slips.sort_by_key(|slip| slip.at.start);
    let text = pattern.value();
    for slip in slips {
        errors.add(pattern, format!("{}\n{}", slip.message, underlined(&text, slip.at)), slip.help);
    }
}

/// The pattern, and below it carets at the place.
fn underlined(text: &str, at: Place) -> String {
    let line: String = text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    format!("    {line}\n    {}{}", " ".repeat(at.start), "^".repeat(at.len))
}
