//! From parts to lines.
//!
//! Two spaces for each level, a comma after each field of an unfolded node, and remarks at the end of a line, where
//! they disturb nothing that could be copied.

use super::Options;
use super::color::paint;
use super::count::grouped;
use super::layout::{Form, Layout, SEPARATOR};
use super::part::{Part, Selected, Shared, path_to};

/// Writes the whole tree.
pub(super) fn write(parts: &[Part], layout: &Layout, options: &Options) -> String {
    let mut out = String::new();
    let mut open: Vec<usize> = Vec::new();
    let mut index = 0;
    while index < parts.len() {
        close_before(index, parts, &mut open, &mut out);
        let part = &parts[index];
        for line in &part.docs {
            indent(&mut out, open.len());
            out.push_str("# ");
            out.push_str(line);
            out.push('\n');
        }
        indent(&mut out, open.len());
        out.push_str(&part.label);
        let comma = if open.is_empty() { "" } else { "," };
        let next = match layout.form(index) {
            Form::Unfolded if part.is_leaf() => {
                for (place, line) in part.tall.iter().enumerate() {
                    if place > 0 {
                        out.push('\n');
                        indent(&mut out, open.len());
                    }
                    out.push_str(line);
                }
                out.push_str(comma);
                part.end
            }
            Form::Unfolded => {
                paint(&mut out, part, &part.open);
                open.push(index);
                index + 1
            }
            Form::Line => {
                out.push_str(&line_of(parts, index));
                out.push_str(comma);
                part.end
            }
            Form::Cut => {
                let below = part.end - index - 1;
                paint(&mut out, part, &part.open);
                out.push_str(&format!("<{} parts below>", grouped(below as u64)));
                paint(&mut out, part, part.close);
                out.push_str(comma);
                part.end
            }
        };
        remarks(parts, index, options, &mut out);
        out.push('\n');
        index = next;
    }
    close_before(parts.len(), parts, &mut open, &mut out);
    out.truncate(out.trim_end().len());
    out
}

/// Closes the unfolded nodes that have no part at `index` or after it.
fn close_before(index: usize, parts: &[Part], open: &mut Vec<usize>, out: &mut String) {
    while let Some(&last) = open.last()
        && parts[last].end <= index
    {
        open.pop();
        indent(out, open.len());
        // The comma of a tuple of one stands behind its element.
        paint(out, &parts[last], parts[last].close.trim_start_matches(','));
        out.push_str(if open.is_empty() { "\n" } else { ",\n" });
    }
}

/// A part and all below it on one line, without its label.
pub(super) fn line_of(parts: &[Part], index: usize) -> String {
    let mut line = String::new();
    let mut open: Vec<usize> = Vec::new();
    let close = |until: usize, open: &mut Vec<usize>, line: &mut String| {
        while let Some(&last) = open.last()
            && parts[last].end <= until
        {
            open.pop();
            paint(line, &parts[last], parts[last].close);
        }
    };
    for (at, part) in parts.iter().enumerate().take(parts[index].end).skip(index) {
        close(at, &mut open, &mut line);
        if at > index {
            if part.parent.is_some_and(|parent| at > parent + 1) {
                line.push_str(SEPARATOR);
            }
            line.push_str(&part.label);
        }
        paint(&mut line, part, &part.open);
        if !part.is_leaf() {
            open.push(at);
        }
    }
    close(parts[index].end, &mut open, &mut line);
    line
}

/// What stands after `#` at the end of a part's line.
fn remarks(parts: &[Part], index: usize, options: &Options, out: &mut String) {
    let part = &parts[index];
    let selected = (part.selected == Selected::Told).then(|| "selected".to_owned());
    let mut remarks: Vec<String> = selected.into_iter().chain(part.remark.iter().cloned()).collect();
    let said_above = part.parent.is_some_and(|parent| parts[parent].count == part.count);
    if part.count.parameters > 0 && !said_above {
        remarks.push(part.count.to_string());
    }
    match part.shared {
        Some(Shared::First(places)) => {
            let s = if places == 2 { "" } else { "s" };
            remarks.push(format!("shared: here and in {} more place{s}", places - 1));
        }
        Some(Shared::Again(first)) => {
            let path = (parts[first].depth <= options.max_depth).then(|| path_to(parts, first)).flatten();
            let place = path.map_or("above".into(), |path| format!("at {path}"));
            remarks.push(format!("shared: counted {place}"));
        }
        None => {}
    }
    if !remarks.is_empty() {
        out.push_str("  # ");
        out.push_str(&remarks.join("; "));
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}
