//! Tokens to syntax. Parsing decides no meaning, and never stops at the first mistake: it keeps what it could
//! read, notes what it could not, and goes on after the next comma.

mod cursor;
mod docs;
mod item;
pub(crate) mod model;
mod options;

pub(crate) use item::{Form, Head, Item, derives, head, item, packed};
pub(crate) use options::{Given, Opt, arguments, path, string, type_path};
