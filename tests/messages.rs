//! The messages of the macros as a whole: how many errors each case has, what holds of all of `model!`, and that the pages
//! which show some are true.
//!
//! `ui.rs` holds each message to its file; this reads the files. After an intended change: `PZ_PAGES=overwrite cargo
//! test --test messages`, and read the difference.

use std::fs;
use std::path::{Path, PathBuf};

/// Every mistake that must have a case, and the cases that make it.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "wrong size",
        &["layer_that_contracts_another_size", "norm_over_another_size", "output_of_another_size"],
    ),
    ("missing axis", &["axis_that_is_not_there", "output_axis_that_nothing_makes"]),
    ("extra axis", &["axis_that_is_left_over", "axis_that_is_made_twice"]),
    ("axis twice", &["axis_twice"]),
    ("contraction of an axis that is not there", &["axis_that_is_misspelled"]),
    ("branches that disagree", &["branches_of_different_sizes", "branches_with_different_axes"]),
    (
        "residual that changes shape",
        &["residual_that_changes_a_size", "residual_that_gains_an_axis", "residual_that_loses_an_axis"],
    ),
    (
        "attention whose heads do not divide",
        &["heads_that_do_not_divide_the_embedding", "attention_with_more_heads_of_keys"],
    ),
    ("embedding tied to the wrong size", &["embedding_tied_to_another_size"]),
    (
        "nested model of the wrong type",
        &["nested_model_of_another_size", "nested_model_of_another_element_type", "layer_that_is_no_model"],
    ),
    (
        "const generics that do not line up",
        &["parameters_that_do_not_line_up", "arguments_in_the_wrong_order"],
    ),
    ("unknown layer", &["unknown_layer"]),
    ("unknown option", &["unknown_option", "unknown_form"]),
    ("missing comma", &["missing_comma_between_layers", "missing_comma_between_axes"]),
    ("duplicate field", &["layer_twice"]),
    (
        "signature missing on a foreign layer",
        &["expression_without_a_signature", "layer_by_hand_without_a_signature"],
    ),
    ("a rest used twice", &["rest_twice"]),
    ("tokens of a float dtype into a lookup", &["lookup_of_tokens_of_a_float_type"]),
    ("side input not declared", &["side_input_that_is_not_declared", "side_input_of_a_nested_model"]),
    ("a size that rustc does not allow in a nested generic model", &["argument_that_rust_does_not_allow"]),
];

