//! Environment variables: read once each, and never ignored in silence.
//!
//! What a variable asks for is only ever about speed or about what is printed, so a value that cannot be is no error:
//! one line on standard error says what was found, what is accepted, and what is done instead.

use std::ffi::OsStr;
use std::io::Write;

/// What the environment variable `name` asks for; what `otherwise` gives, with its description, where the variable is
/// unset, empty, or none of what is `accepted`.
pub(crate) fn read<T>(
    name: &str,
    accepted: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    otherwise: impl FnOnce() -> (T, String),
) -> T {
    let (value, problem) = judge(std::env::var_os(name).as_deref(), name, accepted, parse, otherwise);
    if let Some(problem) = problem {
        // Where standard error is closed, there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "{problem}");
    }
    value
}

/// The value, and what there is to say about `found`.
fn judge<T>(
    found: Option<&OsStr>,
    name: &str,
    accepted: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    otherwise: impl FnOnce() -> (T, String),
) -> (T, Option<String>) {
    let Some(found) = found.filter(|text| !text.is_empty()) else { return (otherwise().0, None) };
    if let Some(value) = found.to_str().and_then(|text| parse(text.trim())) {
        return (value, None);
    }
    let (value, instead) = otherwise();
    let found: String = found.to_string_lossy().chars().flat_map(char::escape_debug).collect();
    (value, Some(format!("{name}={found} is not {accepted}; {instead}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Option<&str>) -> (usize, Option<String>) {
        let parse = |text: &str| text.parse().ok().filter(|n| (1..=256).contains(n));
        let otherwise = || (2, "using 2 threads".to_owned());
        judge(found.map(OsStr::new), "PZ_X", "a number from 1 to 256", parse, otherwise)
    }

    #[test]
    fn what_is_accepted_is_taken_in_silence() {
        for (found, value) in [(None, 2), (Some(""), 2), (Some("1"), 1), (Some(" 256 "), 256)] {
            assert_eq!(told(found), (value, None), "{found:?}");
        }
    }

    #[test]
    fn what_is_not_accepted_is_told_in_one_line() {
        for (found, shown) in
            [("abc", "abc"), ("0", "0"), ("257", "257"), ("-1", "-1"), ("1\n2", "1\\n2"), (" ", " ")]
        {
            let line = format!("PZ_X={shown} is not a number from 1 to 256; using 2 threads");
            assert_eq!(told(Some(found)), (2, Some(line)), "{found:?}");
        }
    }
}
