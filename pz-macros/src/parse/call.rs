//! The arguments of `einsum!` and `rearrange!`: a pattern, and what stands behind it.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, LitStr, Token};

use crate::diag::Errors;

/// `"pattern", x, w`.
pub(crate) struct Einsum {
    pub(crate) pattern: LitStr,
    pub(crate) arrays: Vec<Expr>,
}

/// `"pattern", x, heads = 8`.
pub(crate) struct Rearrange {
    pub(crate) pattern: LitStr,
    pub(crate) array: Expr,
    pub(crate) sizes: Vec<Size>,
}

/// `heads = 8`.
pub(crate) struct Size {
    pub(crate) name: Ident,
    pub(crate) size: Expr,
}

/// Reads the arguments of `einsum!`. `None` where one cannot be read, which is told.
pub(crate) fn einsum(errors: &mut Errors, tokens: TokenStream) -> Option<Einsum> {
    let words = Words { behind: "x, w", at_run_time: "nx::einsum(&[&x, &w], output)" };
    read(tokens, |input| {
        let pattern = pattern(errors, input, &words)?;
        let mut arrays = Vec::new();
        while comma(errors, input)? {
            arrays.push(expression(errors, input)?);
        }
        Some(Einsum { pattern, arrays })
    })
}

/// Reads the arguments of `rearrange!`. `None` where one cannot be read, which is told.
pub(crate) fn rearrange(errors: &mut Errors, tokens: TokenStream) -> Option<Rearrange> {
    let words = Words { behind: "x", at_run_time: "x.order_as(names)" };
    read(tokens, |input| {
        let pattern = pattern(errors, input, &words)?;
        if !comma(errors, input)? {
            let help = format!("write `{}, x`", pattern.to_token_stream());
            errors.add(&pattern, "found no array behind the pattern", help);
            return None;
        }
        let array = expression(errors, input)?;
        let mut sizes = Vec::new();
        while comma(errors, input)? {
            sizes.push(size(errors, input)?);
        }
        Some(Rearrange { pattern, array, sizes })
    })
}

/// What a macro's messages say of it.
struct Words {
    /// What stands behind a pattern.
    behind: &'static str,
    /// The function that takes names which are not known before.
    at_run_time: &'static str,
}

/// Runs `reader` over the tokens; what it leaves behind a mistake is passed.
fn read<T>(tokens: TokenStream, reader: impl FnOnce(ParseStream<'_>) -> Option<T>) -> Option<T> {
    let whole = |input: ParseStream<'_>| {
        let read = reader(input);
        input.parse::<TokenStream>()?;
        Ok(read)
    };
    whole.parse2(tokens).ok().flatten()
}

/// The pattern, which has to be there to be read.
fn pattern(errors: &mut Errors, input: ParseStream<'_>, words: &Words) -> Option<LitStr> {
    if input.peek(LitStr) {
        return input.parse().ok();
    }
    let rest: TokenStream = input.parse().ok()?;
    let Words { behind, at_run_time } = words;
    let is_text = |token: &TokenTree| syn::parse2::<LitStr>(token.to_token_stream()).is_ok();
    let help = match rest.clone().into_iter().find(is_text) {
        Some(pattern) => format!("write the pattern first: `{pattern}, {behind}`"),
        None => format!(
            "write `\"a b -> b a\", {behind}`; for axes that are known at run time there is `{at_run_time}`"
        ),
    };
    match rest.into_iter().next() {
        Some(first) => errors.add(&first, format!("found `{first}`, wanted a pattern in quotes"), help),
        None => errors.add(quote!(), "found nothing, wanted a pattern in quotes", help),
    }
    None
}

/// The comma before another argument; what else stands in its place is told. Whether an argument follows.
fn comma(errors: &mut Errors, input: ParseStream<'_>) -> Option<bool> {
    if input.parse::<Token![,]>().is_ok() || input.is_empty() {
        return Some(!input.is_empty());
    }
    let found: TokenTree = input.parse().ok()?;
    errors.add(&found, format!("found `{found}`, wanted a comma"), "write commas between the arguments");
    None
}

fn expression(errors: &mut Errors, input: ParseStream<'_>) -> Option<Expr> {
    if let Ok(expression) = input.fork().parse::<Expr>() {
        input.parse::<Expr>().ok()?;
        return Some(expression);
    }
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
    let rest: TokenStream = input.parse().ok()?;
    let found: TokenStream = rest.into_iter().take_while(|token| !is_comma(token)).collect();
    let message = format!("found `{found}`, which is no expression of Rust");
    errors.add(found, message, "write a value between the commas, such as `x` or `&x`");
    None
}

/// `heads = 8`; a size in another form is told.
fn size(errors: &mut Errors, input: ParseStream<'_>) -> Option<Size> {
    let ahead = input.fork();
    let name: Option<Ident> = ahead.parse().ok();
    if let (Some(_), true) = (&name, ahead.peek(Token![=]) && !ahead.peek(Token![==])) {
        let name = input.parse().ok()?;
        input.parse::<Token![=]>().ok()?;
        return Some(Size { name, size: expression(errors, input)? });
    }
    if let (Some(name), Ok(colon)) = (&name, ahead.parse::<Token![:]>()) {
        let size = ahead.parse::<Expr>().map_or("8".to_owned(), |size| size.to_token_stream().to_string());
        errors.add(
            colon,
            format!("found `:` after the axis `{name}`, wanted `=`"),
            format!("write `{name} = {size}`"),
        );
        return None;
    }
    let found: TokenTree = input.parse().ok()?;
    errors.add(
        &found,
        format!("found `{found}`, wanted the size of an axis"),
        "write `heads = 8`, with the axis whose size it is",
    );
    None
}
