//! A set of migrations: its files, and the schema before each of them.

use crate::sql::{self, Statement, Table};
use migrate_runtime::{Numbering, Sqlite};
use migrate_source::diagnostic::Code;
use migrate_tools::{CheckOptions, SqliteVersion, check_directory};
use rusqlite::Connection;
use std::fmt;
use std::fs;

/// An entry of `sqlite_schema`.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub kind: String,
    pub name: String,
    pub table: String,
    pub sql: String,
}

/// The schema at one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema(pub Vec<Object>);

impl Schema {
    fn read(conn: &Connection) -> Schema {
        let query = "SELECT type, lower(name), lower(tbl_name), sql FROM sqlite_schema \
                     WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
        let mut statement = conn.prepare(query).unwrap();
        let objects = statement.query_map([], |row| {
            Ok(Object {
                kind: row.get(0)?,
                name: row.get(1)?,
                table: row.get(2)?,
                sql: row.get(3)?,
            })
        });
        Schema(objects.unwrap().map(Result::unwrap).collect())
    }

    pub(crate) fn of(&self, kind: &str) -> impl Iterator<Item = &Object> {
        self.0.iter().filter(move |it| it.kind == kind)
    }

    pub(crate) fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        self.of(kind).find(|it| it.name == name)
    }

    pub(crate) fn table(&self, name: &str) -> Option<Table> {
        let sql = &self.object("table", name)?.sql;
        Table::parse(sql::words(sql, 0..sql.len()))
    }

    /// The tables, without virtual tables and their shadows.
    pub(crate) fn tables(&self) -> Vec<Table> {
        let names = self.of("table").map(|it| it.name.as_str());
        let plain = names.filter(|name| !name.contains("_fts"));
        plain.filter_map(|name| self.table(name)).collect()
    }

    /// Whether an index makes a column unique, alone or together with others.
    pub(crate) fn is_unique(&self, table: &str, column: &str) -> bool {
        self.of("index").any(|index| {
            let words = sql::words(&index.sql, 0..index.sql.len());
            index.table == table
                && words[1].text == "unique"
                && words.iter().any(|word| sql::name(word) == column)
        })
    }
}

/// A migration of a set.
#[derive(Clone, Debug)]
pub(crate) struct Migration {
    /// Such as `001_users`.
    pub name: String,
    pub up: String,
    pub down: Option<String>,
    pub before: Schema,
}

/// A set of good migrations.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub name: &'static str,
    pub migrations: Vec<Migration>,
    pub after: Schema,
}

impl Set {
    /// Reads a set; a line `== name` begins a file of it.
    pub(crate) fn parse(name: &'static str, text: &str) -> Set {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        let mut migrations: Vec<Migration> = Vec::new();
        for file in text.split("== ").skip(1) {
            let (file, script) = file.split_once(".sql\n").unwrap();
            if file.ends_with(".down") {
                migrations.last_mut().unwrap().down = Some(script.to_owned());
                continue;
            }
            let before = Schema::read(&conn);
            conn.execute_batch(script).unwrap();
            migrations.push(Migration {
                name: file.to_owned(),
                up: script.to_owned(),
                down: None,
                before,
            });
        }
        Set {
            name,
            migrations,
            after: Schema::read(&conn),
        }
    }

    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for it in &self.migrations {
            files.push((format!("{}.sql", it.name), it.up.clone()));
            if let Some(down) = &it.down {
                files.push((format!("{}.down.sql", it.name), down.clone()));
            }
        }
        files
    }
}

/// A script that fills a table that is made again in the same script.
#[derive(Clone, Debug)]
pub(crate) struct Rebuild {
    /// The table before the script.
    pub old: Table,
    pub new: Table,
    pub insert: Copy,
    /// The index of the `CREATE TABLE`.
    pub create_at: usize,
}

/// An `INSERT INTO … (…) SELECT … FROM …`.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub words: Vec<sql::Word>,
    pub columns: Vec<std::ops::Range<usize>>,
    pub values: Vec<std::ops::Range<usize>>,
}

impl Copy {
    fn parse(words: &[sql::Word]) -> Option<(String, Copy)> {
        (sql::starts(words, "insert into") && words[3].text == "(").then_some(())?;
        let select = sql::close(words, 3) + 1;
        (words.get(select)?.text == "select").then_some(())?;
        let from = sql::find(words, "from")?;
        let copy = Copy {
            columns: sql::parts(words, 4, select - 1),
            values: sql::parts(words, select + 1, from),
            words: words.to_vec(),
        };
        Some((sql::name(&words[2]), copy))
    }

    pub(crate) fn column(&self, at: usize) -> String {
        sql::name(&self.words[self.columns[at].start])
    }
}

pub(crate) fn rebuilds(migration: &Migration, statements: &[Statement]) -> Vec<Rebuild> {
    let mut found = Vec::new();
    for (insert_at, statement) in statements.iter().enumerate() {
        let Some((into, insert)) = Copy::parse(&statement.words) else {
            continue;
        };
        let created = statements[..insert_at]
            .iter()
            .map(|it| Table::parse(it.words.clone()))
            .enumerate()
            .find_map(|(at, table)| Some((at, table.filter(|it| it.name == into)?)));
        let Some((create_at, new)) = created else {
            continue;
        };
        let renamed = statements.iter().find(|it| {
            sql::starts(&it.words, "alter table")
                && sql::name(&it.words[2]) == into
                && it.words[3].text == "rename"
        });
        let last = renamed.map_or(into, |it| sql::name(it.words.last().unwrap()));
        if let Some(old) = migration.before.table(&last) {
            found.push(Rebuild {
                old,
                new,
                insert,
                create_at,
            });
        }
    }
    found
}

/// A finding of the check.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub code: Code,
    pub file: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding {
            code,
            file,
            line,
            message,
        } = self;
        write!(f, "{file}:{line}: {code}: {message}")
    }
}

/// The oldest SQLite that the measured sets support.
pub(crate) const OLDEST: SqliteVersion = SqliteVersion::minor(38);

/// The findings in a directory with these files, which must run on `oldest`.
pub(crate) fn findings(files: &[(String, String)], oldest: Option<SqliteVersion>) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut options = CheckOptions::from(Numbering::DEFAULT);
    options.min_sqlite = oldest;
    let check = check_directory::<Sqlite>(folder.path(), options);
    let all = check.errors.iter().chain(&check.warnings);
    all.map(|it| Finding {
        code: it.code,
        file: it.path.rsplit(['/', '\\']).next().unwrap().to_owned(),
        line: it.excerpt.as_ref().map_or(0, |it| it.position.line),
        message: it.message.clone(),
    })
    .collect()
}
