//! The primitives, and the one table of them.
//!
//! Each file holds a family: how its elements are computed and how derivatives pass through. [`PRIMITIVES`]
//! lists every one; tests walk it, so that a primitive without a rule or without a test does not stay
//! unnoticed. Composites are written with these in `named` and have no rules of their own, but for softmax.

pub(crate) mod contract;
pub(crate) mod control;
pub(crate) mod conv;
pub(crate) mod cumulative;
pub(crate) mod elementwise;
pub(crate) mod gather;
pub(crate) mod index;
pub(crate) mod infer;
mod methods;
pub(crate) mod movement;
pub(crate) mod pad;
pub(crate) mod random;
pub(crate) mod reduce;
pub(crate) mod repeat;
mod running_extreme;
pub(crate) mod scatter;
pub(crate) mod sort;
#[cfg(test)]
mod tests;
pub(crate) mod window;

use super::primitive::Primitive;

/// Every primitive.
pub(crate) static PRIMITIVES: &[&Primitive] = &[
    &elementwise::arithmetic::NEG,
    &elementwise::arithmetic::ABS,
    &elementwise::arithmetic::SIGN,
    &elementwise::arithmetic::RELU,
    &elementwise::arithmetic::ADD,
    &elementwise::arithmetic::SUB,
    &elementwise::arithmetic::MUL,
    &elementwise::arithmetic::DIV,
    &elementwise::arithmetic::MAXIMUM,
    &elementwise::arithmetic::MINIMUM,
    &elementwise::exponential::EXP,
    &elementwise::exponential::EXPM1,
    &elementwise::exponential::LOG,
    &elementwise::exponential::LOG1P,
    &elementwise::exponential::SQRT,
    &elementwise::exponential::RSQRT,
    &elementwise::exponential::CBRT,
    &elementwise::exponential::SIGMOID,
    &elementwise::exponential::POW,
    &elementwise::exponential::LOGADDEXP,
    &elementwise::trigonometric::SIN,
    &elementwise::trigonometric::COS,
    &elementwise::trigonometric::TAN,
    &elementwise::trigonometric::ASIN,
    &elementwise::trigonometric::ACOS,
    &elementwise::trigonometric::ATAN,
    &elementwise::trigonometric::ATAN2,
    &elementwise::hyperbolic::SINH,
    &elementwise::hyperbolic::COSH,
    &elementwise::hyperbolic::TANH,
    &elementwise::hyperbolic::ASINH,
    &elementwise::hyperbolic::ACOSH,
    &elementwise::hyperbolic::ATANH,
    &elementwise::special::ERF,
    &elementwise::special::ERFC,
    &elementwise::special::ERF_INV,
    &elementwise::special::LGAMMA,
    &elementwise::special::POLYGAMMA,
    &elementwise::rounding::FLOOR,
    &elementwise::rounding::CEIL,
    &elementwise::rounding::ROUND,
    &elementwise::rounding::REM,
    &elementwise::rounding::IS_FINITE,
    &elementwise::integer::INT_DIV,
    &elementwise::integer::INT_REM,
    &elementwise::integer::INT_POW,
    &elementwise::bits::AND,
    &elementwise::bits::OR,
    &elementwise::bits::XOR,
    &elementwise::bits::NOT,
    &elementwise::bits::SHIFT_LEFT,
    &elementwise::bits::SHIFT_RIGHT_LOGICAL,
    &elementwise::bits::SHIFT_RIGHT_ARITHMETIC,
    &elementwise::bits::POPULATION_COUNT,
    &elementwise::compare::EQUAL,
    &elementwise::compare::NOT_EQUAL,
    &elementwise::compare::LESS,
    &elementwise::compare::LESS_EQUAL,
    &elementwise::compare::SELECT,
    &elementwise::cast::CAST,
    &movement::IDENTITY,
    &movement::STOP_GRADIENT,
    &movement::SOFTMAX,
    &movement::BROADCAST,
    &movement::PERMUTE,
    &movement::RESHAPE,
    &movement::SLICE,
    &pad::PAD,
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
    &sort::ARGSORT,
    &sort::PICK,
    &sort::DEAL,
    &window::WINDOW_SUM,
    &window::WINDOW_MAX,
    &window::WINDOW_MIN,
    &window::WINDOW_ARGMAX,
    &window::WINDOW_ARGMIN,
    &conv::CONVOLUTION,
    &contract::DOT,
    &index::IOTA,
    &random::FOLD_IN,
    &random::RANDOM_BITS,
    &random::UNIFORM,
    &random::ERF_INV,
    &random::ERF,
    &random::NEXT_UP,
    &random::NEG_LOG,
    &random::NEG_LOG1P_NEG,
    &random::OFFSET,
    &random::KEY_DATA,
    &random::WRAP_KEY_DATA,
    &gather::GATHER,
    &scatter::SCATTER_SET,
    &scatter::SCATTER_ADD,
    &scatter::SCATTER_MUL,
    &scatter::SCATTER_MIN,
    &scatter::SCATTER_MAX,
    &index::DYNAMIC_SLICE,
    &index::DYNAMIC_UPDATE_SLICE,
    &control::PART,
    &control::SWITCH,
    &control::CHECKPOINT,
    &control::CUSTOM,
    &repeat::SCAN,
    &repeat::WHILE,
];
