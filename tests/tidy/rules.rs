//! The rules that a file or a page is held to by itself. Each gives its complaints as `place: what is wrong`.
//!
//! A rule is here because breaking it is easy, unnoticed in review, and costly a year later: files that grow until
//! nobody reads them to the end, a `todo!` that ships, documentation whose commands no longer run.

use super::scan::{tokens, use_paths, uses};

/// No file is longer.
pub const MOST_LINES: usize = 600;

/// No file in the repository is larger.
pub const MOST_BYTES: u64 = 4 << 20;

/// The file opens with a `//!` header that says why it is there.
pub fn header(path: &str, text: &str) -> Vec<String> {
    let opens = text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 10);
    if opens { vec![] } else { vec![format!("{path}:1: opens without a `//!` header")] }
}

/// The file can be read in one sitting.
pub fn length(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if lines <= MOST_LINES {
        vec![]
    } else {
        vec![format!("{path}: has {lines} lines, the most is {MOST_LINES}")]
    }
}

/// No macro that marks unfinished work.
pub fn unfinished(path: &str, code: &str) -> Vec<String> {
    tokens(code)
        .windows(2)
        .filter(|pair| ["todo", "dbg", "unimplemented"].contains(&pair[0].text) && pair[1].text == "!")
        .map(|pair| format!("{path}:{}: `{}!` is left in the code", pair[0].line, pair[0].text))
        .collect()
}

/// `unsafe` is in the kernels only.
pub fn unsafe_code(path: &str, code: &str) -> Vec<String> {
    if path.starts_with("pz-runtime/src/array/kernels") {
        return vec![];
    }
    let words = tokens(code);
    let found = words.iter().filter(|token| token.text == "unsafe");
    found.map(|token| format!("{path}:{}: `unsafe` outside array/kernels", token.line)).collect()
}

/// No glob imports but of a prelude; `code` is without what only tests see.
pub fn globs(path: &str, code: &str) -> Vec<String> {
    let words = tokens(code);
    uses(&words)
        .into_iter()
        .filter_map(|words| Some((words.first()?.line, use_paths(words))))
        .flat_map(|(line, paths)| {
            paths
                .into_iter()
                .filter(|(segments, _)| segments.last() == Some(&"*") && !segments.contains(&"prelude"))
                .map(move |(segments, _)| format!("{path}:{line}: the glob import `{}`", segments.join("::")))
        })
        .collect()
}

/// Whether only tests see the file, going by its name; [`undeclared_tests`] sees to it that the name is right.
pub fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.ends_with("_tests.rs") || path.contains("/tests/")
}

/// A file with the name of a test file is declared behind `#[cfg(test)]`; `code` is without what only tests see.
pub fn undeclared_tests(path: &str, code: &str) -> Vec<String> {
    let words = tokens(code);
    let declared = words.windows(3).filter(|words| words[0].text == "mod" && words[2].text == ";");
    let named = declared.filter(|words| is_test_file(&format!("/{}.rs", words[1].text)));
    named
        .map(|words| format!("{path}:{}: `mod {}` lacks `#[cfg(test)]`", words[1].line, words[1].text))
        .collect()
}

/// Each compile-fail case has its expected output, and each output its case.
pub fn ui_pairs(files: &[String]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.starts_with("tests/ui/") && file.contains("/fail/")) {
        let (twin, what) = if let Some(stem) = file.strip_suffix(".rs") {
            (format!("{stem}.stderr"), "has no expected output")
        } else if let Some(stem) = file.strip_suffix(".stderr") {
            (format!("{stem}.rs"), "has no case")
        } else {
            continue;
        };
        if !files.contains(&twin) {
            complaints.push(format!("{file}: {what} ({twin})"));
        }
    }
    complaints
}

/// Each top-level module is named, as code, on the map.
pub fn on_the_map(modules: &[&str], map: &str) -> Vec<String> {
    let named = |module: &str| {
        let as_code = map.split('`').skip(1).step_by(2);
        let mut words = as_code.flat_map(|code| code.split(|c: char| !c.is_alphanumeric() && c != '_'));
        words.any(|word| word == module)
    };
    let missing = modules.iter().filter(|module| !named(module));
    missing.map(|module| format!("ARCHITECTURE.md: the module `{module}` is not named")).collect()
}

/// A fenced block of a Markdown page.
#[derive(Debug, PartialEq, Eq)]
pub struct Fence<'a> {
    pub line: usize,
    pub tag: &'a str,
    pub lines: Vec<&'a str>,
}

/// The fenced blocks of a page.
pub fn fences(page: &str) -> Vec<Fence<'_>> {
    let mut fences: Vec<Fence<'_>> = Vec::new();
    let mut open = false;
    for (line, text) in (1..).zip(page.lines()) {
        if let Some(tag) = text.trim_start().strip_prefix("```") {
            open = !open;
            if open {
                fences.push(Fence { line, tag: tag.trim(), lines: vec![] });
            }
        } else if let (true, Some(fence)) = (open, fences.last_mut()) {
            fence.lines.push(text);
        }
    }
    fences
}

