//! What a pattern must be beyond its grammar. A rule names the word that breaks it.

use std::collections::HashSet;

use crate::diag::Errors;
use crate::ir::{Einsum, Rearrange};
use crate::parse::{Place, Slips, Term, Word};
use crate::words;

/// The known name that `name` most likely was meant to be. Of one letter or two any other is as near.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() < 3 { None } else { words::nearest(name, known) }
}

/// A name stands once in each array.
pub(super) fn names_stand_once(slips: &mut Slips, words: &[&Word]) {
    for (place, word) in words.iter().enumerate() {
        if words[..place].iter().any(|known| known.text == word.text) {
            let message = format!("the axis `{}` stands twice in one array", word.text);
            slips.add(word.at, message, "an array has an axis once; a diagonal is `x.diagonal(..)`");
        }
    }
}

/// There are as many arrays as the pattern has.
pub(super) fn arrays_are_counted(slips: &mut Slips, einsum: &Einsum) {
    let (wanted, given) = (einsum.operands.len(), einsum.arrays.len());
    if wanted != given && wanted > 0 {
        let len = einsum.pattern.value().chars().count();
        let message = format!(
            "the pattern has {} before the `->`, and {given} {} given",
            arrays(wanted),
            if given == 1 { "is" } else { "are" }
        );
        slips.add(Place { start: 0, len }, message, "give one for each, in order");
    }
}

/// Names are words with spaces between them. `ab, bc -> ac` is told as what it means elsewhere: where a name is in one
/// array alone, and all the letters would fit as names. Whether that is told.
pub(super) fn names_are_words(slips: &mut Slips, inputs: &[Vec<&Word>], output: &[&Word]) -> bool {
    let all = || inputs.iter().flatten().chain(output).copied();
    let lonely = |word: &&Word| all().filter(|other| other.text == word.text).count() == 1;
    let Some(first) = all().find(lonely) else { return false };
    let arrays: Vec<Vec<char>> = inputs.iter().map(|words| letters(words)).collect();
    let result = letters(output);
    let holders =
        |letter: &char| arrays.iter().chain([&result]).filter(|array| array.contains(letter)).count();
    let fits = arrays.iter().flatten().all(|letter| holders(letter) > 1)
        && result.iter().all(|letter| arrays.iter().any(|array| array.contains(letter)))
        && arrays
            .iter()
            .chain([&result])
            .all(|array| array.iter().collect::<HashSet<_>>().len() == array.len());
    if fits {
        let spaced = |letters: &Vec<char>| letters.iter().map(char::to_string).collect::<Vec<_>>().join(" ");
        let arrays: Vec<String> = arrays.iter().map(spaced).collect();
        slips.add(
            first.at,
            format!("found the name `{}`, which is nowhere else", first.text),
            format!(
                "names are words with spaces between them: `{} -> {}`",
                arrays.join(", "),
                spaced(&result)
            ),
        );
    }
    fits
}

fn letters(words: &[&Word]) -> Vec<char> {
    words.iter().flat_map(|word| word.text.chars()).collect()
}

fn arrays(number: usize) -> String {
    format!("{number} array{}", if number == 1 { "" } else { "s" })
}

/// What comes out went in.
pub(super) fn outputs_are_inputs(slips: &mut Slips, einsum: &Einsum) {
    let known = || einsum.operands.iter().flat_map(|names| &names.words);
    for word in unknown_outputs(einsum) {
        let message = format!("the axis `{}` of the output is in no array", word.text);
        let near = nearest(&word.text, known().map(|word| word.text.as_str()));
        let help = near.map_or("an output has axes of its arrays".into(), |near| format!("write `{near}`"));
        slips.add(word.at, message, help);
    }
    let rests = einsum.operands.iter().filter_map(|names| names.rest);
    match (rests.map(|(at, _)| at).next(), einsum.output.rest) {
        (Some(at), None) => slips.add(
            at,
            "the `..` is on the left alone",
            "write `..` behind the `->` too: its axes are kept",
        ),
        (None, Some((at, _))) => {
            slips.add(at, "the `..` is on the right alone", "write `..` in an array that has more axes");
        }
        _ => {}
    }
}

fn unknown_outputs(einsum: &Einsum) -> Vec<&Word> {
    let known = |word: &Word| {
        einsum.operands.iter().flat_map(|names| &names.words).any(|known| known.text == word.text)
    };
    einsum.output.words.iter().filter(|word| !known(word)).collect()
}

/// An axis that is in one array and not in the output is a slip more often than a sum. Of two names that are each other's
/// slip, one is told.
pub(super) fn axes_are_used(slips: &mut Slips, einsum: &Einsum) {
    let all = || einsum.operands.iter().flat_map(|names| &names.words).chain(&einsum.output.words);
    let lonely = |word: &&Word| all().filter(|other| other.text == word.text).count() == 1;
    let inputs: Vec<&Word> = einsum.operands.iter().flat_map(|names| &names.words).filter(lonely).collect();
    let outputs = unknown_outputs(einsum);
    for (place, word) in inputs.iter().enumerate() {
        let after = inputs[place + 1..].iter().chain(&outputs).map(|word| word.text.as_str());
        if nearest(&word.text, after).is_some() {
            continue;
        }
        let message = format!("the axis `{}` occurs only here", word.text);
        let others = all().map(|other| other.text.as_str()).filter(|other| *other != word.text);
        let help = nearest(&word.text, others).map_or_else(
            || format!("write it in the output too, or sum it first: `x.sum(\"{}\")`", word.text),
            |near| format!("write `{near}`, or sum it first: `x.sum(\"{}\")`", word.text),
        );
        slips.add(word.at, message, help);
    }
}

