//! Scripts that are right elsewhere: with a newer SQLite, or with another tool.

use super::{Change, Kind, Place, kind};

pub(super) const KINDS: &[Kind] = &[
    kind("a feature that is newer than `min_sqlite`", newer),
    kind("a down after the mark of another tool", marks),
];

/// What SQLite 3.38 lacks; see `set::findings`.
const NEWER: &[&str] = &[
    "CREATE VIEW newer AS SELECT concat('a', 'b') AS x;",
    "CREATE VIEW newer AS SELECT string_agg(type, ',') AS x FROM sqlite_schema;",
    "CREATE VIEW newer AS SELECT octet_length('a') AS x;",
    "CREATE VIEW newer AS SELECT timediff('2024-01-01', '2023-01-01') AS x;",
    "CREATE VIEW newer AS SELECT unhex('00') AS x;",
    "CREATE VIEW newer AS SELECT 'a' IS DISTINCT FROM NULL AS x;",
    "CREATE VIEW newer AS SELECT datetime('2024-01-01', 'subsec') AS x;",
    "CREATE VIEW newer AS SELECT strftime('%F', '2024-01-01') AS x;",
    "CREATE VIEW newer AS SELECT date('2024-01-31', '+1 month', 'floor') AS x;",
    "CREATE VIEW newer AS SELECT 1_000_000 AS x;",
    "CREATE VIEW newer AS SELECT if(1 > 2, 3, 4) AS x;",
    "CREATE VIEW newer AS SELECT group_concat(name ORDER BY name) AS x FROM sqlite_schema;",
    "CREATE VIEW newer AS SELECT json_extract(jsonb('{}'), '$.a') AS x;",
    "CREATE VIEW newer AS SELECT a.name AS x FROM sqlite_schema AS a RIGHT JOIN sqlite_schema AS b USING (name);",
    "CREATE TABLE newer (x INTEGER);\nALTER TABLE newer ADD CONSTRAINT positive CHECK (x > 0);",
    "CREATE TABLE newer (x INTEGER NOT NULL);\nALTER TABLE newer ALTER COLUMN x DROP NOT NULL;",
];

fn newer(place: &Place<'_>) -> Vec<Change> {
    let texts = NEWER.iter().filter(|_| place.is_last());
    texts.map(|it| Change::Next((*it).to_owned())).collect()
}

const MARKS: &[&str] = &[
    "-- rollback",
    "-- Down Migration",
    "-- DOWN",
    "-- @UNDO",
    "-- //@UNDO",
    "-- !Downs",
    "-- +goose Down",
    "-- +migrate Down",
    "-- rambler down",
    "-- undo",
    "-- migrate: down",
    "/* down */",
];

fn marks(place: &Place<'_>) -> Vec<Change> {
    let up = &place.migration.up;
    let marks = MARKS.iter().filter(|_| place.is_last());
    marks
        .map(|mark| Change::Up(format!("{up}\n{mark}\nDROP TABLE IF EXISTS leftover;\n")))
        .collect()
}
