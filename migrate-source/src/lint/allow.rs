//! The directive `allow`.

use super::rule;
use crate::diagnostic::Code;
use crate::directive::{Directive, directives};
use migrate_scan::{Scan, Statement};
use std::ops::Range;

/// The findings that a script allows: `-- migrate: allow RULE "reason"`.
///
/// A directive before the first statement applies to the whole script. Any other applies to the
/// statement that contains it, to the one before it on the same line, or else to the next one.
///
/// ```
/// use migrate_scan::sqlite::scan;
/// use migrate_source::diagnostic::Code;
/// use migrate_source::lint::Allowances;
///
/// let text = "CREATE TABLE a(x);\n-- migrate: allow S16 \"it is empty\"\nDROP TABLE b;";
/// let allowed = Allowances::of(text, &scan(text));
/// let drop = text.find("DROP").unwrap();
/// assert!(allowed.has(Code::DestructiveDrop, drop));
/// assert!(!allowed.has(Code::DestructiveDrop, 0));
/// ```
///
/// Holds the code of each rule, and the bytes where it is allowed.
#[derive(Clone, Debug, Default)]
pub struct Allowances(Vec<(Code, Range<usize>)>);

impl Allowances {
    /// Reads the directives of a scanned text.
    pub fn of(text: &str, scan: &Scan) -> Allowances {
        let statements = &scan.statements;
        let first = statements
            .first()
            .map_or(usize::MAX, |statement| statement.start as usize);
        let allowances = directives(scan, text).filter_map(|(directive, range)| {
            let Directive::Allow { rule: word, .. } = directive else {
                return None;
            };
            let code = rule(&word).ok()?.code;
            if range.start < first {
                return Some((code, 0..usize::MAX));
            }
            let next = statements.partition_point(|it| (it.end as usize) < range.start);
            let before = next.checked_sub(1).and_then(|at| statements.get(at));
            let is_on_same_line = |it: &&Statement| {
                let between = text.get(it.end as usize..range.start);
                between.is_some_and(|between| !between.contains('\n'))
            };
            let statement = before
                .filter(is_on_same_line)
                .or_else(|| statements.get(next))?;
            Some((code, statement.start as usize..statement.end as usize))
        });
        Allowances(allowances.collect())
    }

    /// Whether a rule is allowed at a byte of the text.
    pub fn has(&self, code: Code, at: usize) -> bool {
        let mut allowed = self.0.iter();
        allowed.any(|(it, range)| covers(*it, code) && range.contains(&at))
    }

    /// Whether a rule is allowed for the whole script.
    pub fn has_everywhere(&self, code: Code) -> bool {
        let mut allowed = self.0.iter();
        allowed.any(|(it, range)| covers(*it, code) && *range == (0..usize::MAX))
    }
}

/// Whether a reason for one finding is one for another: for the loss of all data and of a part.
fn covers(allowed: Code, code: Code) -> bool {
    allowed == code
        || matches!(
            (allowed, code),
            (Code::DestructiveDrop, Code::DropAfterCopy) | (Code::DropsData, Code::DropsCopiedData)
        )
}
