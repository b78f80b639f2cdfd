//! The rule that errors know what was called: each public function of arrays that can fail says at its start what it
//! is, `caller::enter("its name")`, and can see from which line it was called.
//!
//! Without it an error would be about a part that the function is made of, in a line that nobody wrote.

/// Functions that are known by another name, which is a macro's or a method's whose part they are.
const KNOWN_AS: [(&str, &str); 5] = [
    ("by_einsum", "einsum!"),
    ("by_rearrange", "rearrange!"),
    ("call", "custom_vjp"),
    ("wrong_pattern", ""),
    ("run", ""),
];

/// The complaints about a file of `named/`; `text` is as it is written.
pub fn calls(path: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut complaints = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((indent, rest)) = line.split_once("pub fn ").filter(|(before, _)| before.trim().is_empty())
        else {
            continue;
        };
        let name: &str =
            rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().unwrap_or("");
        let end = format!("{indent}}}");
        let length = lines[at..].iter().position(|line| *line == end).unwrap_or(lines.len() - at);
        let whole = lines[at..at + length].join("\n");
        let Some((signature, body)) = whole.split_once("{\n") else { continue };
        let can_fail = signature.rsplit_once("->").is_some_and(|(_, result)| result.contains("Result<"));
        let known = KNOWN_AS.iter().find(|(own, _)| *own == name).map_or(name, |(_, known)| known);
        if !can_fail || known.is_empty() {
            continue;
        }
        // A method of a part is called by both names, `at(..).get`; one that a macro writes, by `stringify!`.
        let calls = body.split("caller::enter(").skip(1).chain(body.split("caller::of(").skip(1));
        let says = calls.filter_map(|call| call.split(';').next()).any(|said| {
            let by_name = said.contains(&format!("\"{known}\"")) || said.contains(&format!(".{known}\""));
            by_name || name.starts_with('$') && said.contains(name)
        });
        let attributes = lines[..at].iter().rev().take_while(|line| line.trim_start().starts_with("#["));
        if !says {
            complaints.push(format!("{path}:{}: `{name}` does not say that it is `{known}`", at + 1));
        }
        if !attributes.into_iter().any(|line| line.contains("#[track_caller]")) {
            complaints.push(format!("{path}:{}: `{name}` lacks `#[track_caller]`", at + 1));
        }
    }
    complaints
}
