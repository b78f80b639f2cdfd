//! Arrays under hostile hands: sizes at the ends of what can be counted, axes of size 0 beside huge ones, places and
//! steps at the limits of their types. What comes back is a value or an error, and never a panic or an abort.

#[path = "bad_arrays/hostile.rs"]
mod hostile;
#[path = "bad_arrays/sizes.rs"]
mod sizes;
#[path = "bad_arrays/values.rs"]
mod values;
