//! Sizes to tokens: what the const rules compute with.
//!
//! What depends on the model's parameters becomes arithmetic over symbols; anything else is an expression that the
//! compiler evaluates.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit};

use super::facts::idents;
use crate::diag::Errors;

/// What a size may mention.
pub(crate) struct Symbols {
    /// The const generics.
    pub(crate) parameters: Vec<Ident>,
    /// The axes of the input whose size is open.
    pub(crate) open: Vec<Ident>,
    /// Quotients of sizes with parameters in them, which are symbols of their own.
    pub(crate) quotients: Vec<Quotient>,
    /// What `where .. divides ..` states: divisor and dividend, as text.
    pub(crate) divides: Vec<(String, String)>,
    /// The quotients of which nothing says that they are whole: each is told once.
    pub(crate) doubtful: Vec<(String, String)>,
}

/// `dividend / divisor`.
pub(crate) struct Quotient {
    pub(crate) text: String,
    pub(crate) dividend: TokenStream,
    pub(crate) divisor: TokenStream,
}

impl Symbols {
    fn number(&self, name: &Ident) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter == name)
    }

    /// The number of an axis of open size.
    pub(crate) fn open(&self, name: &Ident) -> Option<usize> {
        let place = self.open.iter().position(|open| open == name)?;
        Some(self.parameters.len() + place)
    }

    /// The size as an expression of type `pz_::Size`.
    pub(crate) fn size(&mut self, errors: &mut Errors, expression: &Expr) -> TokenStream {
        match expression {
            Expr::Paren(inner) => return self.size(errors, &inner.expr),
            Expr::Group(inner) => return self.size(errors, &inner.expr),
            Expr::Binary(binary) => {
                let function = match binary.op {
                    BinOp::Add(_) => quote!(add),
                    BinOp::Sub(_) => quote!(sub),
                    BinOp::Mul(_) => quote!(mul),
                    BinOp::Div(_) => quote!(div),
                    _ if self.mentions(expression) => return self.refused(errors, expression),
                    _ => return evaluated(expression),
                };
                let (left, right) = (self.size(errors, &binary.left), self.size(errors, &binary.right));
                if matches!(binary.op, BinOp::Div(_)) && self.mentions(expression) {
                    return self.quotient(errors, expression, &binary.left, &binary.right, left, right);
                }
                return quote!(#left.#function(&#right));
            }
            Expr::Path(path) if path.qself.is_none() => {
                if let Some(number) = path.path.get_ident().and_then(|name| self.number(name)) {
                    return symbol(number);
                }
            }
            Expr::Lit(literal) => {
                if let Lit::Int(number) = &literal.lit
                    && number.base10_parse::<i64>().is_err()
                {
                    errors.add(
                        number,
                        format!("found the size `{number}`, which is larger than a size can be"),
                        "write a smaller number",
                    );
                    return quote!(pz_::Size::told());
                }
            }
            _ => {}
        }
        if self.mentions(expression) { self.refused(errors, expression) } else { evaluated(expression) }
    }

    fn refused(&self, errors: &mut Errors, expression: &Expr) -> TokenStream {
        let text = expression.to_token_stream();
        errors.add(
            expression,
            format!("found the size `{text}`, and sizes with parameters are sums, differences, products and quotients"),
            "compute it outside, in a `const`, or give the model a parameter for it",
        );
        quote!(pz_::Size::told())
    }

    fn quotient(
        &mut self,
        errors: &mut Errors,
        all: &Expr,
        dividend: &Expr,
        divisor: &Expr,
        left: TokenStream,
        right: TokenStream,
    ) -> TokenStream {
        let (above, below) = (spaced(bare(dividend)), spaced(bare(divisor)));
        let pair = (below, above);
        if !self.divides.contains(&pair) {
            if self.doubtful.contains(&pair) {
                return quote!(pz_::Size::told());
            }
            let (below, above) = &pair;
            errors.add(
                all,
                format!(
                    "found `{} / {}`, and nothing says that `{below}` divides `{above}`",
                    factor(dividend),
                    factor(divisor)
                ),
                format!("write `where {below} divides {above}` after the output"),
            );
            self.doubtful.push(pair);
            return quote!(pz_::Size::told());
        }
        let text = format!("{} / {}", factor(dividend), factor(divisor));
        let place = self.quotients.iter().position(|known| known.text == text).unwrap_or_else(|| {
            self.quotients.push(Quotient { text, dividend: left, divisor: right });
            self.quotients.len() - 1
        });
        symbol(self.parameters.len() + self.open.len() + place)
    }

    /// Whether a parameter is in the expression.
    pub(crate) fn mentions(&self, expression: impl ToTokens) -> bool {
        idents(&expression).iter().any(|word| self.number(word).is_some())
    }
}

/// The expression without parentheses around it.
pub(crate) fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(inner) => bare(&inner.expr),
        Expr::Group(inner) => bare(&inner.expr),
        other => other,
    }
}

/// The expression as text, as it stands in a quotient.
fn factor(expression: &Expr) -> String {
    match bare(expression) {
        binary @ Expr::Binary(_) => format!("({})", spaced(binary)),
        other => spaced(other),
    }
}

/// The expression as text, for messages and to compare.
pub(crate) fn spaced(expression: &Expr) -> String {
    expression.to_token_stream().to_string()
}

/// A symbol as an expression of type `pz_::Size`.
pub(crate) fn symbol(number: usize) -> TokenStream {
    let number = number as u8;
    quote!(pz_::Size::symbol(#number))
}

/// The value of an expression of type `usize`.
fn evaluated(expression: &Expr) -> TokenStream {
    let size = quote_spanned!(expression.span()=> { let size: usize = #expression; size });
    quote!(pz_::Size::of(#size))
}
