//! The primitives, and the one table of them.
//!
//! Each file holds a family: how its elements are computed and how derivatives pass through. [`PRIMITIVES`]
//! lists every one; tests walk it, so that a primitive without a rule or without a test does not stay
//! unnoticed. Composites such as softmax are written with these in `named` and have no rules of their own.

pub(crate) mod binary;
pub(crate) mod contract;
pub(crate) mod cumulative;
pub(crate) mod index;
pub(crate) mod infer;
mod methods;
pub(crate) mod movement;
pub(crate) mod reduce;
#[cfg(test)]
mod tests;
pub(crate) mod unary;

use super::primitive::Primitive;

/// Every primitive.
pub(crate) static PRIMITIVES: &[&Primitive] = &[
    &unary::NEG,
    &unary::ABS,
    &unary::SIGN,
    &unary::NOT,
    &unary::EXP,
    &unary::LOG,
    &unary::SIN,
    &unary::COS,
    &unary::TANH,
    &unary::SQRT,
    &unary::RSQRT,
    &unary::SIGMOID,
    &unary::ERF,
    &unary::FLOOR,
    &unary::CAST,
    &binary::ADD,
    &binary::SUB,
    &binary::MUL,
    &binary::DIV,
    &binary::REM,
    &binary::POW,
    &binary::MAXIMUM,
    &binary::MINIMUM,
    &binary::EQUAL,
    &binary::NOT_EQUAL,
    &binary::LESS,
    &binary::LESS_EQUAL,
    &binary::AND,
    &binary::OR,
    &binary::SELECT,
    &movement::IDENTITY,
    &movement::BROADCAST,
    &movement::PERMUTE,
    &movement::RESHAPE,
    &movement::SLICE,
    &movement::SPREAD,
    &movement::CONCATENATE,
    &reduce::SUM,
    &reduce::PRODUCT,
    &reduce::MAX,
    &reduce::MIN,
    &reduce::ALL,
    &reduce::ANY,
    &reduce::ARGMAX,
    &reduce::ARGMIN,
    &cumulative::CUMSUM,
    &cumulative::CUMPROD,
    &cumulative::CUMMAX,
    &cumulative::CUMMIN,
    &cumulative::CUMLOGSUMEXP,
    &cumulative::RECURRENCE,
    &contract::DOT,
    &index::IOTA,
    &index::TAKE,
    &index::SCATTER_ADD,
    &index::DYNAMIC_SLICE,
    &index::DYNAMIC_UPDATE_SLICE,
];
