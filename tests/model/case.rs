//! One case: each operation is done twice, by the model and by the system.

use crate::model::{Back, Down, Kind, Migration, Model, Refusal, Up, Way};
use crate::operation::{Downward, Operation};
use crate::system::Done;
use crate::worker::{Outcome, applied};
use proptest::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// How often something that matters was met.
#[derive(Debug, Default)]
pub(crate) struct Tally(pub(crate) BTreeMap<&'static str, usize>);

/// What the model is compared with: a folder of files and a database.
pub(crate) trait System {
    /// Makes the files those of the model, and reads them again.
    fn write(&mut self, files: &[Migration]);
    fn reopen(&mut self);
    fn up(&mut self, to: Option<u64>, ahead: bool, whole: bool) -> Done;
    fn down(&mut self, back: Back) -> Done;
    fn redo(&mut self) -> Done;
    /// A run of its own, which may be killed.
    fn run(&mut self, settings: &[&str]) -> Outcome;
    fn together(&mut self, starters: usize, crash: Option<u16>) -> Vec<Outcome>;
    /// How many migrations the history holds, of which a run that was killed may
    /// have applied some.
    fn applied(&mut self) -> usize;
    /// Compares everything that can be seen with the model.
    fn check(&mut self, model: &Model) -> Result<(), TestCaseError>;
}

/// Model and system, side by side.
pub(crate) struct Case<'a, S> {
    model: Model,
    system: S,
    last_id: u32,
    tally: &'a RefCell<Tally>,
}

