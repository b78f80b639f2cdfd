//! The repository holds itself to its own rules: first the rules on small made-up sources, to show that each can
//! fail, then on every file that is here.
//!
//! They run with the other tests, so nobody has to remember them.

#[path = "tidy/calls.rs"]
mod calls;
#[path = "tidy/order.rs"]
mod order;
#[path = "tidy/rules.rs"]
mod rules;
#[path = "tidy/scan.rs"]
mod scan;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use order::{MACROS, Order, RUNTIME, exports_of, modules_of};
use scan::{code_of, tokens, without_tests};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file of the repository by its path from the root, with `/`; build output and hidden folders are left out.
fn files() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root().into()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository can be listed") {
            let entry = entry.expect("an entry of the repository can be read");
            let name = entry.file_name().into_string().expect("file names are UTF-8");
            if name.starts_with('.') || name == "target" {
                continue;
            }
            if entry.file_type().expect("an entry has a type").is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                let parts = path.strip_prefix(root()).expect("found below the root").components();
                let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
                files.push(parts.join("/"));
            }
        }
    }
    files.sort();
    files
}

/// The Rust sources that people read: all but the compile-fail and compile-pass cases, which are named by what they
/// show and whose line numbers are part of the expected output.
fn sources() -> Vec<(String, String)> {
    let paths = files().into_iter().filter(|path| path.ends_with(".rs") && !path.starts_with("tests/ui/"));
    paths.map(|path| (path.clone(), read(&path))).collect()
}

#[track_caller]
fn assert_tidy(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "{} complaints:\n  {}", complaints.len(), complaints.join("\n  "));
}

/// Applies a rule to every source: `rule(path, text)`.
#[track_caller]
fn assert_each(rule: impl Fn(&str, &str) -> Vec<String>) {
    let sources = sources();
    assert!(sources.len() > 20, "only {} sources were found", sources.len());
    assert_tidy(sources.iter().flat_map(|(path, text)| rule(path, text)).collect());
}

// The scanner.

fn words(text: &str) -> Vec<String> {
    tokens(&code_of(text)).iter().map(|token| token.text.to_owned()).collect()
}

