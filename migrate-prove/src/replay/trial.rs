//! The input of a trial, which runs one migration on a copy of a part of the database.

use crate::replay::catalogue::{Catalogue, Kind, Object};
use crate::replay::closure::Closure;
use crate::replay::memory::Memory;
use crate::replay::options::Options;
use crate::replay::rows::{Hints, RowSet};
use crate::replay::subject::{Part, Subject};
use migrate_scan::sqlite::quote;
use rusqlite::Result;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The input of every trial of a set.
#[derive(Clone, Copy)]
pub(crate) struct Trial<'t, 'a> {
    /// The database after the earlier migrations, without generated rows.
    pub(crate) main: &'t Memory,
    pub(crate) catalogue: &'t Catalogue,
    /// Its tables that may have rows, in lower case.
    pub(crate) filled: &'t BTreeSet<String>,
    /// The part of it that is copied. Default: all of it.
    pub(crate) part: Option<&'t Closure>,
    /// The maximum number of rows that are copied from a table. Default: all of them.
    pub(crate) most_rows: Option<u32>,
    pub(crate) subject: &'t Subject<'a>,
    /// The migrations before it.
    pub(crate) earlier: &'t [Subject<'a>],
    /// Whether it names tables to which they left references.
    pub(crate) is_awaited: bool,
    /// The rows that the tables of a copy get.
    pub(crate) rows: &'t RowSet,
    pub(crate) hints: &'t Hints,
    pub(crate) options: &'t Options<'t>,
}

impl<'t, 'a> Trial<'t, 'a> {
    pub(crate) fn parts(self) -> impl Iterator<Item = &'t Part<'a>> + Clone {
        self.subject.parts()
    }

    /// Whether a word occurs in one of the scripts or in the schema.
    pub(crate) fn mentions(self, word: &str) -> bool {
        let mut words = self.parts().flat_map(Part::all_words);
        self.parts().any(|part| part.is_rust)
            || words.any(|it| it == word)
            || self.catalogue.mentioning(word).next().is_some()
    }

    /// The objects that are copied.
    pub(crate) fn objects(self) -> impl Iterator<Item = &'t Rc<Object>> {
        let Trial {
            catalogue, part, ..
        } = self;
        let all = part.is_none().then(|| catalogue.objects());
        let some = part
            .into_iter()
            .flat_map(|part| &part.objects)
            .filter_map(|place| catalogue.at(*place));
        all.into_iter().flatten().chain(some)
    }

    /// Whether a table gets generated rows.
    pub(crate) fn needs_rows(self, table: &Object) -> bool {
        let there = self.catalogue.table(&table.table);
        let is_referred = |place| self.part.is_some_and(|part| part.referred.contains(place));
        !there.is_some_and(|it| is_referred(&it.place))
    }

    /// Whether the copy lacks rows of the tables.
    pub(crate) fn is_cut(self) -> Result<bool> {
        let Some(most) = self.most_rows else {
            return Ok(false);
        };
        for table in self.objects() {
            if !self.filled.contains(&table.table) || table.kind > Kind::Virtual {
                continue;
            }
            let name = quote(&table.name);
            let sql = format!("SELECT EXISTS (SELECT 1 FROM main.{name} LIMIT 1 OFFSET {most})");
            if self.main.number(&sql).is_ok_and(|found| found > 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
