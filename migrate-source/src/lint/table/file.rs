//! Rules about files.

use crate::diagnostic::Code;
use crate::lint::{Level, Rule};

pub(super) const BAD_BYTES: Rule = Rule {
    code: Code::BadBytes,
    name: "bad-bytes",
    level: Level::Error,
    title: "Bytes that mislead a reader",
    needs_replay: false,
    why: "Control characters that turn the direction of text (U+061C, U+200E, U+200F, U+202A to \
          U+202E, U+2066 to U+2069) make a line look like another one, also in comments and \
          quotes. A byte order mark inside of the text, and line ends of two kinds in one file, \
          show that files were joined or half converted. Bytes that are not UTF-8, and NUL, are \
          [M014 and M015](../diagnostics.md).",
    bad: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name) VALUES ('\u{202e}nimda');\n",
        ),
    ],
    good: &[
        (
            "001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);\n",
        ),
        (
            "002_admin.sql",
            "INSERT INTO users(name) VALUES ('admin');\n",
        ),
    ],
};

pub(super) const CASE_COLLIDING: Rule = Rule {
    code: Code::CaseColliding,
    name: "case-colliding-names",
    level: Level::Error,
    title: "Names that differ only by case",
    needs_replay: false,
    why: "On Windows and macOS two folders or files whose names differ only by case are one: a \
          checkout there has a part of the files, or all in one folder.",
    bad: &[
        (
            "Schema/001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "schema/002_orders.sql",
            "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n",
        ),
    ],
    good: &[
        (
            "schema/001_users.sql",
            "CREATE TABLE users(id INTEGER PRIMARY KEY);\n",
        ),
        (
            "schema/002_orders.sql",
            "CREATE TABLE orders(id INTEGER PRIMARY KEY);\n",
        ),
    ],
};
