//! The arguments of `einsum!` and `rearrange!`: a pattern, and what stands behind it.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token};

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

/// The pattern, which has to be there to be read.
fn literal(input: ParseStream<'_>, function: &str) -> syn::Result<LitStr> {
    if input.peek(LitStr) {
        return input.parse();
    }
    let message = format!(
        "expected a pattern in quotes\nhelp: for axes that are known at run time there is `{function}`"
    );
    Err(input.error(message))
}

impl Parse for Einsum {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = literal(input, "nx::einsum(&[&x, &w], output)")?;
        let mut arrays = Vec::new();
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                arrays.push(input.parse()?);
            }
        }
        Ok(Einsum { pattern, arrays })
    }
}

impl Parse for Rearrange {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pattern = literal(input, "x.order_as(names)")?;
        input.parse::<Token![,]>()?;
        let array = input.parse()?;
        let mut sizes = Vec::new();
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
            sizes = Punctuated::<Size, Token![,]>::parse_terminated(input)?.into_iter().collect();
        }
        Ok(Rearrange { pattern, array, sizes })
    }
}

impl Parse for Size {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Size { name, size: input.parse()? })
    }
}
