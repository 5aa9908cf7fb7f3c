//! How much of a set a replay tried.

use std::fmt;

/// How much of a set a replay tried. `Display` shows it in one line.
///
/// ```
/// use migrate_source::coverage::Coverage;
///
/// let mut coverage = Coverage::default();
/// coverage.migrations = 2;
/// coverage.add("001_users", None, true);
/// coverage.add("002_slugs", Some("needs the function `slug`".to_owned()), false);
/// assert_eq!(
///     coverage.to_string(),
///     "2 migrations, 1 tried on rows, 1 down; not tried: 002_slugs (needs the function `slug`)"
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coverage {
    /// The number of migrations.
    pub migrations: usize,
    /// How many of them are released, and were applied, but not tried.
    pub released: usize,
    /// How many ups were tried on tables that have rows.
    pub tried_on_rows: usize,
    /// How many downs were tried.
    pub downs: usize,
    /// The labels of the migrations that were not tried on rows, each with the reason.
    pub not_tried: Vec<(String, String)>,
}

impl Coverage {
    /// Adds a migration that was tried on rows, or the reason why it was not.
    pub fn add(&mut self, label: &str, without_rows: Option<String>, has_down: bool) {
        self.downs += usize::from(has_down);
        match without_rows {
            None => self.tried_on_rows += 1,
            Some(reason) => self.not_tried.push((label.to_owned(), reason)),
        }
    }

    /// Adds the migrations from the one on at which the replay ends.
    pub fn ends_at<'a>(&mut self, rest: impl IntoIterator<Item = &'a str>, reason: &str) {
        let mut reason = reason;
        for label in rest {
            self.add(label, Some(reason.to_owned()), false);
            reason = "the replay ends before it";
        }
    }
}

/// How many migrations are named that were not tried.
const MOST_NAMES: usize = 5;

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ending = |count| if count == 1 { "" } else { "s" };
        let Coverage {
            migrations,
            released,
            tried_on_rows,
            downs,
            not_tried,
        } = self;
        write!(f, "{migrations} migration{}", ending(*migrations))?;
        if *released > 0 {
            write!(f, ", {released} released")?;
        }
        write!(
            f,
            ", {tried_on_rows} tried on rows, {downs} down{}",
            ending(*downs)
        )?;
        for (at, (label, reason)) in not_tried.iter().take(MOST_NAMES).enumerate() {
            let before = if at == 0 { "; not tried: " } else { ", " };
            write!(f, "{before}{label} ({reason})")?;
        }
        let others = not_tried.len().saturating_sub(MOST_NAMES);
        if others > 0 {
            write!(f, " and {others} more")?;
        }
        Ok(())
    }
}
