//! Sets that are made at random: without a mistake nothing is found, and with
//! one planted, that one.

use crate::set::proof;
use migrate_prove::Options;
use migrate_source::lint::Level;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A table as the migrations so far leave it.
#[derive(Clone, Debug)]
struct Table {
    name: String,
    /// The first of them is the one that indexes and views name.
    columns: Vec<String>,
    parent: Option<String>,
    is_indexed: bool,
    has_view: bool,
    is_strict: bool,
}

impl Table {
    fn sql(&self, name: &str, columns: &[String], default: &str) -> String {
        let columns = columns
            .iter()
            .map(|column| format!(", {column} TEXT NOT NULL DEFAULT '{default}'"));
        let parent = self.parent.as_ref().map_or(String::new(), |parent| {
            format!(", parent_id INTEGER REFERENCES {parent} (id)")
        });
        let tail = if self.is_strict { " STRICT" } else { "" };
        let columns: String = columns.collect();
        format!("CREATE TABLE {name} (id INTEGER PRIMARY KEY{parent}{columns}){tail};\n")
    }

    fn indexes(&self) -> String {
        let Table { name, columns, .. } = self;
        let mut sql = String::new();
        if self.parent.is_some() {
            sql.push_str(&format!(
                "CREATE INDEX {}_parent ON {name} (parent_id);\n",
                self.key()
            ));
        }
        if self.is_indexed {
            sql.push_str(&format!(
                "CREATE INDEX {}_first ON {name} ({});\n",
                self.key(),
                columns[0]
            ));
        }
        sql
    }

    fn view(&self) -> String {
        let Table { name, columns, .. } = self;
        if self.has_view {
            format!(
                "CREATE VIEW {}_view AS SELECT id, {} FROM {name};\n",
                self.key(),
                columns[0]
            )
        } else {
            String::new()
        }
    }

    /// What stays when the table is renamed: `t3` of `t3_new`.
    fn key(&self) -> &str {
        self.name.split('_').next().unwrap()
    }

    /// Builds the table anew with these columns and all that it had.
    fn rebuild(&self, columns: &[String], default: &str, condition: &str, indexes: &str) -> String {
        let name = &self.name;
        let drop = if self.has_view {
            format!("DROP VIEW {}_view;\n", self.key())
        } else {
            String::new()
        };
        let parent = self.parent.as_ref().map_or("", |_| ", parent_id");
        let list = format!("id{parent}, {}", columns.join(", "));
        let create = self.sql("built", columns, default);
        let view = self.view();
        format!(
            "{drop}{create}INSERT INTO built ({list}) SELECT {list} FROM {name}{condition};\n\
             DROP TABLE {name};\nALTER TABLE built RENAME TO {name};\n{indexes}{view}"
        )
    }
}

#[derive(Debug, Default)]
struct Set {
    tables: Vec<Table>,
    files: Vec<(String, String)>,
    made: usize,
}

impl Set {
    fn add(&mut self, up: String, down: String) {
        let number = self.files.len() / 2 + 1;
        self.files.push((format!("{number:03}_a.sql"), up));
        self.files.push((format!("{number:03}_a.down.sql"), down));
    }

