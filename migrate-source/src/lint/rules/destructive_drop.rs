//! S16: dropping a table or column with its data.

use crate::lint::action::Action;
use crate::lint::finding::{Finding, in_up};
use crate::lint::script::{Script, Step};

/// Finds `DROP TABLE` and `ALTER TABLE … DROP COLUMN` in an up if data may be lost.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    in_up(script, |now, step| finding(script, now, step))
}

fn finding(script: &Script<'_>, now: usize, step: &Step<'_>) -> Option<Finding> {
    let words = &step.words;
    let (from, to, message) = match &step.action {
        Action::DropTable(table) => {
            let name = &table.name;
            let is_rebuilt =
                script.is_replaced(now, name) || script.is_copied_and_renamed(now, name);
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
    let table = step.action.table().map(|table| table.name.as_str());
    let is_copied = table.is_some_and(|table| script.is_copied(now, table));
    let help = if is_copied {
        "first copy whatever else is still needed"
    } else {
        "first copy what is still needed"
    };
    Some(Finding::new(words.places(from, to), message, help))
}
