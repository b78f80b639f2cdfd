//! Why nothing is selected: what each call of the chain left, and which types the tree has.

use super::Selection;
use crate::error::{Error, Report};
use crate::tree::walk::{Walk, visit};
use crate::tree::{PyTree, Tree, short_type_name};

/// How many types a message lists.
const LISTED: usize = 10;

impl<Root: Tree + ?Sized, T: Tree + ?Sized> Selection<'_, Root, T> {
    /// The error of a chain that has failed or selects nothing.
    pub(super) fn empty(self, operation: &str) -> Error {
        if let Some(error) = self.error {
            return error;
        }
        let stages: Vec<_> =
            self.stages.iter().map(|stage| format!("`{}` found {}", stage.call, stage.left)).collect();
        let sought = self.stages.iter().rev().find_map(|stage| stage.sought);
        let problem = format!("nothing is selected: {}", stages[1..].join(", then "));
        let help = match operation {
            "Selection::get" => "`.get_sequence()` reads any number of nodes, none too",
            "Selection::assert_count_is" => "`.show_selection()` shows what each part of the chain selects",
            _ => "where nothing may be there to edit, say `.allow_empty()` before the edit",
        };
        let types = types_of(self.root.as_tree(), sought.map(short_type_name).as_deref());
        Report::new(operation, format!("{problem}; the tree has {types}")).help(help).tree()
    }
}

/// The types of a tree's nodes with their numbers, those like `sought` first.
fn types_of(root: &dyn PyTree, sought: Option<&str>) -> String {
    let mut types: Vec<(&str, usize)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    visit(root, |_, node| {
        let name = node.info().type_name;
        let place = *places.entry(name).or_insert_with(|| {
            types.push((name, 0));
            types.len() - 1
        });
        types[place].1 += 1;
        Walk::Enter
    });
    if let Some(sought) = sought {
        types.sort_by_key(|(name, _)| !alike(name, sought));
    }
    let rest = types.len().saturating_sub(LISTED);
    let mut listed: Vec<_> = types
        .iter()
        .take(LISTED)
        .map(|(name, count)| if *count == 1 { format!("`{name}`") } else { format!("`{name}` ({count})") })
        .collect();
    if rest > 0 {
        listed.push(format!("and {rest} more types"));
    }
    listed.join(", ")
}

/// Whether one name is in the other, case aside, or they begin alike.
fn alike(name: &str, sought: &str) -> bool {
    let (name, sought) = (name.to_lowercase(), sought.to_lowercase());
    let common = name.chars().zip(sought.chars()).take_while(|(a, b)| a == b).count();
    name.contains(&sought) || sought.contains(&name) || common >= 4
}
