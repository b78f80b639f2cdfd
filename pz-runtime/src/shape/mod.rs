//! Shapes as plain data: axis names and the rules for sizes.
//!
//! Nothing here touches an array. The rules exist once and serve the error at the call, abstract evaluation,
//! and (as const functions) the compiler: what a `model!` declares is a chain of constants, each the [`Axes`] after a
//! layer, and beside each stands a `const _` that [judges](Text::judge) it.

mod axes;
mod axis;
mod blocks;
mod forms;
mod signature;
mod size;
mod text;
mod types;
mod uses;

pub use axes::{Axes, Axis, Elements, Kind, MAX_AXES, Place, find, same_text};
pub use axis::AxisName;
pub use blocks::{
    AttentionAxes, judge_alike, judge_key, judge_order, judge_query, judge_residual, judge_stack_axis,
    judge_stacked_model, judge_stacked_name, judge_value, mixed, scores,
};
pub use forms::{Rule, acted_on, judge_elements, judge_left, judge_pairs, judge_right, made};
pub use signature::{
    Signature, Within, applied, judge_endless, judge_output, judge_signature, judge_surplus,
};
pub use size::{Fault, MAX_DEGREE, MAX_TERMS, Size};
pub use text::Text;
pub use types::{
    Types, joined, joined_all, judge_next_type, judge_output_elements, judge_type, own_type, typed,
};
pub use uses::{
    arguments, elements, groups_of, judge_argument, judge_condition, judge_count, judge_declared,
    judge_makes_axes, judge_multiple, judge_side_inputs, judge_side_options, judge_tied, resolved, sizes,
    tied,
};

/// The most symbols of a model: its const generics, its axes of open size, and quotients.
pub const MAX_SYMBOLS: usize = 32;

/// What all judgements in one model share.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Names for the symbols: the model's const generics, then its axes of open size.
    pub symbols: &'static [&'static str],
    /// Sizes that the model states to be equal.
    pub equal: &'static [(Size, Size)],
    /// Quotients that have a symbol: dividend, divisor, symbol.
    pub quotients: &'static [(Size, Size, u8)],
}

impl Context {
    /// The quotient of two sizes: exact, or the symbol that the model has for it.
    pub const fn quotient(&self, dividend: &Size, divisor: &Size) -> Size {
        let mut place = 0;
        while place < self.quotients.len() {
            let (above, below, symbol) = &self.quotients[place];
            if above.same(dividend) && below.same(divisor) {
                return Size::symbol(*symbol);
            }
            place += 1;
        }
        dividend.div(divisor)
    }
}

impl Text {
    /// This and who made an axis, and where: `` `mid` gives it `features: 256` (src/main.rs:7) ``.
    pub const fn origin(self, cx: &Context, axis: &Axis, verb: &str) -> Self {
        let text = if axis.by.who.is_empty() {
            self.and("the input has ")
        } else {
            self.name(axis.by.who).and(verb)
        };
        text.axis(axis, cx.symbols).place(&axis.by)
    }

    /// This and who made an array of its element type, and where.
    pub const fn elements_of(self, axes: &Axes) -> Self {
        let by = &axes.typed;
        if by.file.is_empty() {
            return self.and("what reaches it is ").and(axes.elements.name);
        }
        let text =
            if by.who.is_empty() { self.and("the input is ") } else { self.name(by.who).and(" gives ") };
        text.and(axes.elements.name).place(by)
    }
}
