//! `PZ_DUMP=Name` prints the expansions of the type `Name` to standard error; `PZ_DUMP=*` prints all.
//!
//! Cargo does not know of the variable: touch the file to see its expansions again.

use std::io::Write;
use std::process::{Command, Stdio};

use proc_macro2::TokenStream;

/// Prints the expansion of `macro_name` for the type `name`, if that was asked for, and gives it back.
pub(crate) fn passing(macro_name: &str, name: &str, expansion: TokenStream) -> TokenStream {
    let wanted = std::env::var("PZ_DUMP").unwrap_or_default();
    if wanted == "*" || wanted == name {
        eprintln!("// {macro_name} of {name}\n{}", formatted(&expansion));
    }
    expansion
}

/// The tokens as rustfmt prints them; as one line where there is no rustfmt.
pub(crate) fn formatted(tokens: &TokenStream) -> String {
    let raw = tokens.to_string();
    rustfmt(&raw).unwrap_or(raw)
}

fn rustfmt(source: &str) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // rustfmt reads all its input before it prints, so writing first cannot block for ever.
    child.stdin.take()?.write_all(source.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    output.status.success().then(|| String::from_utf8(output.stdout).ok()).flatten()
}
