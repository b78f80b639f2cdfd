//! Selected nodes by their numbers.

use super::Selection;
use crate::tree::Tree;

impl<Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// Keeps the `n`-th selected node, or those with these numbers, counted from 0, or from the end where a number is
    /// negative; numbers for which there is no node select nothing.
    ///
    /// ```
    /// let tree = vec![1.0_f32, 2.0, 3.0];
    /// let ends = pz::select(&tree).at_instances_of::<f32>().pick_nth_selected([0, -1, 7]);
    /// assert_eq!(ends.get_sequence()?, [&1.0, &3.0]);
    /// let last = pz::select(&tree).at_instances_of::<f32>().pick_nth_selected(tree.len() - 1);
    /// assert_eq!(last.get()?, &3.0);
    /// # Ok::<(), pz::Error>(())
    /// ```
    pub fn pick_nth_selected(mut self, n: impl Nth) -> Self {
        let mut picked = std::mem::take(&mut self.picked);
        let mut keep = vec![false; picked.len()];
        n.mark(&mut keep);
        let mut keep = keep.into_iter();
        picked.retain(|_| keep.next().unwrap_or(false));
        self.fewer(picked, format!("pick_nth_selected({})", n.text()))
    }
}

/// A number or several: what [`Selection::pick_nth_selected`] takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number of a selected node",
    label = "a number or several are wanted here",
    note = "write `2`, `-1` for the last one, or `[0, 2]`; a variable is a `usize`, an `isize` or an `i32`"
)]
pub trait Nth {
    /// Marks the places in a list that these numbers are.
    fn mark(&self, places: &mut [bool]);

    /// How they were written.
    fn text(&self) -> String;
}

/// Marks the place that a number is: from the start of the list, or from its end.
fn mark(places: &mut [bool], from_end: bool, number: usize) {
    let place = if from_end { places.len().checked_sub(number) } else { Some(number) };
    if let Some(place) = place.and_then(|place| places.get_mut(place)) {
        *place = true;
    }
}

impl Nth for usize {
    fn mark(&self, places: &mut [bool]) {
        mark(places, false, *self);
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Nth for isize {
    fn mark(&self, places: &mut [bool]) {
        mark(places, *self < 0, self.unsigned_abs());
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

/// What a number is where nothing says its type.
impl Nth for i32 {
    fn mark(&self, places: &mut [bool]) {
        mark(places, *self < 0, self.unsigned_abs() as usize);
    }
    fn text(&self) -> String {
        self.to_string()
    }
}

macro_rules! several {
    ($([$($parameters:tt)+] $type:ty;)+) => {$(
        impl<$($parameters)+> Nth for $type {
            fn mark(&self, places: &mut [bool]) {
                self.iter().for_each(|number| number.mark(places));
            }
            fn text(&self) -> String {
                format!("[{}]", self.iter().map(Nth::text).collect::<Vec<_>>().join(", "))
            }
        }
    )+};
}

several! {
    [N: Nth, const COUNT: usize] [N; COUNT];
    [N: Nth] Vec<N>;
    [N: Nth] &[N];
}
