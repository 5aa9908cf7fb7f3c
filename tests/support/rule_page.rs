//! The examples on a page of `docs/rules`, as files of a migrations directory.
//!
//! Tests of several packages include this file as a module. A page has the
//! sections `Earlier migrations` (may be absent), `Bad` and `Good`, each with one
//! block of SQL. In it a line `-- migrations/NAME` starts each file. The earlier
//! migrations come before the bad ones and before the good ones.

#![expect(
    clippy::panic,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

use std::path::{Path, PathBuf};

/// A path in the migrations directory, and the text of the file.
type Files = Vec<(String, String)>;

/// The examples of one rule.
pub(crate) struct RulePage {
    earlier: Files,
    bad: Files,
    good: Files,
}

impl RulePage {
    /// Reads the page of the rule with this code, as in `S16`.
    pub(crate) fn read(code: &str) -> RulePage {
        let path = folder().join(format!("{code}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{code}: {error}"));
        let mut found = RulePage {
            earlier: Vec::new(),
            bad: Vec::new(),
            good: Vec::new(),
        };
        for section in page.split("\n## ").skip(1) {
            let (heading, text) = section.split_once('\n').unwrap_or((section, ""));
            let files = match heading {
                "Earlier migrations" => &mut found.earlier,
                "Bad" => &mut found.bad,
                "Good" => &mut found.good,
                "When it is intentional" => continue,
                _ => panic!("{code}: what is the section `{heading}`?"),
            };
            *files = files_of(text).unwrap_or_else(|| panic!("{code}: no files below `{heading}`"));
        }
        assert!(!found.bad.is_empty(), "{code}: no bad example");
        assert!(!found.good.is_empty(), "{code}: no good example");
        found
    }

    /// The files of the bad example.
    pub(crate) fn bad(&self) -> Vec<(&str, &str)> {
        self.with_earlier(&self.bad)
    }

    /// The files of the good example.
    pub(crate) fn good(&self) -> Vec<(&str, &str)> {
        self.with_earlier(&self.good)
    }

    fn with_earlier<'a>(&'a self, files: &'a Files) -> Vec<(&'a str, &'a str)> {
        let all = self.earlier.iter().chain(files);
        all.map(|(name, text)| (name.as_str(), text.as_str()))
            .collect()
    }
}

/// The folder of the pages.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules")
}

/// The files in the block of SQL of a section; `None` if it is not written as
/// the head of this file says.
fn files_of(section: &str) -> Option<Files> {
    let (_, block) = section.split_once("```sql\n")?;
    let (block, rest) = block.split_once("```\n")?;
    if rest.contains("```") {
        return None;
    }
    let files = block
        .strip_prefix("-- migrations/")?
        .split("\n-- migrations/");
    files
        .map(|file| {
            let (name, text) = file.split_once('\n')?;
            Some((name.to_owned(), format!("{}\n", unescaped(text.trim_end()))))
        })
        .collect()
}

/// A page shows invisible characters as escapes, such as `\u{202e}`.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut found = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let character = part.split_once('}').and_then(|(digits, rest)| {
            let number = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(number)?, rest))
        });
        let (character, rest) = character.unwrap_or_else(|| panic!("no character: {part}"));
        found.push(character);
        found.push_str(rest);
    }
    found
}
