//! Shapes as plain data: axis names and the rules for sizes.
//!
//! Nothing here touches an array. The rules exist once and serve the error at the call, abstract evaluation,
//! and (as const functions) the compiler.

mod axis;

pub use axis::AxisName;
