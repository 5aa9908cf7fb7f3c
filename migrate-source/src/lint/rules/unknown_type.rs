//! S19: a type that SQLite does not recognize.

use crate::lint::action::Action;
use crate::lint::columns::{Column, column, columns};
use crate::lint::finding::Finding;
use crate::lint::script::{Script, Step};
use crate::nearest;
use crate::text::shortened;

/// Parts of a type name that give SQLite its affinity:
/// <https://sqlite.org/datatype3.html#determination_of_column_affinity>.
const AFFINITIES: [&str; 8] = [
    "INT", "CHAR", "CLOB", "TEXT", "BLOB", "REAL", "FLOA", "DOUB",
];

/// Common type names for which the affinity NUMERIC is intended.
const CUSTOMARY: &str = "ANY BIT BOOL BOOLEAN DATE DATETIME DEC DECIMAL GUID JSON JSONB MONEY \
                         NUMBER NUMERIC TIME TIMESTAMP TIMESTAMPTZ UNIQUEIDENTIFIER UUID YEAR";

/// Types of other databases, with their SQLite equivalents. `STRING`, for example, would store
/// the text `007` as the number 7.
const FOREIGN: [(&str, &str); 8] = [
    ("BINARY", "BLOB"),
    ("BYTEA", "BLOB"),
    ("ENUM", "TEXT"),
    ("LONG", "INTEGER"),
    ("SERIAL", "INTEGER"),
    ("STR", "TEXT"),
    ("STRING", "TEXT"),
    ("VARBINARY", "BLOB"),
];

/// The types that are suggested for a misspelled one.
const COMMON: &str = "INTEGER TEXT REAL BLOB NUMERIC BOOLEAN VARCHAR FLOAT DOUBLE DECIMAL \
                      DATETIME TIMESTAMP DATE JSON";

/// Finds a type in `CREATE TABLE` or `ADD COLUMN` that SQLite accepts without recognizing it. In a
/// `STRICT` table SQLite rejects such a type itself.
pub(super) fn check(script: &Script<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in &script.steps {
        let columns = match &step.action {
            Action::CreateTable {
                body: Some(body), ..
            } if !is_strict(step, *body) => columns(&step.words, *body).0,
            Action::AddColumn { column: at, .. } => {
                column(&step.words, step.rest(*at)).into_iter().collect()
            }
            _ => continue,
        };
        let found = columns.iter().filter_map(|column| finding(step, column));
        findings.extend(found);
    }
    findings
}

fn is_strict(step: &Step<'_>, body: usize) -> bool {
    let options = step.rest(step.words.closing(body) + 1);
    options.into_iter().any(|at| step.words.is(at, "STRICT"))
}

fn finding(step: &Step<'_>, column: &Column) -> Option<Finding> {
    let (name, _) = column.type_words(&step.words);
    let first = name.split(' ').next().unwrap_or_default();
    if name.is_empty()
        || AFFINITIES.iter().any(|part| name.contains(part))
        || CUSTOMARY.split(' ').any(|it| it == first)
    {
        return None;
    }
    let others = FOREIGN.iter().map(|(other, _)| *other);
    let near = nearest(first, &others.chain(COMMON.split(' ')).collect::<Vec<_>>());
    let foreign = FOREIGN.iter().find(|(other, _)| near == Some(*other));
    let meant = foreign.map(|(_, here)| *here).or(near);
    let help = match meant {
        Some(meant) => format!("write `{meant}`"),
        None => "write one of `INTEGER`, `REAL`, `TEXT`, `BLOB` and `NUMERIC`".to_owned(),
    };
    let words = &column.type_name;
    Some(Finding {
        range: step.words.places(words.start, words.end - 1),
        message: format!(
            "SQLite does not recognize the type `{}`, and would store text that looks like a \
             number as a number",
            shortened(&name.to_ascii_lowercase())
        ),
        help,
    })
}