/// Both sides have the same axes.
pub(super) fn sides_agree(slips: &mut Slips, rearrange: &Rearrange) {
    let axes = |side: &[Term]| -> Vec<Word> { side.iter().flat_map(Term::axes).cloned().collect() };
    let sides = [(&rearrange.left, &rearrange.right, "left"), (&rearrange.right, &rearrange.left, "right")];
    for (here, there, name) in sides {
        let (own, others) = (axes(here), axes(there));
        let alone = |word: &&Word| own.iter().all(|known| known.text != word.text);
        for word in &own {
            // Of two names that are each other's slip, the second is told.
            let after = others.iter().filter(alone).map(|word| word.text.as_str());
            if name == "left" && nearest(&word.text, after).is_some() {
                continue;
            }
            if others.iter().all(|other| other.text != word.text) {
                let near = nearest(&word.text, others.iter().map(|other| other.text.as_str()));
                let help = near.map_or_else(
                    || "both sides have the same axes; `x.sum(..)` removes one, `x.broadcast_to(..)` adds one".to_string(),
                    |near| format!("write `{near}`"),
                );
                slips.add(word.at, format!("the axis `{}` is on the {name} alone", word.text), help);
            }
        }
        let rest = |side: &[Term]| side.iter().find(|term| matches!(term, Term::Rest(_))).map(Term::place);
        if let (Some(at), None) = (rest(here), rest(there)) {
            slips.add(at, format!("the `..` is on the {name} alone"), "write `..` on the other side too");
        }
    }
}

/// The axis that a group becomes has a name, which no other has.
pub(super) fn joined_axes_have_names(slips: &mut Slips, rearrange: &Rearrange) {
    let mut names: Vec<&Word> = Vec::new();
    for term in &rearrange.right {
        match term {
            Term::Group { name: None, axes, at } => {
                let inside: Vec<&str> = axes.iter().map(|word| word.text.as_str()).collect();
                slips.add(
                    *at,
                    "the axis that the group becomes has no name",
                    format!("write `name=({})`", inside.join(" ")),
                );
            }
            Term::Group { name: Some(word), .. } | Term::Axis(word) => names.push(word),
            Term::Rest(_) => {}
        }
    }
    names_stand_once(slips, &names);
}

/// A group on the left is an axis that can be found: by its name, or as the only one left.
pub(super) fn split_axes_are_known(slips: &mut Slips, rearrange: &Rearrange) {
    let has_rest = rearrange.left.iter().any(|term| matches!(term, Term::Rest(_)));
    for term in &rearrange.left {
        if let (Term::Group { name: None, axes, at }, true) = (term, has_rest) {
            let inside: Vec<&str> = axes.iter().map(|word| word.text.as_str()).collect();
            slips.add(
                *at,
                "beside `..` nothing says which axis the group is",
                format!("write its name: `name=({})`", inside.join(" ")),
            );
        }
    }
}

/// All sizes in a group but one are given, since the last follows.
pub(super) fn sizes_are_given(slips: &mut Slips, rearrange: &Rearrange) {
    for term in &rearrange.left {
        let Term::Group { axes, at, .. } = term else { continue };
        let open = axes.iter().filter(|word| rearrange.sizes.iter().all(|(name, _)| *name != word.text));
        let open: Vec<&str> = open.map(|word| word.text.as_str()).collect();
        if open.len() > 1 {
            let message = format!("the sizes of {} axes in the group are not known", open.len());
            slips.add(*at, message, format!("give all but one: `, {} = 8`", open[0]));
        }
    }
}

/// Each size is that of an axis in a group, and given once.
pub(super) fn sizes_have_axes(errors: &mut Errors, rearrange: &Rearrange) {
    let groups = rearrange.left.iter().filter(|term| matches!(term, Term::Group { .. }));
    let split: Vec<&str> = groups.flat_map(Term::axes).map(|word| word.text.as_str()).collect();
    for (place, (name, _)) in rearrange.sizes.iter().enumerate() {
        let text = name.to_string();
        if rearrange.sizes[..place].iter().any(|(known, _)| known == name) {
            errors.add(name, format!("the size of `{text}` is given twice"), "remove one");
        } else if !split.contains(&text.as_str()) {
            let help = nearest(&text, split.iter().copied()).map_or_else(
                || "sizes are of axes in a group before the `->`".to_string(),
                |near| format!("write `{near}`"),
            );
            errors.add(name, format!("no group has an axis `{text}`"), help);
        }
    }
}