#[test]
fn comments_and_literals_are_no_code() {
    assert_eq!(words("a // unsafe\nb"), ["a", "b"]);
    assert_eq!(words("a /* unsafe /* dbg!() */ todo */ b"), ["a", "b"]);
    assert_eq!(
        words(r#"f("unsafe \" dbg", 'u', '\'', b'x', b"y") z"#),
        ["f", "(", ",", ",", ",", ",", ")", "z"]
    );
    assert_eq!(words("r##\"unsafe \"# still\"## b r\"c\" br#\"d\"# e"), ["b", "e"]);
    assert_eq!(words("r#type break crate"), ["r", "#", "type", "break", "crate"]);
    assert_eq!(
        words("fn f<'a>(x: &'a u8)"),
        ["fn", "f", "<", "'", "a", ">", "(", "x", ":", "&", "'", "a", "u8", ")"]
    );
}

#[test]
fn lines_are_counted_through_comments_and_literals() {
    let code = code_of("/* a\nb */ \"c\nd\"\n// e\nlast");
    assert_eq!(tokens(&code).last().map(|token| (token.line, token.text)), Some((5, "last")));
}

#[test]
fn what_only_tests_see_is_cut_out() {
    let code =
        "before;\n#[cfg(test)]\nmod tests {\n  { x }\n}\nafter; #[cfg(test)] fn f() -> [u8; 2] { y } end";
    let left = without_tests(code);
    assert_eq!(words(&left), ["before", ";", "after", ";", "end"]);
    assert_eq!(tokens(&left).iter().find(|token| token.text == "after").map(|token| token.line), Some(6));
}

#[test]
fn a_use_tree_is_read_path_by_path() {
    let code = "use crate::{a, b::{c, d as e}, f::*};";
    let tokens = tokens(code);
    let found = scan::use_paths(scan::uses(&tokens)[0]);
    let expected: [(&[&str], Option<&str>); 4] = [
        (&["crate", "a"], None),
        (&["crate", "b", "c"], None),
        (&["crate", "b", "d"], Some("e")),
        (&["crate", "f", "*"], None),
    ];
    assert_eq!(found.iter().map(|(path, alias)| (path.as_slice(), *alias)).collect::<Vec<_>>(), expected);
}

// The rules, on made-up sources.

#[test]
fn a_later_module_is_found_however_it_is_spelled() {
    let names =
        exports_of("pub use named::NamedArray; pub use treescope as ts; pub use error::{Error, Result};");
    let bad = |path: &str, code: &str| !RUNTIME.violations(path, &code_of(code), &names).is_empty();
    assert!(bad("tree/mod.rs", "use crate::nn::Layer;"));
    assert!(bad("tree/mod.rs", "use crate::{error::Report, nn::{Layer, Value}};"));
    assert!(bad("tree/walk.rs", "fn f(x: &crate::vars::Parameter) {}"));
    assert!(bad("tree/walk.rs", "fn f(x: &pz::vars::Parameter) {}"));
    assert!(bad("tree/walk.rs", "use crate::NamedArray;"));
    assert!(bad("nn/linear.rs", "crate::ts::render_text(x)"));
    assert!(bad("tree/walk.rs", "use super::super::array::DType;"));
    assert!(bad("tree/mod.rs", "use super::array::DType;"));
    assert!(bad("array/kernels/exp.rs", "use super::super::super::grad;"));
    assert!(bad("path.rs", "use crate::error::Result;"));

    assert!(!bad("tree/mod.rs", "use crate::{error::{Error, grad}, path::KeyPath};"));
    assert!(!bad("tree/walk.rs", "use super::array;"));
    assert!(!bad("tree/walk.rs", "//! as crate::nn does\nlet text = \"crate::nn\";"));
    assert!(!bad("tree/walk.rs", "use crate::{Error, Result}; use crate::tree::PyTree;"));
    assert!(!bad("nn/linear.rs", "#[crate::pytree_dataclass] struct Linear; use pz::NamedArray;"));
    assert!(!bad("prelude.rs", "pub use crate::treescope;"));
    assert!(!bad("treescope/text.rs", "use crate::{nn, models, vars};"));

    let names = exports_of("pub use named::{NamedArray, grad};");
    let bad = |path: &str, code: &str| !RUNTIME.violations(path, code, &names).is_empty();
    assert!(!bad("named/mod.rs", "use crate::grad::Scope; use crate::{grad::pullback};"));
    assert!(!bad("vars/mod.rs", "crate::grad(f)"));
    assert!(bad("grad/mod.rs", "crate::grad(f)"));
}

#[test]
fn a_later_stage_of_the_macros_is_found() {
    let bad = |path: &str, code: &str| !MACROS.violations(path, code, &BTreeMap::new()).is_empty();
    assert!(bad("parse/mod.rs", "use crate::ir::Node;"));
    assert!(bad("ir/facts.rs", "use super::super::expand::tree;"));
    assert!(bad("words.rs", "use crate::parse::Item;"));
    assert!(!bad("expand/tree.rs", "use crate::{check, diag::Errors, ir::Node, parse};"));
    assert!(!bad("words.rs", "use crate::diag::Errors;"));
}

#[test]
fn a_module_without_a_place_is_found() {
    assert_eq!(RUNTIME.unplaced("pub mod path;\npub mod prelude;\nmod utils;\nmod inline { }").len(), 1);
}

#[test]
fn each_rule_can_fail() {
    assert_eq!(rules::header("a.rs", "//! What this file is for.\nfn f() {}"), [""; 0]);
    assert_eq!(rules::header("a.rs", "// not a doc comment\n").len(), 1);
    assert_eq!(rules::header("a.rs", "//! x\n").len(), 1);
    assert_eq!(rules::header("a.rs", "").len(), 1);

    assert_eq!(rules::length("a.rs", &"x\n".repeat(600)), [""; 0]);
    assert_eq!(rules::length("a.rs", &"x\n".repeat(601)).len(), 1);

    assert_eq!(rules::unfinished("a.rs", "todo!(); dbg!(x); unimplemented!()").len(), 3);
    assert_eq!(rules::unfinished("a.rs", "let todo = 1; todo != 2; my_dbg!(x)").len(), 1);
    assert_eq!(rules::unfinished("a.rs", &code_of("/// todo!()\nf(\"dbg!\")")), [""; 0]);

    assert_eq!(rules::unsafe_code("pz-runtime/src/array/storage.rs", "unsafe { f() }").len(), 1);
    assert_eq!(rules::unsafe_code("pz-runtime/src/array/kernels/exp.rs", "unsafe { f() }"), [""; 0]);
    assert_eq!(rules::unsafe_code("pz-macros/src/lib.rs", "#![forbid(unsafe_code)]"), [""; 0]);

    for path in ["src/a/tests.rs", "src/a/more_tests.rs", "src/a/tests/b.rs"] {
        assert!(rules::is_test_file(path), "{path}");
    }
    assert!(!rules::is_test_file("src/a/contests.rs") && !rules::is_test_file("src/contests/a.rs"));
    assert_eq!(rules::undeclared_tests("a.rs", "mod tests; mod more_tests;").len(), 2);
    let declared = without_tests("#[cfg(test)] mod tests; mod contests;");
    assert_eq!(rules::undeclared_tests("a.rs", &declared), [""; 0]);

    assert_eq!(rules::globs("a.rs", "use crate::tree::*; use a::{b, c::*};").len(), 2);
    assert_eq!(rules::globs("a.rs", "use pz::prelude::*; use a::{b, c}; let y = x::<u8>() * 2;"), [""; 0]);
}

#[test]
fn a_ui_case_without_its_twin_is_found() {
    let files = |names: &[&str]| names.iter().map(|name| format!("tests/ui/tree/{name}")).collect::<Vec<_>>();
    assert_eq!(rules::ui_pairs(&files(&["fail/a.rs", "fail/a.stderr", "pass/b.rs"])), [""; 0]);
    assert_eq!(rules::ui_pairs(&files(&["fail/a.rs"])).len(), 1);
    assert_eq!(rules::ui_pairs(&files(&["fail/a.stderr"])).len(), 1);
}

#[test]
fn a_module_that_is_not_on_the_map_is_found() {
    assert_eq!(rules::on_the_map(&["tree", "nn"], "`tree/` holds trees; `path < nn` is the order"), [""; 0]);
    assert_eq!(rules::on_the_map(&["tree", "nn"], "a tree in words, and `tree` as code").len(), 1);
}

#[test]
fn a_readme_that_says_something_else_is_found() {
    let lib = "#[doc = include_str!(\"../../README.md\")]";
    let page = "# x\n```sh\ncargo run -- --a \"b c\"\ncargo test --workspace\n```\n```rust\nf();\n```\n";
    assert_eq!(rules::commands(page), ["cargo run -- --a \"b c\"", "cargo test --workspace"]);
    assert_eq!(rules::readme_blocks(page, lib), [""; 0]);
    assert_eq!(rules::readme_blocks(page, "").len(), 1);
    assert_eq!(rules::readme_blocks("```\nx\n```\n", lib).len(), 1);
    assert_eq!(rules::readme_blocks("```rust,ignore\nx\n```\n", lib).len(), 1);

    let ci = "step 'tests' cargo test --workspace\nstory() {\n  cargo run -- --a \"b c\"\n}";
    assert_eq!(rules::ci_runs(page, ci), [""; 0]);
    assert_eq!(rules::ci_runs(page, "cargo run -- --a \"b c\"\n# cargo test --workspace").len(), 1);
    assert_eq!(
        rules::ci_runs(page, "cargo test --workspace --release\necho cargo run -- --a \"b c\"").len(),
        2
    );
    assert_eq!(rules::ci_runs("no commands", ci).len(), 2);
}

#[test]
fn a_layer_without_a_form_is_found() {
    let layer = "impl Layer for Gate { } impl<T> ArrayLayer for Mix<T> { }";
    let counts = "(\"Gate\", Count::None), (\"Mix\", Count::Map)";
    assert_eq!(rules::forms(layer, counts).len(), 2);
    let formed = format!("{layer} impl KeepsShape for Gate {{ }} impl MapsAxes for Mix<u8> {{ }}");
    assert_eq!(rules::forms(&formed, counts), [""; 0]);
    assert_eq!(rules::forms(&formed, "").len(), 2);
    assert_eq!(rules::forms("impl Layer for Residual { }", ""), [""; 0]);
}

#[test]
fn a_function_that_does_not_say_what_it_is_is_found() {
    let good = "#[track_caller]\npub fn sum(&self) -> Result<X> {\n    let _call = caller::enter(\"sum\");\n    go()\n}\n";
    assert_eq!(calls::calls("a.rs", good), [""; 0]);
    assert_eq!(calls::calls("a.rs", &good.replace("\"sum\"", "\"mean\"")).len(), 1);
    assert_eq!(calls::calls("a.rs", &good.replace("#[track_caller]\n", "")).len(), 1);
    assert_eq!(calls::calls("a.rs", &good.replace("    let _call = caller::enter(\"sum\");\n", "")).len(), 1);
    assert_eq!(calls::calls("a.rs", "#[track_caller]\npub fn len(&self) -> usize {\n    1\n}\n"), [""; 0]);
    let part = good.replace("\"sum\"", "\"at(..).sum\"");
    assert_eq!(calls::calls("a.rs", &part), [""; 0]);
}

// The repository.

#[test]
fn every_file_has_a_header() {
    assert_each(rules::header);
}

#[test]
fn no_file_is_too_long() {
    assert_each(rules::length);
}

#[test]
fn nothing_is_left_unfinished() {
    assert_each(|path, text| rules::unfinished(path, &code_of(text)));
}

#[test]
fn unsafe_stays_in_the_kernels() {
    assert_each(|path, text| rules::unsafe_code(path, &code_of(text)));
}

#[test]
fn only_the_prelude_is_imported_whole() {
    assert_each(|path, text| {
        let tests = path.starts_with("tests/") || rules::is_test_file(path);
        if tests { vec![] } else { rules::globs(path, &without_tests(&code_of(text))) }
    });
    assert_each(|path, text| rules::undeclared_tests(path, &without_tests(&code_of(text))));
}

#[test]
fn modules_use_only_modules_before_them() {
    let mut complaints = Vec::new();
    for (folder, order) in [("pz-runtime/src/", &RUNTIME), ("pz-macros/src/", &MACROS)] {
        let order: &Order = order;
        let lib = code_of(&read(&format!("{folder}lib.rs")));
        let names = exports_of(&lib);
        complaints.extend(order.unplaced(&lib));
        for (path, text) in sources() {
            if let Some(below) = path.strip_prefix(folder).filter(|_| !rules::is_test_file(&path)) {
                let found = order.violations(below, &without_tests(&code_of(&text)), &names);
                complaints.extend(found.into_iter().map(|complaint| format!("{folder}{complaint}")));
            }
        }
    }
    assert_tidy(complaints);
}

#[test]
fn every_compile_fail_case_has_its_output() {
    let files = files();
    assert!(
        files.iter().any(|file| file.starts_with("tests/ui/") && file.contains("/fail/")),
        "no cases were found"
    );
    assert_tidy(rules::ui_pairs(&files));
}

#[test]
fn every_module_is_on_the_map() {
    let map = read("ARCHITECTURE.md");
    for folder in ["pz-runtime", "pz-macros"] {
        let lib = code_of(&read(&format!("{folder}/src/lib.rs")));
        assert_tidy(rules::on_the_map(&modules_of(&lib), &map));
    }
}

#[test]
fn every_function_of_arrays_says_what_it_is() {
    let sources = sources();
    let named = sources.iter().filter(|(path, _)| path.starts_with("pz-runtime/src/named/"));
    let named: Vec<_> = named.filter(|(path, _)| !rules::is_test_file(path)).collect();
    assert!(named.len() > 40, "only {} files were found", named.len());
    assert_tidy(named.iter().flat_map(|(path, text)| calls::calls(path, text)).collect());
}

#[test]
fn every_layer_can_stand_in_a_model() {
    let sources = sources();
    let layers = sources.iter().filter(|(path, _)| path.starts_with("pz-runtime/src/nn/"));
    let code: String = layers.map(|(_, text)| without_tests(&code_of(text))).collect();
    assert!(code.contains("ArrayLayer for StochasticDropout"), "the layers were not found");
    assert_tidy(rules::forms(&code, &read("pz-macros/src/words.rs")));
}

#[test]
fn the_readme_shows_what_runs() {
    let readme = read("README.md");
    assert_tidy(rules::readme_blocks(&readme, &read("pz-runtime/src/lib.rs")));
    assert_tidy(rules::ci_runs(&readme, &read(".ci/run")));
}

#[test]
fn no_tracked_file_is_huge() {
    let listing = Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    // Outside a clone, as in a published package, nothing is tracked.
    let Some(listing) = listing.ok().filter(|output| output.status.success()) else { return };
    let names = String::from_utf8(listing.stdout).expect("tracked names are UTF-8");
    let huge = names.split_terminator('\0').filter_map(|name| {
        let bytes = fs::metadata(root().join(name)).ok()?.len();
        (bytes > rules::MOST_BYTES)
            .then(|| format!("{name}: {bytes} bytes, the most is {}", rules::MOST_BYTES))
    });
    assert_tidy(huge.collect());
}
