//! Two models of one name in one module.
//!
//! A model becomes a type with many impls, and of two that are called alike the compiler would tell each impl by
//! itself. So the second is answered by the macro, and becomes nothing. What makes a place of its own for a name, a
//! module or a block, the macro cannot see; but its source lies between the two, and then has a brace without its other
//! half in it.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Ident, TokenStream};

use crate::diag::{Errors, place};

/// A model that was declared: its name with its place, its file, and where the macro's call begins and ends there.
struct Declared {
    name: String,
    place: String,
    file: PathBuf,
    start: (usize, usize),
    end: (usize, usize),
}

/// Those of this process: of this compilation, or of all that an editor's server has seen.
static DECLARED: Mutex<Vec<Declared>> = Mutex::new(Vec::new());

/// Notes that a model is called `name`. Whether another beside it is, which is told.
pub(crate) fn told(errors: &mut Errors, name: &Ident) -> bool {
    if !proc_macro::is_available() {
        return false;
    }
    let call = proc_macro::Span::call_site();
    let Some(file) = call.local_file() else { return false };
    let (start, end) = (call.start(), call.end());
    let (start, end) = ((start.line(), start.column()), (end.line(), end.column()));
    let own = Declared { name: name.to_string(), place: place(name.span()), file, start, end };
    let mut all = DECLARED.lock().unwrap_or_else(PoisonError::into_inner);
    let alike = |other: &&Declared| other.name == own.name && other.file == own.file && other.end <= start;
    let text = all.iter().any(|other| alike(&other)).then(|| fs::read_to_string(&own.file).ok()).flatten();
    let beside = text.and_then(|text| all.iter().filter(alike).find(|other| is_beside(&text, other, start)));
    let first = beside.map(|other| other.place.clone());
    if let Some(first) = &first {
        errors.add(
            name,
            format!("found the model `{name}`, which is there already{first}"),
            "give one of the two another name, or a module of its own",
        );
    } else {
        all.push(own);
    }
    first.is_some()
}

/// Whether a model that was declared is still there, before a place and beside it: a server also remembers those that were
/// moved since.
fn is_beside(text: &str, other: &Declared, start: (usize, usize)) -> bool {
    let is_there = between(text, other.start, other.end).is_some_and(|call| call.contains(&other.name));
    is_there && between(text, other.end, start).is_some_and(|text| is_whole(&text))
}

/// The text from one place to another; a place is a line and a column, both from 1.
fn between(text: &str, from: (usize, usize), to: (usize, usize)) -> Option<String> {
    let at = |(line, column): (usize, usize)| {
        let begun: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let rest = text.get(begun..)?;
        let (offset, _) = rest.char_indices().nth(column.checked_sub(1)?)?;
        Some(begun + offset)
    };
    text.get(at(from)?..at(to)?).map(str::to_owned)
}

/// Whether each brace in the text has its other half in it.
fn is_whole(text: &str) -> bool {
    text.parse::<TokenStream>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_two_places_is_found() {
        let text = "ab\ncdé f\n";
        assert_eq!(between(text, (1, 2), (2, 4)).as_deref(), Some("b\ncdé"));
        assert_eq!(between(text, (2, 1), (2, 1)).as_deref(), Some(""));
        assert_eq!(between(text, (2, 2), (1, 1)), None);
        assert_eq!(between(text, (9, 9), (9, 9)), None);
        assert_eq!(between(text, (0, 0), (1, 1)), None);
    }

    #[test]
    fn a_model_that_was_moved_is_not_beside_itself() {
        let declared = |start, end| Declared {
            name: "Net".into(),
            place: String::new(),
            file: PathBuf::new(),
            start,
            end,
        };
        let text = "m! { Net }\n\nm! { Net }\n";
        assert!(is_beside(text, &declared((1, 1), (1, 11)), (3, 1)));
        assert!(!is_beside("\n\nm! { Net }\n", &declared((1, 1), (1, 1)), (3, 1)));
        assert!(!is_beside("a few other \n\nm! { Net }\n", &declared((1, 1), (1, 11)), (3, 1)));
    }

    #[test]
    fn modules_between_two_models_are_seen() {
        assert!(is_whole("\nfn a() { b(\"}\") } // }\n"));
        assert!(is_whole("mod a { mod b {} }"));
        assert!(!is_whole("} mod b {"));
        assert!(!is_whole("mod b {"));
        assert!(!is_whole("}"));
    }
}