/// The cases that the pages show.
const SHOWN: [&str; 10] = [
    "layer_that_contracts_another_size",
    "axis_that_is_misspelled",
    "residual_that_changes_a_size",
    "branches_of_different_sizes",
    "parameters_that_do_not_line_up",
    "attention_with_more_heads_of_keys",
    "embedding_tied_to_another_size",
    "lookup_of_tokens_of_a_float_type",
    "heads_that_do_not_divide_the_embedding",
    "side_input_that_is_not_declared",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cases of `model!`.
const MODELS: &str = "tests/ui/model/fail";
/// Those of the derives and of patterns.
const OTHERS: &str = "tests/ui/fail";

/// The names of a folder's cases, and their messages.
fn cases(folder: &str) -> Vec<(String, String)> {
    let folder = root().join(folder);
    let mut cases: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "stderr"))
        .map(|path| {
            (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    cases.sort();
    cases
}

fn message(case: &str) -> String {
    let path: PathBuf = root().join("tests/ui/model/fail").join(format!("{case}.stderr"));
    fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .replace("$DIR/", "")
}

#[test]
fn every_required_mistake_has_a_case() {
    for (mistake, names) in REQUIRED {
        for case in *names {
            assert!(!message(case).is_empty(), "{mistake}: {case}");
        }
    }
    assert!(cases(MODELS).len() > 90);
}

/// Whether there are more errors than mistakes, or fewer: a case has one mistake, or five and is named after them.
fn miscounted(case: &str, text: &str) -> Option<String> {
    let wanted = if case.starts_with("five_") { 5 } else { 1 };
    let errors = text.lines().filter(|line| line.starts_with("error")).count();
    (errors != wanted).then(|| format!("{errors} errors, wanted {wanted}"))
}

/// What is wrong with a message whatever it is about; empty where nothing is.
fn faults(case: &str, text: &str) -> Vec<String> {
    let mut faults: Vec<String> = miscounted(case, text).into_iter().collect();
    for ours in ["pz_", "PZ_", "__p", "$crate", "this error originates", "rust_out"] {
        if text.contains(ours) {
            faults.push(format!("`{ours}` is ours"));
        }
    }
    let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    for word in words.filter(|word| word.starts_with("Pz")) {
        faults.push(format!("`{word}` is ours"));
    }
    if text.lines().any(|line| line.contains("_^")) {
        faults.push("the whole macro is underlined, and not the token".to_owned());
    }
    for paragraph in text.split("\n\n").filter(|part| part.starts_with("error[E0080]")) {
        let first = paragraph.lines().next().unwrap_or_default();
        let said = paragraph.split(" --> ").next().unwrap_or_default();
        let two_sizes = first.matches('`').count() >= 6 && first.contains(", but");
        if two_sizes && !said.contains(".rs:") {
            faults.push(format!("no second place: {first}"));
        }
    }
    faults
}

#[test]
fn every_message_is_the_only_one_and_has_nothing_of_ours_in_it() {
    let wrong: Vec<String> = cases(MODELS)
        .iter()
        .flat_map(|(case, text)| faults(case, text).into_iter().map(move |fault| format!("{case}: {fault}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_mistake_in_a_derive_or_a_pattern_is_one_error_and_five_are_five() {
    let cases = cases(OTHERS);
    assert!(cases.iter().filter(|(case, _)| case.starts_with("five_")).count() >= 3);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(case, text)| miscounted(case, text).map(|fault| format!("{case}: {fault}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_message_with_something_of_ours_in_it_is_found() {
    let good = "error: found the axis `emb` twice\n --> a.rs:5:36\n  |\n5 | a\n  |    ^^^\n";
    assert_eq!(faults("axis_twice", good), Vec::<String>::new());
    assert_eq!(faults("five_mistakes", good).len(), 1);
    assert_eq!(faults("axis_twice", &good.replace("emb", "PZ_3_B")).len(), 1);
    assert_eq!(faults("axis_twice", &good.replace("emb", "Pz3")).len(), 1);
    assert_eq!(faults("axis_twice", &format!("{good}\n{good}")).len(), 1);
    let spread = "error[E0277]: a\n --> a.rs:3:1\n  |\n3 | / model! {\n4 | | }\n  | |_^ here\n";
    assert_eq!(faults("a", spread).len(), 1);
    let placeless =
        "error[E0080]: evaluation panicked: layer `a` contracts `b: 1`, but `c` gives it `b: 2`\n";
    assert_eq!(faults("a", placeless).len(), 1);
}

fn title(case: &str) -> String {
    let words = case.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The page: each message whole.
fn page() -> String {
    let mut page = String::from(
        "# Mistakes that a `model!` is answered for\n\n\
         Each message is the compiler's whole answer to a file of `tests/ui/model/fail` with one mistake in it, under `cargo check` as in an editor.\n\
         It names the layer, the axis, both sizes and where each comes from, and points at the token to change.\n\
         A test writes this page from these files.\n",
    );
    for case in SHOWN {
        page.push_str(&format!("\n## {}\n\n```text\n{}\n```\n", title(case), message(case).trim_end()));
    }
    page
}

/// The table of the README: the first line of each message.
fn table() -> String {
    let mut table = String::from("| mistake | what the compiler says |\n|---|---|\n");
    for case in SHOWN {
        let text = message(case);
        let line = text.lines().next().unwrap_or_default();
        let said = line.trim_start_matches("error[E0080]: evaluation panicked: ");
        let said = said.replace(&format!("tests/ui/model/fail/{case}.rs"), "src/main.rs");
        table.push_str(&format!("| {} | {said} |\n", title(case)));
    }
    table
}

const BEGIN: &str = "<!-- messages: written by tests/messages.rs -->\n";
const END: &str = "<!-- end of messages -->";

#[test]
fn the_pages_show_the_messages_as_they_are() {
    let (own, readme) = (root().join("pz-macros/docs/model_mistakes.md"), root().join("README.md"));
    let text = fs::read_to_string(&readme).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the README has a section of messages");
    let (shown, after) = rest.split_once(END).expect("the section ends");
    if std::env::var("PZ_PAGES").is_ok_and(|value| value == "overwrite") {
        fs::write(&own, page()).unwrap();
        fs::write(&readme, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(fs::read_to_string(own).unwrap(), page());
    assert_eq!(shown, table());
}
