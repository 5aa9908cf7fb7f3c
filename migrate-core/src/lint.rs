//! The rules about what a migration does, beyond what is wrong with it in any
//! case: each can be allowed, one by one, where it is right.
//!
//! `-- migrate: allow destructive-drop "exported last year"` stands before the
//! statement that it is for, or at the head of the script for all of them.

mod allow;
mod table;

pub use allow::Allowances;
pub use table::RULES;

use crate::diagnostic::Code;
use crate::suggest::nearest;

/// How serious a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The build fails.
    Error,
    /// The build goes on.
    Warning,
}

/// A rule, and all that its page in the documentation says.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its code, as in `S16`.
    pub code: Code,
    /// Its name, as in `destructive-drop`.
    pub name: &'static str,
    /// How serious it is.
    pub level: Level,
    /// What it finds, as a heading.
    pub title: &'static str,
    /// Why that is a problem.
    pub why: &'static str,
    /// Files in which it finds something: their names and texts.
    pub bad: &'static [(&'static str, &'static str)],
    /// The same, mended.
    pub good: &'static [(&'static str, &'static str)],
}

impl Code {
    /// The rule of this code; `None` for a code that cannot be allowed.
    ///
    /// ```
    /// use migrate_core::diagnostic::Code;
    ///
    /// assert_eq!(Code::DestructiveDrop.rule().unwrap().name, "destructive-drop");
    /// assert!(Code::Gap.rule().is_none());
    /// ```
    pub fn rule(self) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.code == self)
    }

    /// How serious a problem of this kind is.
    pub fn level(self) -> Level {
        self.rule().map_or(Level::Error, |rule| rule.level)
    }
}

/// The rule that a directive names, by its name or its code.
///
/// # Errors
///
/// Returns the name that is most likely meant, if one is near.
///
/// ```
/// use migrate_core::lint::rule;
///
/// assert_eq!(rule("S16").unwrap().name, "destructive-drop");
/// assert_eq!(rule("destructive-drops").unwrap_err(), Some("destructive-drop"));
/// ```
pub fn rule(word: &str) -> Result<&'static Rule, Option<&'static str>> {
    let mut rules = RULES.iter();
    rules
        .find(|rule| rule.name == word || rule.code.as_str() == word)
        .ok_or_else(|| {
            let names: Vec<&'static str> = RULES.iter().map(|rule| rule.name).collect();
            nearest(word, &names)
        })
}
