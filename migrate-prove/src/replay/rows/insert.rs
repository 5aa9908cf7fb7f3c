//! The search for values that a table accepts as a row.

use crate::replay::catalogue::tokens;
use crate::replay::table::Table;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, Result, Statement};

/// The number of attempts to insert a row, each with different values: of the first row of a table,
/// and of another one, which matters less.
const TRIES: usize = 120;
const TRIES_OF_ANOTHER: usize = 30;

/// How the search for a row varies the columns.
#[derive(Clone, Copy)]
pub(super) struct Order<'o> {
    /// Those that vary before the others if an error names none.
    pub(super) first: &'o [usize],
    /// Whether the last of the columns that an error names varies first.
    pub(super) is_reversed: bool,
    /// Whether the table has a row already.
    pub(super) has_row: bool,
}

/// Tries the first candidate of each column, then others for the columns that the error names.
/// Returns the inserted values.
pub(super) fn insert(
    (conn, statement): (&Connection, &mut Statement<'_>),
    table: &Table,
    candidates: &[Vec<Value>],
    order: Order<'_>,
) -> Result<Option<Vec<Value>>> {
    let mut chosen = vec![0; candidates.len()];
    let mut varied: Vec<usize> = Vec::new();
    // Most failures of a row are the same one.
    let mut known: Option<(String, Vec<usize>)> = None;
    let tries = if order.has_row {
        TRIES_OF_ANOTHER
    } else {
        TRIES
    };
    for _ in 0..tries {
        let culprits;
        let values = chosen.iter().zip(candidates);
        let values = values.filter_map(|(at, values)| values.get(*at));
        match statement.execute(rusqlite::params_from_iter(values.clone())) {
            Ok(_) => return Ok(Some(values.cloned().collect())),
            Err(error) => {
                let Some(message) = about_values(&error) else {
                    return Err(error);
                };
                if conn.is_autocommit() {
                    return Ok(None);
                }
                culprits = match known.take() {
                    Some((same, culprits)) if same == message => culprits,
                    _ => {
                        let culprits = blamed(&message, table, (order, candidates.len()));
                        let more = culprits.iter().filter(|it| !varied.contains(it));
                        let more: Vec<usize> = more.copied().collect();
                        varied.extend(more);
                        culprits
                    }
                };
                known = Some((message, culprits.clone()));
            }
        }
        // The other columns keep their values as long as these have another candidate.
        if !advance(&mut chosen, &culprits, candidates)
            && !advance(&mut chosen, &varied, candidates)
        {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The message of an error that other values might avoid.
fn about_values(error: &rusqlite::Error) -> Option<String> {
    match error {
        // Triggers and virtual tables fail in many ways.
        rusqlite::Error::SqliteFailure(error, message) if error.code != ErrorCode::OutOfMemory => {
            Some(message.clone().unwrap_or_default())
        }
        _ => None,
    }
}

/// The columns that an error names; if it names none, all of them.
fn blamed(message: &str, table: &Table, (order, all): (Order<'_>, usize)) -> Vec<usize> {
    let words = tokens(message);
    let columns = table.insertable().map(|it| it.name.to_ascii_lowercase());
    let named = columns.enumerate().filter(|(_, name)| words.contains(name));
    let mut blamed: Vec<usize> = named.map(|(at, _)| at).collect();
    if order.is_reversed {
        blamed.reverse();
    }
    if blamed.is_empty() {
        blamed.extend(order.first);
        blamed.extend((0..all).filter(|it| !order.first.contains(it)));
    }
    blamed
}

/// The next combination of the columns that vary.
fn advance(chosen: &mut [usize], varied: &[usize], candidates: &[Vec<Value>]) -> bool {
    for &column in varied {
        chosen[column] += 1;
        if chosen[column] < candidates[column].len() {
            return true;
        }
        chosen[column] = 0;
    }
    false
}
