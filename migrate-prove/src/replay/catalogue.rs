//! A schema in comparable form, independent of its spelling.
//!
//! Facts are read from the tokens where possible instead of by a query, and pragmas are not used as
//! table-valued functions: SQLite's parser is not optimized in most builds. Neither is the code
//! here, where a `BTreeMap` is cheaper than the hash function of a `HashMap`.

use crate::replay::memory::Memory;
use crate::replay::subject::{Part, Subject};
use migrate_scan::sqlite::{Tokens, name_of, quote};
use rusqlite::{Connection, Result, Row};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

/// The objects of a schema by their rowid in it, without those that SQLite creates itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    objects: BTreeMap<i64, Rc<Object>>,
    /// The objects of each name, in lower case.
    named: Places,
    /// The objects on each table, including the table.
    on_table: Places,
    /// The objects whose SQL contains a word. Only the main schema has this.
    mentioned: Places,
    virtual_tables: usize,
    /// A cache of the tokens of every SQL text, shared with the copies.
    tokens: Rc<RefCell<BTreeMap<String, Arc<[String]>>>>,
}

/// The rowids of the objects for each word, in ascending order.
type Places = BTreeMap<String, Vec<i64>>;

/// One object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) place: i64,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// Its table, in lower case.
    pub(crate) table: String,
    pub(crate) root: i64,
    pub(crate) sql: String,
    /// The words of its SQL, without space, comments and the quotes of names.
    pub(crate) tokens: Arc<[String]>,
}

impl Object {
    /// Whether a row of the schema describes the same object, without copying it.
    fn is_row(&self, row: &Row<'_>) -> bool {
        let text = |at| row.get_ref(at).ok().and_then(|value| value.as_str().ok());
        text(5) == Some(&self.sql)
            && text(2) == Some(&self.name)
            && text(3).is_some_and(|table| table.eq_ignore_ascii_case(&self.table))
            && row
                .get(4)
                .is_ok_and(|root: Option<i64>| root.unwrap_or(0) == self.root)
    }

    /// Whether it may have a foreign key.
    pub(crate) fn has_references(&self) -> bool {
        self.tokens.iter().any(|token| token == "references")
    }

    pub(crate) fn is_unique_index(&self) -> bool {
        self.kind == Kind::Index && self.tokens.get(1).is_some_and(|word| word == "unique")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Table,
    Virtual,
    Index,
    View,
    Trigger,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Kind::Table | Kind::Virtual => "table",
            Kind::Index => "index",
            Kind::View => "view",
            Kind::Trigger => "trigger",
        }
    }
}

/// The rowid, and the columns type, name, `tbl_name`, rootpage and sql. SQLite compiles this again
/// after each change of the schema, so it is short, and [`is_listed`] does the rest.
const COLUMNS: &str = "SELECT rowid, * FROM main.sqlite_schema WHERE rowid >= ?1";

/// Whether a row of the schema is an object that SQLite did not create itself.
fn is_listed(row: &Row<'_>) -> bool {
    let text = |at| row.get_ref(at).ok().and_then(|value| value.as_str().ok());
    text(5).is_some() && !text(2).is_some_and(|name| name.starts_with("sqlite_"))
}

/// The rowid of the history table, which belongs to the runner. Only the objects after it are read.
const HISTORY: i64 = 1;