/// Each block of the README says what it is, and each one in Rust is compiled and run by the doc tests.
pub fn readme_blocks(readme: &str, lib: &str) -> Vec<String> {
    const INCLUDE: &str = "#[doc = include_str!(\"../../README.md\")]";
    let mut complaints = Vec::new();
    if !lib.lines().any(|line| line.trim() == INCLUDE) {
        complaints
            .push(format!("pz-runtime/src/lib.rs: lacks `{INCLUDE}`, which compiles README.md's examples"));
    }
    for Fence { line, tag, .. } in fences(readme) {
        let unchecked = ["ignore", "no_run", "should_panic"].iter().find(|word| tag.contains(**word));
        if tag.is_empty() {
            complaints.push(format!("README.md:{line}: the block does not say its language"));
        } else if let Some(word) = unchecked {
            complaints.push(format!(
                "README.md:{line}: the block is marked `{word}`, so nothing shows that it runs"
            ));
        }
    }
    complaints
}

/// The commands in the README's shell blocks: what a reader types.
pub fn commands(readme: &str) -> Vec<&str> {
    let blocks = fences(readme).into_iter().filter(|fence| fence.tag == "sh");
    blocks.flat_map(|fence| fence.lines).map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// The README's test command and its main job are what `.ci/run` runs, word for word.
pub fn ci_runs(readme: &str, ci: &str) -> Vec<String> {
    let said = commands(readme);
    ["cargo test", "cargo run"]
        .into_iter()
        .filter_map(|start| match said.iter().find(|line| line.starts_with(start)) {
            None => Some(format!("README.md: no `sh` block has a line that starts with `{start}`")),
            Some(command) if ci.lines().any(|line| runs(line, command)) => None,
            Some(command) => Some(format!(".ci/run: does not run the README's `{command}`")),
        })
        .collect()
}

/// Whether a line of a shell script runs exactly `command`, by itself or as a `step 'name' command`.
fn runs(line: &str, command: &str) -> bool {
    match line.trim().strip_suffix(command) {
        Some("") => true,
        Some(before) => before.starts_with("step '") && before.ends_with("' "),
        None => false,
    }
}

/// Layers that no entry of a `model!` names, and why.
const WITHOUT_FORM: [(&str, &str); 15] = [
    ("L", "all array layers at once"),
    ("AnyLayer", "a field that holds a layer"),
    ("Slot", "a field that holds a layer"),
    ("Tapped", "what a capture puts around a layer"),
    ("Sequential", "entries one after the other, or `{ .. }`"),
    ("NamedGroup", "`{ .. }`"),
    ("FromInput", "a part that begins from an input"),
    ("Residual", "`residual { .. }`"),
    ("BranchAndAddTogether", "`add { .. }`"),
    ("BranchAndMultiplyTogether", "`multiply { .. }`"),
    ("Attention", "`attention { .. }`"),
    ("NamedEinsum", "takes several arrays, as in `attention { .. }`"),
    ("LayerStack", "`stack N as axis { .. }`"),
    ("LinearInPlace", "built by `Linear { .. }` where an axis keeps its name"),
    ("KVCachingAttention", "an edit of `attention { .. }`: a cache has sizes that no signature knows"),
];

/// Every layer of `pz::nn` can stand in a `model!`: it has a form, or is built by another word; and the page of a model
/// counts its parameters, by the table `counts`. `code` is that of the whole module.
pub fn forms(code: &str, counts: &str) -> Vec<String> {
    let words = tokens(code);
    let of = |traits: &[&str]| -> Vec<&str> {
        let is_impl = |at: usize| words[..at].iter().rev().take(6).any(|word| word.text == "impl");
        let named = words
            .windows(3)
            .enumerate()
            .filter(|(at, three)| traits.contains(&three[0].text) && three[1].text == "for" && is_impl(*at));
        named.map(|(_, three)| three[2].text).collect()
    };
    let formed = of(&["KeepsShape", "ActsOver", "MapsAxes"]);
    let layers = of(&["Layer", "ArrayLayer"]);
    let excepted = |layer: &str| WITHOUT_FORM.iter().any(|(name, _)| *name == layer);
    let lacking = layers.into_iter().filter(|layer| !formed.contains(layer) && !excepted(layer));
    let lacking = lacking.map(|layer| format!("pz-runtime/src/nn: `{layer}` has no form for `model!`"));
    let uncounted = formed.iter().filter(|layer| !counts.contains(&format!("(\"{layer}\", Count::")));
    let uncounted = uncounted.map(|layer| format!("pz-macros/src/words.rs: `PARAMETERS` lacks `{layer}`"));
    lacking.chain(uncounted).collect()
}
