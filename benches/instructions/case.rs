//! What is counted: one call, in a process of its own.

use migrate_benches::floor::{self, StartUp};
use migrate_benches::{migrator, sets};
use migrate_runtime::Transactions;
use rusqlite::Connection;
use std::error::Error;
use std::hint::black_box;

/// One kind of call, with the number of migrations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) count: usize,
}

/// Whose code runs.
#[derive(Clone, Copy)]
pub(crate) enum Runner {
    Ours,
    Floor,
}

/// Each migration in a transaction of its own.
const EACH: &str = "apply-each";
/// All migrations in one transaction.
const ALL: &str = "apply-all";
/// Nothing is pending.
const STARTUP: &str = "startup";

impl Case {
    pub(crate) const ALL: [Case; 8] = [
        Case::new(EACH, 10),
        Case::new(EACH, 100),
        Case::new(EACH, 1000),
        Case::new(ALL, 10),
        Case::new(ALL, 100),
        Case::new(ALL, 1000),
        Case::new(STARTUP, 10),
        Case::new(STARTUP, 100),
    ];

    const fn new(name: &'static str, count: usize) -> Case {
        Case { name, count }
    }

    pub(crate) fn parse(name: &str, count: &str) -> Result<Case, Box<dyn Error>> {
        let name = [EACH, ALL, STARTUP].into_iter().find(|each| *each == name);
        Ok(Case {
            name: name.ok_or("the case is apply-each, apply-all or startup")?,
            count: count.parse()?,
        })
    }

    pub(crate) fn run(self, runner: Runner) -> Result<(), Box<dyn Error>> {
        let migrator = migrator(&sets::realistic(self.count));
        let registry = migrator.registry();
        let mut conn = Connection::open_in_memory()?;
        if self.name == STARTUP {
            migrator.up(&mut conn)?;
            return match runner {
                Runner::Ours => {
                    let mut up = || Ok(migrator.up(&mut conn)?.is_empty());
                    // The first one fills the cache of statements.
                    up()?;
                    counted(&mut up)
                }
                Runner::Floor => {
                    let mut floor = StartUp::new(&conn, registry)?;
                    let mut start = || Ok(floor.is_same()?);
                    start()?;
                    counted(&mut start)
                }
            };
        }
        let in_one = self.name == ALL;
        match runner {
            Runner::Ours => {
                let migrator = if in_one {
                    migrator.transactions(Transactions::All)
                } else {
                    migrator
                };
                counted(&mut || Ok(migrator.up(&mut conn)?.applied().len() == self.count))
            }
            Runner::Floor => {
                counted(&mut || Ok(floor::apply(&mut conn, registry, in_one)? == self.count))
            }
        }
    }
}

impl Runner {
    pub(crate) fn parse(text: &str) -> Result<Runner, Box<dyn Error>> {
        [Runner::Ours, Runner::Floor]
            .into_iter()
            .find(|runner| runner.name() == text)
            .ok_or_else(|| "the runner is ours or floor".into())
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Runner::Ours => "ours",
            Runner::Floor => "floor",
        }
    }
}

type Call<'a> = &'a mut dyn FnMut() -> Result<bool, Box<dyn Error>>;

/// The function inside which valgrind counts: it finds it by its name.
#[inline(never)]
fn counted(call: Call<'_>) -> Result<(), Box<dyn Error>> {
    if black_box(call())? {
        Ok(())
    } else {
        Err("it did not do what is counted".into())
    }
}
