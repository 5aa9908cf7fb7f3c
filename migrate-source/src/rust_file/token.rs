//! Tokens of a Rust file.

/// A token of Rust, as far as the check of a migration needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name, a keyword or a number.
    Word(&'a str),
    /// A string or a character.
    Text,
    Punct(char),
    /// A bracketed group: the opening bracket, and whether the group is empty.
    Group(char, bool),
}

/// The tokens outside all brackets, or `None` if the text is not valid Rust.
pub(super) fn items(text: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut open: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = blank(rest)?;
        if length > 0 {
            if let Some(attribute) = documentation(rest) {
                fill(&mut tokens, &open);
                if open.is_empty() {
                    tokens.extend_from_slice(attribute);
                }
            }
            rest = &rest[length..];
            continue;
        }
        // All brackets are one byte.
        match first {
            '(' | '[' | '{' => {
                fill(&mut tokens, &open);
                if open.is_empty() {
                    tokens.push(Token::Group(first, true));
                }
                open.push(first);
                rest = &rest[1..];
            }
            ')' | ']' | '}' => {
                let opening = open.pop()?;
                if !matches!((opening, first), ('(', ')') | ('[', ']') | ('{', '}')) {
                    return None;
                }
                rest = &rest[1..];
            }
            _ => {
                let (token, mut length) = token(rest, first)?;
                if token == Token::Text {
                    // A word directly after a literal is its suffix.
                    length += word(&rest[length..]);
                }
                fill(&mut tokens, &open);
                if open.is_empty() {
                    tokens.push(token);
                }
                rest = &rest[length..];
            }
        }
    }
    open.is_empty().then_some(tokens)
}

/// Marks the outermost group as not empty.
fn fill(tokens: &mut [Token<'_>], open: &[char]) {
    if let ([_, ..], Some(Token::Group(_, is_empty))) = (open, tokens.last_mut()) {
        *is_empty = false;
    }
}

/// The length of the white space or the comment at the start, or `None` if the comment is not
/// terminated.
fn blank(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if !text.starts_with("/*") {
        let space = text.chars().take_while(|it| it.is_whitespace());
        return Some(space.map(char::len_utf8).sum());
    }
    // Block comments nest.
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let rest = text.get(at..)?;
        at += match rest.as_bytes() {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => rest.chars().next()?.len_utf8(),
        };
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The tokens of a doc comment, which is an attribute to the compiler.
fn documentation(text: &str) -> Option<&'static [Token<'static>]> {
    const OUTER: &[Token<'_>] = &[Token::Punct('#'), Token::Group('[', false)];
    const INNER: &[Token<'_>] = &[
        Token::Punct('#'),
        Token::Punct('!'),
        Token::Group('[', false),
    ];
    let is_one = |start: &str, more: [&str; 2]| {
        text.starts_with(start) && !more.iter().any(|more| text.starts_with(more))
    };
    if text.starts_with("//!") || text.starts_with("/*!") {
        Some(INNER)
    } else if is_one("///", ["////"; 2]) || is_one("/**", ["/***", "/**/"]) {
        Some(OUTER)
    } else {
        None
    }
}

/// The token at the start, and its length.
fn token(text: &str, first: char) -> Option<(Token<'_>, usize)> {
    match first {
        '"' => Some((Token::Text, quoted(text, '"')?)),
        '\'' => Some(character(text)?),
        _ if is_in_word(first) => {
            let length = word(text);
            let (name, after) = text.split_at(length);
            match (name, after.chars().next()) {
                ("b" | "c", Some('"')) => Some((Token::Text, length + quoted(after, '"')?)),
                ("b", Some('\'')) => match character(after)? {
                    (Token::Text, text) => Some((Token::Text, length + text)),
                    _ => None,
                },
                ("r" | "br" | "cr", Some('"' | '#')) => Some((Token::Text, length + raw(after)?)),
                _ => Some((Token::Word(name), length)),
            }
        }
        _ => Some((Token::Punct(first), first.len_utf8())),
    }
}

fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn word(text: &str) -> usize {
    let word = text.chars().take_while(|it| is_in_word(*it));
    word.map(char::len_utf8).sum()
}

/// The length of a quoted literal, in which a backslash escapes the next character.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()?),
            it if it == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The token at a single quote: `'a'` is a character, and `'a` a lifetime.
fn character(text: &str) -> Option<(Token<'_>, usize)> {
    let mut characters = text[1..].chars();
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => Some((Token::Text, quoted(text, '\'')?)),
        (Some(first), Some('\'')) => Some((Token::Text, first.len_utf8() + 2)),
        _ => Some((Token::Punct('\''), 1)),
    }
}

/// The length of a raw string or a raw identifier after its `r`, or `None` if the string is not
/// terminated.
fn raw(text: &str) -> Option<usize> {
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &text[hashes..];
    // `r#fn` is a name, not a keyword.
    if !rest.starts_with('"') {
        return Some(hashes + word(rest));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let at = rest[1..].find(&end)?;
    Some(hashes + 1 + at + end.len())
}
