//! S16 and S41: dropping a table or column with its data, which may have been copied.

use crate::lint::action::Action;
use crate::lint::finding::{Finding, in_up};
use crate::lint::script::{Script, Step};

/// Finds `DROP TABLE` and `ALTER TABLE … DROP COLUMN` in an up if data is lost.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    in_up(script, |now, step| finding(script, now, step, false))
}

/// Finds them if an earlier statement has copied the data.
pub(super) fn after_copy(script: &Script<'_>) -> Vec<Finding> {
    in_up(script, |now, step| finding(script, now, step, true))
}

fn finding(script: &Script<'_>, now: usize, step: &Step<'_>, after_copy: bool) -> Option<Finding> {
    let words = &step.words;
    let (from, to, message) = match &step.action {
        Action::DropTable(table) => {
            let name = &table.name;
            let is_rebuilt = script.is_replaced(now, name)
                || script.is_copied_and_renamed(now, name)
                || script.is_copied_and_created(now, name);
            // `DROP TABLE IF EXISTS` of a table that was never created is harmless.
            if words.is(step.verb + 2, "IF") && script.is_unknown(now, name) {
                return None;
            }
            // A full-text index is rebuilt from its table.
            if is_rebuilt
                || script.is_full_text_recreated(now, name)
                || script.is_created(now, name)
                // Another rule finds this.
                || script.owner_of_shadow(now, name).is_some()
            {
                return None;
            }
            let message = format!("dropping `{}` deletes all its rows", words.shown(table.at));
            (step.verb, step.verb + 1, message)
        }
        Action::DropColumn { table, column } => {
            let name = words.name(*column)?;
            if script.is_created(now, &table.name) || script.is_added(now, &table.name, &name) {
                return None;
            }
            let message = format!(
                "dropping `{}` deletes its values in all rows of `{}`",
                words.shown(*column),
                words.shown(table.at)
            );
            (table.at + 1, *column - 1, message)
        }
        _ => return None,
    };
    let is_copied = match &step.action {
        Action::DropColumn { table, column } => words
            .name(*column)
            .is_some_and(|column| script.is_column_copied(now, &table.name, &column)),
        action => action
            .table()
            .is_some_and(|table| script.is_kept(now, &table.name)),
    };
    let help = if is_copied {
        "check that it has copied everything that is still needed"
    } else {
        "first copy what is still needed"
    };
    let message = if is_copied {
        format!("{message}; an earlier statement reads them")
    } else {
        message
    };
    (is_copied == after_copy).then(|| Finding::new(words.places(from, to), message, help))
}
