//! Which nodes are unfolded.
//!
//! A node that fits into the target width is written on one line, any other on one line for each field. A mark that
//! is folded away is no mark, so whatever holds a shared variable, a selected node or something with docs above it is
//! unfolded too.

use super::Options;
use super::part::{Part, Selected};

/// What is done with each part.
#[derive(Debug)]
pub(super) struct Layout(Vec<Form>);

/// How a part is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// On one line.
    Line,
    /// On one line for each field.
    Unfolded,
    /// As a line that only counts its fields: it is too deep.
    Cut,
}

/// What separates the fields on one line.
pub(super) const SEPARATOR: &str = ", ";

impl Layout {
    /// Lays the parts out.
    pub(super) fn of(parts: &[Part], options: &Options) -> Self {
        let mut widths: Vec<usize> = parts.iter().map(|part| wide(&part.open) + wide(part.close)).collect();
        let mut loud: Vec<bool> = parts.iter().map(|part| part.shared.is_some()).collect();
        let mut filled = vec![false; parts.len()];
        for index in (0..parts.len()).rev() {
            let Some(parent) = parts[index].parent else { continue };
            let comma = if filled[parent] { SEPARATOR.len() } else { 0 };
            let width = widths[index] + wide(&parts[index].label) + comma;
            widths[parent] = widths[parent].saturating_add(width);
            filled[parent] = true;
            let own_line = parts[index].selected != Selected::No || !parts[index].docs.is_empty();
            loud[parent] |= loud[index] || own_line;
        }
        let forms = parts.iter().enumerate().map(|(index, part)| {
            let has_lines = part.end > index + 1 || !part.tall.is_empty();
            let wants_lines = widths[index] > options.target_width || loud[index];
            match has_lines && wants_lines {
                false => Form::Line,
                true if part.depth < options.max_depth || part.is_leaf() => Form::Unfolded,
                true => Form::Cut,
            }
        });
        Layout(forms.collect())
    }

    /// How the part at `index` is written, if its parent is unfolded.
    pub(super) fn form(&self, index: usize) -> Form {
        self.0[index]
    }
}

fn wide(text: &str) -> usize {
    text.chars().count()
}