impl Catalogue {
    /// An empty one, which knows the tokens of the objects that the scripts of a set create.
    pub(crate) fn of_scripts(set: &[Subject<'_>]) -> Catalogue {
        let parts = set.iter().flat_map(Subject::parts);
        let definitions = parts
            .filter(|part| !part.is_rust)
            .flat_map(Part::definitions);
        let tokens = definitions.map(|(text, words)| (text.to_owned(), Arc::clone(words)));
        Catalogue {
            tokens: Rc::new(RefCell::new(tokens.collect())),
            ..Catalogue::default()
        }
    }

    /// Reads a whole schema, with the tokens that `known` has already.
    pub(crate) fn read(memory: &Memory, known: &Catalogue) -> Result<Catalogue> {
        let first = if memory.has_history {
            HISTORY + 1
        } else {
            HISTORY
        };
        Catalogue::read_from(first, &memory.conn, known)
    }

    /// Reads the schema of a database in use, without some tables and the objects on them.
    pub(crate) fn of_database(conn: &Connection, ignored: &[&str]) -> Result<Catalogue> {
        let mut catalogue = Catalogue::read_from(0, conn, &Catalogue::default())?;
        for table in ignored {
            let places = catalogue.on_table.remove(&table.to_ascii_lowercase());
            for place in places.into_iter().flatten() {
                catalogue.remove(place);
            }
        }
        Ok(catalogue)
    }

    fn read_from(first: i64, conn: &Connection, known: &Catalogue) -> Result<Catalogue> {
        let mut catalogue = Catalogue {
            tokens: Rc::clone(&known.tokens),
            ..Catalogue::default()
        };
        let mut statement = conn.prepare_cached(COLUMNS)?;
        let mut rows = statement.query([first])?;
        while let Some(row) = rows.next()? {
            if is_listed(row) {
                let object = catalogue.object(row)?;
                catalogue.insert(object);
            }
        }
        drop(rows);
        catalogue.without_shadows(conn)?;
        Ok(catalogue)
    }

    /// Reads everything again. This is needed after a rename, which rewrites all references.
    pub(crate) fn read_again(&mut self, memory: &Memory) -> Result<()> {
        *self = Catalogue::read(memory, self)?;
        let places: Vec<i64> = self.objects.keys().copied().collect();
        for place in places {
            self.mention(place);
        }
        Ok(())
    }

    /// Reads the objects that may have changed: from the first one on a touched table or view. A
    /// new object comes after all existing ones, or takes the place of a dropped one. A virtual
    /// table may have dropped the tables that it created for itself: then the new object comes
    /// after the virtual table.
    pub(crate) fn refresh(&mut self, memory: &Memory, touched: &BTreeSet<String>) -> Result<()> {
        // SQLite's own tables are not in the catalogue.
        if touched.iter().any(|table| table.starts_with("sqlite_")) {
            return self.read_again(memory);
        }
        let last = self.objects.keys().next_back().copied().unwrap_or(HISTORY);
        let known = touched.iter().filter_map(|table| self.on_table.get(table));
        let first = known.flatten().copied().min().unwrap_or(last + 1);
        let mut gone: BTreeSet<i64> = self.objects.range(first..).map(|(at, _)| *at).collect();
        let mut later = memory.conn.prepare_cached(COLUMNS)?;
        let mut rows = later.query([first])?;
        while let Some(row) = rows.next()? {
            if !is_listed(row) {
                continue;
            }
            let place = row.get(0)?;
            gone.remove(&place);
            if !self.at(place).is_some_and(|it| it.is_row(row)) {
                let object = self.object(row)?;
                self.insert(object);
                self.mention(place);
            }
        }
        for place in gone {
            self.remove(place);
        }
        drop(rows);
        self.without_shadows(&memory.conn)
    }

    /// Removes the tables that a virtual table creates for itself.
    fn without_shadows(&mut self, conn: &Connection) -> Result<()> {
        if self.virtual_tables == 0 {
            return Ok(());
        }
        let mut statement = conn.prepare_cached(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            let places = self.on_table.get(&name.to_ascii_lowercase()).cloned();
            for place in places.into_iter().flatten() {
                self.remove(place);
            }
        }
        Ok(())
    }

    fn object(&self, row: &Row<'_>) -> Result<Object> {
        let (kind, table, sql): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(5)?);
        let tokens = self.tokens_of(&sql);
        Ok(Object {
            place: row.get(0)?,
            kind: match kind.as_str() {
                "index" => Kind::Index,
                "view" => Kind::View,
                "trigger" => Kind::Trigger,
                _ if tokens.get(1).is_some_and(|word| word == "virtual") => Kind::Virtual,
                _ => Kind::Table,
            },
            name: row.get(2)?,
            table: table.to_ascii_lowercase(),
            root: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
            sql,
            tokens,
        })
    }

    fn tokens_of(&self, sql: &str) -> Arc<[String]> {
        let known = self.tokens.borrow().get(sql).map(Arc::clone);
        known.unwrap_or_else(|| {
            let tokens: Arc<[String]> = tokens(sql).into();
            let kept = Arc::clone(&tokens);
            self.tokens.borrow_mut().insert(sql.to_owned(), kept);
            tokens
        })
    }

    fn insert(&mut self, object: Object) {
        let place = object.place;
        self.remove(place);
        enter(&mut self.named, object.name.to_ascii_lowercase(), place);
        enter(&mut self.on_table, object.table.clone(), place);
        self.virtual_tables += usize::from(object.kind == Kind::Virtual);
        self.objects.insert(place, Rc::new(object));
    }

