//! JSON5, which SQLite reads since 3.42.

/// Whether a text is an object or an array with something that JSON does not have: single quotes,
/// names without quotes, comments, or a comma before the end.
pub(super) fn is_json5(text: &str) -> bool {
    if !text.trim_start().starts_with(['{', '[']) {
        return false;
    }
    let mut is_after_comma = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_end = matches!(first, '}' | ']');
        if matches!(first, '\'' | '/') || (is_after_comma && is_end) {
            return true;
        }
        let word = rest.find(|c: char| !c.is_alphanumeric() && !"_$.+-".contains(c));
        let word = &rest[..word.unwrap_or(rest.len())];
        let length = match first {
            '"' => length_of_string(rest),
            '0'..='9' | '-' => word.len(),
            _ if word.is_empty() => first.len_utf8(),
            _ if !matches!(word, "true" | "false" | "null") => return true,
            _ => word.len(),
        };
        if !first.is_whitespace() {
            is_after_comma = first == ',';
        }
        rest = &rest[length..];
    }
    false
}

/// The length of the string in double quotes at the start of a text.
fn length_of_string(text: &str) -> usize {
    let mut is_escaped = false;
    let inner = text.char_indices().skip(1);
    for (at, character) in inner {
        if character == '"' && !is_escaped {
            return at + 1;
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::is_json5;

    #[test]
    fn json_is_not_json5() {
        for text in [
            "{}",
            "[1, -2.5e+3, true, null, \"it's\", \"a\\\"/b'\"]",
            " {\"a\": [{}, []], \"b\": false} ",
            "plain text, // here",
            "",
            "{\"open",
            "[\"ä\", 1",
        ] {
            assert!(!is_json5(text), "{text}");
        }
        for text in [
            "{a:1}",
            "['x']",
            "[1,]",
            "{\"a\":1, }",
            "[1 /* x */]",
            "{$ä: 1}",
            "[+1]",
            "[NaN]",
        ] {
            assert!(is_json5(text), "{text}");
        }
    }
}
