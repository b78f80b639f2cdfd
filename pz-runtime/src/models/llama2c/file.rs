//! Opening a user's file so that every failure names it in one line.
//!
//! Only regular files are read: their length is known before the first byte is, and it is what a header is judged
//! against. (A directory, a pipe or a device has no such length, and a pipe may never answer.)

use std::fs::File;
use std::io;
use std::path::Path;

use crate::error::{Error, Report, Result};

/// Opens a regular file; gives it with its length in bytes and the name by which errors call it.
pub(super) fn open(path: &Path) -> Result<(File, u64, String)> {
    let name = path.display().to_string();
    let failed = |error: io::Error| unreadable(&name, &error);
    // The kind is asked for by path first, because opening a pipe waits for its other end.
    let kind = std::fs::metadata(path).map_err(failed)?;
    if !kind.is_file() {
        let what = if kind.is_dir() { "a directory" } else { "no regular file" };
        return Err(bad(&name, format!("is {what}, and a file was wanted")));
    }
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    Ok((file, length, name))
}

/// A file that could not be read.
pub(super) fn unreadable(name: &str, error: &io::Error) -> Error {
    bad(name, format!("cannot be read: {error}"))
}

/// A number of things, as a sentence says it: `1 byte`, `2 bytes`.
pub(super) fn counted(number: u64, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A file that is not in its format.
pub(super) fn bad(name: &str, problem: impl Into<String>) -> Error {
    Report::new(name, problem).format()
}