    /// Records the words of an object.
    fn mention(&mut self, place: i64) {
        let Some(object) = self.objects.get(&place) else {
            return;
        };
        for word in object.tokens.iter().filter_map(|word| as_name(word)) {
            enter(&mut self.mentioned, word, place);
        }
    }

    fn remove(&mut self, place: i64) {
        let Some(object) = self.objects.remove(&place) else {
            return;
        };
        leave(&mut self.named, &object.name.to_ascii_lowercase(), place);
        leave(&mut self.on_table, &object.table, place);
        self.virtual_tables -= usize::from(object.kind == Kind::Virtual);
        if !self.mentioned.is_empty() {
            for word in object.tokens.iter().filter_map(|word| as_name(word)) {
                leave(&mut self.mentioned, &word, place);
            }
        }
    }

    /// All objects, in the order of their creation.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Rc<Object>> {
        self.objects.values()
    }

    pub(crate) fn has_virtual_tables(&self) -> bool {
        self.virtual_tables > 0
    }

    pub(crate) fn at(&self, place: i64) -> Option<&Rc<Object>> {
        self.objects.get(&place)
    }

    /// The objects of a name, in lower case: a table and a trigger can have the same.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.many(&self.named, name)
    }

    /// The table of a name.
    pub(crate) fn table(&self, name: &str) -> Option<&Rc<Object>> {
        let mut objects = self.named(name);
        objects.find(|it| matches!(it.kind, Kind::Table | Kind::Virtual))
    }

    /// Whether one of the definitions in the scripts or in the schema so far is like this, by its
    /// words.
    pub(crate) fn has_had(&self, is_so: impl Fn(&[String]) -> bool) -> bool {
        self.tokens.borrow().values().any(|words| is_so(words))
    }

    /// The objects on a table or view, itself included.
    pub(crate) fn on_table(&self, table: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.many(&self.on_table, table)
    }

    /// The objects that have this word in their SQL.
    pub(crate) fn mentioning(&self, word: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.many(&self.mentioned, word)
    }

    fn many<'c>(&'c self, places: &'c Places, word: &str) -> impl Iterator<Item = &'c Rc<Object>> {
        let places = places.get(word).map_or(&[][..], |places| places);
        places.iter().filter_map(|place| self.objects.get(place))
    }
}

fn enter(all: &mut Places, word: impl AsRef<str> + Into<String>, place: i64) {
    match all.get_mut(word.as_ref()) {
        None => drop(all.insert(word.into(), vec![place])),
        // Most objects are newer than all others.
        Some(places) if places.last().is_some_and(|last| *last < place) => places.push(place),
        Some(places) => {
            if let Err(at) = places.binary_search(&place) {
                places.insert(at, place);
            }
        }
    }
}

fn leave(all: &mut Places, word: &str, place: i64) {
    if let Some(places) = all.get_mut(word)
        && let Ok(at) = places.binary_search(&place)
    {
        places.remove(at);
    }
}

/// The tables among some objects that have rows, in lower case.
pub(crate) fn filled<'c>(
    conn: &Connection,
    objects: impl Iterator<Item = &'c Rc<Object>>,
) -> BTreeSet<String> {
    let has_rows = |table: &&Rc<Object>| {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM main.{})", quote(&table.name));
        // A virtual table may refuse to be read.
        conn.query_row(&sql, [], |row| row.get(0)).unwrap_or(false)
    };
    let tables = objects.filter(|it| it.kind <= Kind::Virtual);
    tables.filter(has_rows).map(|it| it.table.clone()).collect()
}

/// The tokens of a statement in lower case, without white space, comments and the quotes of names,
/// which `ALTER TABLE … RENAME` adds.
pub(crate) fn tokens(sql: &str) -> Vec<String> {
    let mut words = Vec::new();
    for token in Tokens::new(sql) {
        if token.kind.is_blank() {
            continue;
        }
        let text = &sql[token.range];
        words.push(if text.starts_with('\'') {
            text.to_owned()
        } else {
            name_of(text).to_ascii_lowercase()
        });
    }
    words
}

/// The word as a name, if it may be one. In the arguments of a virtual table, a name may be in
/// single quotes.
pub(crate) fn as_name(word: &str) -> Option<Cow<'_, str>> {
    if word.starts_with('\'') {
        return Some(Cow::Owned(name_of(word).to_ascii_lowercase()));
    }
    let mut bytes = word.bytes();
    let is_operator = bytes.all(|it| it.is_ascii_punctuation() && it != b'_');
    (!is_operator).then_some(Cow::Borrowed(word))
}
