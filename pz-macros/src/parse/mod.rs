//! Tokens to syntax. Parsing decides no meaning, and never stops at the first mistake: it keeps what it could
//! read, notes what it could not, and goes on after the next comma.

mod call;
mod cursor;
mod docs;
mod item;
pub(crate) mod model;
mod options;
mod pattern;

pub(crate) use call::{Einsum, Rearrange, einsum, rearrange};
pub(crate) use item::{Field, Form, Head, Item, derives, head, item, packed, says};
pub(crate) use options::{Given, Opt, arguments, expression, path, string, type_path};
pub(crate) use pattern::{Pattern, Place, Slips, Term, Word, pattern};
