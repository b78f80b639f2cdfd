//! Reading Rust just well enough to judge it: what is code, and what are its words.
//!
//! The rules must not be misled by a word in a comment, a string or a doc example, so these are blanked first.
//! A full parser would be slower to build than the rules are to run; tokens suffice for all of them.

/// The code of a file alone: comments and the insides of literals become spaces, line breaks stay.
pub fn code_of(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = skipped_end(&chars, at);
        if end > at {
            out.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            at = end;
        } else if is_word(chars[at]) {
            while at < chars.len() && is_word(chars[at]) {
                out.push(chars[at]);
                at += 1;
            }
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// The code without the items that only tests see: what follows each `#[cfg(test)]`, to its `;` or closing brace.
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(start) = rest.find(MARK) {
        let (before, item) = rest.split_at(start);
        let mut depth = 0;
        let end = item.char_indices().find_map(|(at, c)| {
            depth += i32::from("{[(".contains(c)) - i32::from("}])".contains(c));
            (depth == 0 && (c == ';' || c == '}')).then_some(at + 1)
        });
        let (item, after) = item.split_at(end.unwrap_or(item.len()));
        out.push_str(before);
        out.extend(item.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    out + rest
}

/// One word or one mark of the code, and the line it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub line: usize,
    pub text: &'a str,
}

/// The tokens of code that [`code_of`] has cleaned. `::` is one token, every other mark is its own.
pub fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (line, text) in (1..).zip(code.lines()) {
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|c| !is_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token { line, text });
            rest = after.trim_start();
        }
    }
    tokens
}

/// The paths that a `use` tree names, from the tokens between `use` and `;`: each as its segments, and an alias.
pub fn use_paths<'a>(tokens: &[Token<'a>]) -> Vec<(Vec<&'a str>, Option<&'a str>)> {
    let mut paths = Vec::new();
    let mut prefixes: Vec<Vec<&str>> = vec![Vec::new()];
    let mut path: Vec<&str> = Vec::new();
    let mut alias = None;
    let mut tokens = tokens.iter();
    while let Some(token) = tokens.next() {
        match token.text {
            "::" => {}
            "as" => alias = tokens.next().map(|token| token.text),
            "{" => prefixes.push(path.clone()),
            "," | "}" => {
                if path.len() > prefixes.last().map_or(0, Vec::len) {
                    paths.push((path, alias.take()));
                }
                if token.text == "}" {
                    prefixes.pop();
                }
                path = prefixes.last().cloned().unwrap_or_default();
            }
            segment => path.push(segment),
        }
    }
    if path.len() > prefixes.last().map_or(0, Vec::len) {
        paths.push((path, alias));
    }
    paths
}

/// The `use` declarations among the tokens, each without `use` and `;`.
pub fn uses<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let starts = (0..tokens.len())
        .filter(|&at| tokens[at].text == "use" && tokens.get(at + 1).is_some_and(|next| next.text != "<"));
    starts
        .map(|at| {
            let body = &tokens[at + 1..];
            &body[..body.iter().position(|token| token.text == ";").unwrap_or(body.len())]
        })
        .collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where the comment or literal that starts at `at` ends; `at` itself when none starts there. `at` is never inside
/// a word.
fn skipped_end(chars: &[char], at: usize) -> usize {
    let peek = |offset: usize| chars.get(at + offset).copied();
    match chars[at] {
        '/' if peek(1) == Some('/') => find(chars, at, |c| c == '\n'),
        '/' if peek(1) == Some('*') => block_comment_end(chars, at),
        '"' => quoted_end(chars, at, '"'),
        '\'' if peek(1) == Some('\\') || peek(2) == Some('\'') => quoted_end(chars, at, '\''),
        'b' if peek(1) == Some('\'') => quoted_end(chars, at + 1, '\''),
        'b' | 'c' if peek(1) == Some('"') => quoted_end(chars, at + 1, '"'),
        'r' => raw_end(chars, at + 1).unwrap_or(at),
        'b' | 'c' if peek(1) == Some('r') => raw_end(chars, at + 2).unwrap_or(at),
        _ => at,
    }
}

fn find(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|c| wanted(*c)).map_or(chars.len(), |offset| from + offset)
}

fn block_comment_end(chars: &[char], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => depth += 1,
            ('*', '/') if depth == 1 => return at + 2,
            ('*', '/') => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    chars.len()
}

fn quoted_end(chars: &[char], open: usize, quote: char) -> usize {
    let mut at = open + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of a raw string whose hashes or quote stand at `at`; `None` for what is no raw string, as `r#type`.
fn raw_end(chars: &[char], at: usize) -> Option<usize> {
    let open = find(chars, at, |c| c != '#');
    let hashes = open - at;
    (chars.get(open) == Some(&'"')).then(|| {
        (open + 1..chars.len())
            .find(|&close| {
                chars[close] == '"' && chars[close + 1..].iter().take_while(|c| **c == '#').count() >= hashes
            })
            .map_or(chars.len(), |close| close + 1 + hashes)
    })
}