    fn next(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    fn create(&mut self, choice: usize) {
        let number = self.next();
        let name = format!("t{number}");
        let parents = self.tables.len();
        let parent = match choice % 3 {
            0 => None,
            1 => Some(name.clone()),
            _ => (parents > 0).then(|| self.tables[choice % parents].name.clone()),
        };
        let table = Table {
            name: name.clone(),
            columns: vec![format!("c{}", self.next())],
            parent,
            is_indexed: choice.is_multiple_of(2),
            has_view: choice.is_multiple_of(5),
            is_strict: choice.is_multiple_of(7),
        };
        let up = table.sql(&name, &table.columns, "x") + &table.indexes() + &table.view();
        let view = if table.has_view {
            format!("DROP VIEW {name}_view;\n")
        } else {
            String::new()
        };
        self.add(up, format!("{view}DROP TABLE {name};\n"));
        self.tables.push(table);
    }

    /// Does something at random to a table.
    fn step(&mut self, what: usize, choice: usize) {
        if self.tables.is_empty() || what == 0 {
            return self.create(choice);
        }
        let at = choice % self.tables.len();
        let number = self.next();
        let table = self.tables[at].clone();
        let (name, last) = (&table.name, table.columns.len() - 1);
        match what {
            1 | 2 => {
                let column = format!("c{number}");
                let up =
                    format!("ALTER TABLE {name} ADD COLUMN {column} TEXT NOT NULL DEFAULT 'x';\n");
                self.add(up, format!("ALTER TABLE {name} DROP COLUMN {column};\n"));
                self.tables[at].columns.push(column);
            }
            3 if last > 0 => {
                let column = &table.columns[last];
                let down =
                    format!("ALTER TABLE {name} ADD COLUMN {column} TEXT NOT NULL DEFAULT 'x';\n");
                self.add(format!("ALTER TABLE {name} DROP COLUMN {column};\n"), down);
                self.tables[at].columns.pop();
            }
            4 => {
                let old = &table.columns[choice % (last + 1)];
                let new = format!("c{number}");
                let up = format!("ALTER TABLE {name} RENAME COLUMN {old} TO {new};\n");
                self.add(
                    up,
                    format!("ALTER TABLE {name} RENAME COLUMN {new} TO {old};\n"),
                );
                self.tables[at].columns[choice % (last + 1)] = new;
            }
            5 => {
                let new = format!("{}_n{number}", table.key());
                let up = format!("ALTER TABLE {name} RENAME TO {new};\n");
                self.add(up, format!("ALTER TABLE {new} RENAME TO {name};\n"));
                for other in &mut self.tables {
                    if other.parent.as_ref() == Some(name) {
                        other.parent = Some(new.clone());
                    }
                }
                self.tables[at].name = new;
            }
            6 | 7 => {
                let indexes = table.indexes();
                let up = table.rebuild(&table.columns, "x", "", &indexes);
                self.add(up.clone(), up);
            }
            8 if !table.is_indexed => {
                let (key, first) = (table.key(), &table.columns[0]);
                let up = format!("CREATE INDEX {key}_first ON {name} ({first});\n");
                self.add(up, format!("DROP INDEX {key}_first;\n"));
                self.tables[at].is_indexed = true;
            }
            9 if !table.has_view => {
                self.tables[at].has_view = true;
                let up = self.tables[at].view();
                self.add(up, format!("DROP VIEW {}_view;\n", table.key()));
            }
            _ => {
                let first = &table.columns[0];
                let up = format!("INSERT INTO {name} (id, {first}) VALUES ({number}, 'seed');\n");
                self.add(up, format!("DELETE FROM {name} WHERE id = {number};\n"));
            }
        }
    }

    /// Adds a migration with a mistake, and says what is to be found.
    fn plant(&mut self, what: usize, choice: usize) -> &'static str {
        let number = self.next();
        let at = choice % self.tables.len();
        // So that there is something to lose.
        self.tables[at].is_indexed = true;
        let mut table = self.tables[at].clone();
        let key = format!("{}_more", table.key());
        let (name, first) = (table.name.clone(), table.columns[0].clone());
        self.add(
            format!("DROP INDEX IF EXISTS {}_first;\nCREATE INDEX {key} ON {name} ({first});\nALTER TABLE {name} ADD COLUMN extra TEXT NOT NULL DEFAULT 'x';\n", table.key()),
            format!("-- migrate: allow S33 \"an index may stay away\"\nDROP INDEX {key};\nALTER TABLE {name} DROP COLUMN extra;\n"),
        );
        table.columns.push("extra".to_owned());
        table.is_indexed = false;
        let index = format!("CREATE INDEX {key} ON {name} ({first});\n") + &table.indexes();
        let none = "UPDATE gone SET x = 1;\n".to_owned();
        let alter = format!("ALTER TABLE {name} ADD COLUMN c{number}");
        let drop = format!("ALTER TABLE {name} DROP COLUMN c{number};\n");
        let same = table.rebuild(&table.columns, "x", "", &index);
        let (code, up, down) = match what {
            0 => ("S05", format!("{alter} TEXT NOT NULL;\n"), drop),
            1 => (
                "S06",
                format!("{alter} TEXT DEFAULT CURRENT_TIMESTAMP;\n"),
                drop,
            ),
            2 => ("S08", format!("{alter} TEXT AS (id) STORED;\n"), drop),
            3 => (
                "S09",
                format!("{alter} INTEGER DEFAULT 1 CHECK (c{number} > 1);\n"),
                drop,
            ),
            4 => (
                "S12",
                format!("CREATE VIEW v AS SELECT nil FROM {name};\n"),
                "DROP VIEW v;\n".to_owned(),
            ),
            5 => (
                "S13",
                format!(
                    "{alter} INTEGER REFERENCES nowhere (id);\nCREATE INDEX i ON {name} (c{number});\n"
                ),
                format!("DROP INDEX i;\n{drop}"),
            ),
            6 => (
                "S14",
                table.rebuild(&table.columns, "x", "", &table.indexes()),
                same.clone(),
            ),
            7 => (
                "S15",
                table.rebuild(&table.columns, "x", " WHERE id < 900002", &index),
                same.clone(),
            ),
            8 => {
                let few = &table.columns[..table.columns.len() - 1];
                (
                    "S16",
                    table.rebuild(few, "x", "", &index),
                    drop.replace(
                        &format!("DROP COLUMN c{number}"),
                        "ADD COLUMN extra TEXT NOT NULL DEFAULT 'x'",
                    ),
                )
            }
            9 => (
                "S18",
                format!("UPDATE {name} SET {first} = \"nmae\";\n"),
                String::new(),
            ),
            10 => (
                "S33",
                format!("{alter} TEXT;\n"),
                format!("UPDATE {name} SET {first} = 'y';\n"),
            ),
            11 => ("M037", none, String::new()),
            12 => ("M038", format!("{alter} TEXT;\n"), none),
            _ => (
                "M039",
                format!("INSERT INTO {name} (id) VALUES ({number});\n"),
                format!("UPDATE {name} SET {first} = 'y';\n"),
            ),
        };
        let down = if down.is_empty() {
            "-- migrate: empty \"nothing\"\n".to_owned()
        } else {
            down
        };
        self.add(up, down);
        code
    }

