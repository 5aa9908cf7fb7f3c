//! Which call of which operation fails, and how.

use std::ffi::c_int;

/// What SQLite asks of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Opening a file: the database, a journal, or one for a large sort.
    Open,
    /// Reading from a file.
    Read,
    /// Writing to a file.
    Write,
    /// Cutting a file short.
    Truncate,
    /// Waiting until a file is safe from a loss of power.
    Sync,
    /// Deleting a file.
    Delete,
    /// Asking whether a file exists or can be written.
    Access,
    /// Asking for the length of a file.
    FileSize,
    /// Taking a lock on the database.
    Lock,
    /// Asking whether another connection is about to write.
    CheckReservedLock,
    /// Mapping the index of the write-ahead log into memory.
    ShmMap,
    /// Taking a lock on that index.
    ShmLock,
}

impl Op {
    /// The number of operations.
    const COUNT: usize = Op::ShmLock as usize + 1;
}

/// What a call does before it reports its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Nothing.
    Nothing,
    /// The first half of a write, and nothing of anything else.
    Half,
    /// Everything: only the report is wrong.
    All,
}

/// A call that fails.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// The operation.
    pub op: Op,
    /// Which of its calls, from 1.
    pub nth: usize,
    /// Whether all its later calls fail too.
    pub for_ever: bool,
    /// The extended result code that SQLite is told.
    pub code: c_int,
    /// What happens nevertheless.
    pub done: Done,
}

impl Fault {
    /// A call that does nothing but fail, and works the next time.
    #[must_use]
    pub fn once(op: Op, nth: usize, code: c_int) -> Fault {
        Fault {
            op,
            nth,
            for_ever: false,
            code,
            done: Done::Nothing,
        }
    }
}

/// The counters, and the fault that is armed.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    calls: [usize; Op::COUNT],
    fault: Option<Fault>,
    fired: usize,
}

impl Plan {
    pub(crate) fn arm(&mut self, fault: Option<Fault>) {
        *self = Plan {
            fault,
            ..Plan::default()
        };
    }

    pub(crate) fn calls(&self, op: Op) -> usize {
        self.calls[op as usize]
    }

    pub(crate) fn fired(&self) -> usize {
        self.fired
    }

    /// Counts a call, and says whether it fails.
    pub(crate) fn call(&mut self, op: Op) -> Option<Fault> {
        let calls = &mut self.calls[op as usize];
        *calls += 1;
        let fault = self.fault.filter(|fault| {
            fault.op == op && (*calls == fault.nth || fault.for_ever && *calls > fault.nth)
        });
        self.fired += usize::from(fault.is_some());
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_its_call_and_no_other() {
        let mut plan = Plan::default();
        for (for_ever, expected) in [
            (false, [false, true, false, false]),
            (true, [false, true, true, true]),
        ] {
            plan.arm(Some(Fault {
                for_ever,
                ..Fault::once(Op::Sync, 2, 1)
            }));
            let failed = expected.map(|_| {
                assert!(plan.call(Op::Write).is_none());
                plan.call(Op::Sync).is_some()
            });
            assert_eq!(failed, expected);
            assert_eq!((plan.calls(Op::Sync), plan.calls(Op::Write)), (4, 4));
            assert_eq!(
                plan.fired(),
                expected.iter().filter(|fired| **fired).count()
            );
        }
    }
}