impl<S: System> Case<'_, S> {
    pub(crate) fn new(system: S, has_timestamps: bool, tally: &RefCell<Tally>) -> Case<'_, S> {
        let model = Model {
            has_timestamps,
            ..Model::default()
        };
        Case {
            model,
            system,
            last_id: 0,
            tally,
        }
    }

    fn count(&self, what: &'static str) {
        *self.tally.borrow_mut().0.entry(what).or_default() += 1;
    }

    pub(crate) fn step(&mut self, operation: &Operation) -> Result<(), TestCaseError> {
        match *operation {
            Operation::Up { to, ahead, whole } => {
                let to = to.map(|to| self.version(to));
                let way = self.model.way_up(to, ahead);
                let expected = self.expect_up(way, whole);
                let found = self.system.up(to, ahead, whole);
                self.same("up", &found, &expected)?;
            }
            Operation::Down(ref downward) => {
                let back = self.back(downward);
                let expected = self.expect_down(back);
                let found = self.system.down(back);
                self.same("down", &found, &expected)?;
            }
            Operation::Redo => {
                let expected = self.expect_redo();
                let found = self.system.redo();
                self.same("redo", &found, &expected)?;
            }
            Operation::Crash { after, whole } => self.crash(after, whole)?,
            Operation::CrashDown { after, steps } => self.crash_down(after, steps)?,
            Operation::Together { starters, crash } => self.together(starters, crash)?,
            Operation::Reopen => self.system.reopen(),
            ref change => {
                self.change(change);
                self.system.write(&self.model.files);
            }
        }
        self.system.check(&self.model)
    }

    fn same(&self, verb: &'static str, found: &Done, expected: &Done) -> Result<(), TestCaseError> {
        match expected {
            Ok(done) if done.is_empty() => self.count("nothing"),
            Ok(_) => self.count(verb),
            Err(Refusal::Drift(drift)) => drift.iter().for_each(|(kind, _)| self.count(kind)),
            Err(Refusal::Directory) => self.count("directory"),
            Err(Refusal::Failed(_)) => self.count("failed"),
            Err(Refusal::NoDown(_)) => self.count("no down"),
            Err(Refusal::NotApplied) => self.count("not applied"),
            Err(Refusal::LaterApplied) => self.count("later applied"),
            Err(Refusal::NotKnown) => self.count("not known"),
        }
        prop_assert_eq!(found, expected);
        Ok(())
    }

    /// What a run says; the model is then where the run leaves the database.
    fn expect_up(&mut self, way: Result<Way<Migration>, Refusal>, whole: bool) -> Done {
        let mut way = way?;
        if way.fails && whole {
            way.steps.clear();
        }
        way.steps.iter().for_each(|step| self.model.apply(step));
        let done = way.steps.iter().map(|step| step.version).collect();
        if way.fails {
            Err(Refusal::Failed(done))
        } else {
            Ok(done)
        }
    }

    fn expect_down(&mut self, back: Back) -> Done {
        let way = self.model.way_back(back)?;
        way.steps.iter().for_each(|step| self.model.undo(*step));
        let done = way.steps.iter().map(|step| step.0).collect();
        if way.fails {
            Err(Refusal::Failed(done))
        } else {
            Ok(done)
        }
    }

    /// Both in one transaction.
    fn expect_redo(&mut self) -> Done {
        let Some((migration, way)) = self.model.way_again()? else {
            return Ok(Vec::new());
        };
        if way.fails || migration.up.kind == Kind::Fails {
            return Err(Refusal::Failed(Vec::new()));
        }
        way.steps.iter().for_each(|step| self.model.undo(*step));
        self.model.apply(&migration);
        Ok(vec![migration.version; 2])
    }

    fn crash(&mut self, after: u16, whole: bool) -> Result<(), TestCaseError> {
        if self.model.directory().is_err() {
            return Ok(());
        }
        let abort = format!("abort_after={after}");
        let outcome = if whole {
            self.system.run(&[&abort, "transactions=all"])
        } else {
            self.system.run(&[&abort])
        };
        let way = self.model.way_up(None, false);
        if outcome.status.code().is_some() {
            let expected = self.expect_up(way, whole);
            return same_outcome(&outcome, &expected);
        }
        self.count("crash");
        let way = way.map_or(Vec::new(), |way| way.steps);
        let done = self
            .system
            .applied()
            .saturating_sub(self.model.applied.len());
        prop_assert!(done <= way.len(), "{} of {}", done, way.len());
        prop_assert!(!whole || [0, way.len()].contains(&done), "half of a whole");
        if 0 < done && done < way.len() {
            self.count("crash in half");
        }
        way.iter()
            .take(done)
            .for_each(|step| self.model.apply(step));
        Ok(())
    }

    fn crash_down(&mut self, after: u16, steps: u8) -> Result<(), TestCaseError> {
        if self.model.directory().is_err() {
            return Ok(());
        }
        let abort = format!("abort_after={after}");
        let outcome = self.system.run(&[&abort, &format!("steps={steps}")]);
        let back = Back::Steps(steps.into());
        if outcome.status.code().is_some() {
            let expected = self.expect_down(back);
            prop_assert_eq!(outcome.result == "ok", expected.is_ok(), "{:?}", outcome);
            return Ok(());
        }
        self.count("crash on the way down");
        let way = self
            .model
            .way_back(back)
            .map_or(Vec::new(), |way| way.steps);
        let done = self
            .model
            .applied
            .len()
            .saturating_sub(self.system.applied());
        prop_assert!(done <= way.len(), "{} of {}", done, way.len());
        way.iter()
            .take(done)
            .for_each(|step| self.model.undo(*step));
        Ok(())
    }

    /// Whoever survives finds everything done at the end, and each thing was
    /// done by one of them.
    fn together(&mut self, starters: usize, crash: Option<u16>) -> Result<(), TestCaseError> {
        if self.model.directory().is_err() {
            return Ok(());
        }
        let way = self.model.way_up(None, false);
        if way.as_ref().is_ok_and(|way| !way.steps.is_empty()) {
            self.count("together");
        }
        let expected = self.expect_up(way, false);
        let outcomes = self.system.together(starters, crash);
        let (dead, alive): (Vec<_>, Vec<_>) = outcomes
            .into_iter()
            .partition(|outcome| outcome.status.code().is_none());
        prop_assert!(dead.len() <= usize::from(crash.is_some()), "{:?}", dead);
        let mut done = applied(&alive);
        for outcome in &alive {
            // Who did what is left to chance.
            let expected = match &expected {
                Ok(_) => Ok(outcome.applied.clone()),
                Err(Refusal::Failed(_)) => Err(Refusal::Failed(outcome.applied.clone())),
                other => other.clone(),
            };
            same_outcome(outcome, &expected)?;
        }
        if let Ok(expected) | Err(Refusal::Failed(expected)) = expected {
            done.dedup();
            prop_assert_eq!(done.len(), applied(&alive).len(), "done twice");
            if dead.is_empty() {
                prop_assert_eq!(done, expected);
            } else {
                prop_assert!(done.iter().all(|version| expected.contains(version)));
            }
        }
        Ok(())
    }

    fn change(&mut self, change: &Operation) {
        let id = self.next_id();
        let files = &mut self.model.files;
        let pick = |at: usize, files: &[Migration]| at.checked_rem(files.len());
        match *change {
            Operation::Add { slot, kind, down } => {
                let last = files.iter().map(|file| file.version).max();
                let version = match (slot, last, self.model.has_timestamps) {
                    (Some(slot), _, true) => FIRST_TIMESTAMP + u64::from(slot),
                    // Any number but the next is a mistake here: one is enough.
                    (Some(slot), Some(_), false) if slot < 3 => u64::from(slot),
                    (_, Some(last), _) => last + 1,
                    (_, None, true) => FIRST_TIMESTAMP,
                    (_, None, false) => 1,
                };
                files.push(Migration {
                    version,
                    name: id,
                    up: Up { id, kind },
                    down: down.map(|fails| Down { id, of: id, fails }),
                });
            }
            Operation::Edit(at, kind) => {
                if let Some(at) = pick(at, files) {
                    files[at].up = Up { id, kind };
                    // Its down goes with it.
                    files[at].down = files[at].down.map(|down| Down { id, of: id, ..down });
                }
            }
            Operation::EditDown(at, down) => {
                if let Some(at) = pick(at, files) {
                    let of = files[at].up.id;
                    files[at].down = down.map(|fails| Down { id, of, fails });
                }
            }
            Operation::Rename(at) => {
                if let Some(at) = pick(at, files) {
                    files[at].name = id;
                }
            }
            Operation::Delete(at) => {
                if let Some(at) = pick(at, files) {
                    files.remove(at);
                }
            }
            Operation::CheckOutOlder(count) => {
                files.sort_by_key(|file| file.version);
                files.truncate(files.len().saturating_sub(count));
            }
            Operation::Restore => {
                let last = self.model.applied.last().map_or(0, |row| row.version);
                files.retain(|file| file.version > last);
                files.sort_by_key(|file| file.version);
                let first = if self.model.has_timestamps {
                    last.max(FIRST_TIMESTAMP)
                } else {
                    last
                };
                for (file, version) in files.iter_mut().zip(first + 1..) {
                    file.version = version;
                    file.up.kind = match file.up.kind {
                        Kind::Fails => Kind::Table,
                        good => good,
                    };
                }
                files.extend(self.model.applied.iter().cloned());
            }
            _ => {}
        }
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// One of the versions of the directory and of the history.
    fn version(&self, at: u8) -> u64 {
        let known: Vec<u64> = self
            .model
            .files
            .iter()
            .chain(&self.model.applied)
            .map(|migration| migration.version)
            .collect();
        let at = usize::from(at).checked_rem(known.len());
        at.map_or(1, |at| known[at])
    }

    fn back(&self, downward: &Downward) -> Back {
        match *downward {
            Downward::Steps(steps) => Back::Steps(steps),
            Downward::To(at) => Back::To(self.version(at)),
            Downward::Only(at) => Back::Only(self.version(at)),
            Downward::All => Back::All,
        }
    }
}

const FIRST_TIMESTAMP: u64 = 20_260_101_000_000;

fn same_outcome(outcome: &Outcome, expected: &Done) -> Result<(), TestCaseError> {
    let (result, applied) = match expected {
        Ok(applied) => ("ok", applied.as_slice()),
        Err(Refusal::Failed(applied)) => ("other", applied.as_slice()),
        Err(Refusal::Drift(drift)) => {
            if drift.iter().all(|(kind, _)| *kind == "ahead") {
                ("ahead", [].as_slice())
            } else {
                ("drift", [].as_slice())
            }
        }
        Err(refusal) => panic!("{refusal:?} is none of a way up"),
    };
    prop_assert_eq!(&outcome.result, result, "{:?}", outcome);
    prop_assert_eq!(&outcome.applied, applied, "{:?}", outcome);
    Ok(())
}