    /// The codes of errors that are found, each once, and the set to show.
    fn errors(&self) -> (Vec<&'static str>, String) {
        let files: Vec<(&str, &str)> = self
            .files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let proof = proof(&files, &Options::default());
        let mut codes: Vec<&'static str> = proof
            .findings
            .iter()
            .filter(|finding| finding.code.level() == Level::Error)
            .map(|finding| finding.code.as_str())
            .collect();
        codes.sort_unstable();
        codes.dedup();
        let shown = files
            .iter()
            .map(|(name, text)| format!("== {name}\n{text}"));
        let found = proof.findings.iter().map(migrate_source::render::render);
        let shown: Vec<String> = shown.chain(found).chain(proof.notes.clone()).collect();
        (codes, shown.join("\n"))
    }
}

fn set() -> impl Strategy<Value = Set> {
    proptest::collection::vec((0..12usize, 0..1000usize), 1..10).prop_map(|steps| {
        let mut set = Set::default();
        for (what, choice) in steps {
            set.step(what, choice);
        }
        set
    })
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 60,
        rng_seed: RngSeed::Fixed(7),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_good_set_has_no_error(set in set()) {
        let (codes, shown) = set.errors();
        prop_assert!(codes.is_empty(), "{codes:?}\n{shown}");
    }

    #[test]
    fn a_planted_mistake_is_found(mut set in set(), what in 0..14usize, choice in 0..1000usize) {
        let code = set.plant(what, choice);
        let (codes, shown) = set.errors();
        prop_assert!(codes == [code], "{codes:?} is not {code}\n{shown}");
    }
}
