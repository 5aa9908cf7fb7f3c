//! The VFS: one in front of the platform's own.

mod file;

use crate::log::{Log, Place};
use crate::plan::{Done, Op, Plan};
use file::File;
use rusqlite::ffi;
use std::ffi::{CStr, CString, c_char, c_int};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a disk and all its files share.
pub(crate) struct Shared {
    name: CString,
    real: *mut ffi::sqlite3_vfs,
    state: Mutex<State>,
}

// SAFETY: `real` is SQLite's own VFS, which lives as long as the process and
// may be called from every thread; nothing here changes it.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) plan: Plan,
    pub(crate) log: Option<Log>,
}

impl Shared {
    pub(crate) fn name(&self) -> &CStr {
        &self.name
    }

    /// A test that failed while it held this has said so already.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a call, unless it is one that fails.
    fn guard(&self, op: Op, call: impl FnOnce() -> c_int) -> c_int {
        let fault = self.state().plan.call(op);
        match fault {
            None => call(),
            Some(fault) => {
                if fault.done == Done::All {
                    call();
                }
                fault.code
            }
        }
    }

    fn note(&self, write: impl FnOnce(&mut Log)) {
        if let Some(log) = &mut self.state().log {
            write(log);
        }
    }
}

/// Makes a VFS, which is never taken away again: a file may still be open.
#[expect(clippy::expect_used, reason = "a test without its disk must fail")]
pub(crate) fn register(name: &str) -> &'static Shared {
    // Between the question whether the name is taken and the answer to it, no
    // other test may take it.
    static REGISTERING: Mutex<()> = Mutex::new(());
    let _guard = REGISTERING.lock().unwrap_or_else(PoisonError::into_inner);
    let name = CString::new(name).expect("a name without NUL");
    // SAFETY: SQLite copies nothing and keeps nothing; the name ends in NUL.
    // A null name asks for the default, which `sqlite3_vfs_find` initializes.
    let (taken, real) = unsafe {
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        (ffi::sqlite3_vfs_find(name.as_ptr()), real)
    };
    assert!(taken.is_null(), "a disk is called {name:?} already");
    assert!(!real.is_null(), "this SQLite has no VFS");
    let shared: &'static Shared = Box::leak(Box::new(Shared {
        name,
        real,
        state: Mutex::default(),
    }));
    // SAFETY: it is a valid structure of plain values and functions. Those that
    // are not replaced below (random numbers, time, dynamic libraries) do not
    // look at the VFS that they are called with.
    let real_vfs = unsafe { *real };
    let vfs = ffi::sqlite3_vfs {
        iVersion: 2,
        szOsFile: size(size_of::<File>()) + real_vfs.szOsFile,
        pNext: std::ptr::null_mut(),
        zName: shared.name.as_ptr(),
        pAppData: std::ptr::from_ref(shared).cast_mut().cast(),
        xOpen: Some(open),
        xDelete: Some(delete),
        xAccess: Some(access),
        xFullPathname: Some(full_pathname),
        xSleep: Some(sleep),
        ..real_vfs
    };
    // SAFETY: the structure and all that it points to live for ever.
    let result = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 0) };
    assert_eq!(result, ffi::SQLITE_OK);
    shared
}

/// The disk of a VFS.
///
/// # Safety
///
/// The VFS must come from [`register`].
unsafe fn disk(vfs: *mut ffi::sqlite3_vfs) -> &'static Shared {
    // SAFETY: `register` put a reference there that lives for ever.
    unsafe { &*(*vfs).pAppData.cast::<Shared>() }
}

/// Calls the method of the real VFS in the place of the one that was called.
macro_rules! pass {
    ($disk:expr, $method:ident $(, $argument:expr)*) => {{
        let real = $disk.real;
        // SAFETY: `real` is valid for ever, and the arguments are those that
        // SQLite gave for just this method.
        unsafe {
            match (*real).$method {
                Some(method) => method(real $(, $argument)*),
                None => ffi::SQLITE_ERROR,
            }
        }
    }};
}

/// A file, in memory that SQLite has made: `szOsFile` bytes, the first for
/// [`File`], the others for the real one.
unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls this with our VFS and with that memory. Without
    // methods, SQLite does not close a file that could not be opened.
    let disk = unsafe {
        (*file).pMethods = std::ptr::null();
        disk(vfs)
    };
    disk.guard(Op::Open, || {
        // SAFETY: the real file lies behind ours, as `szOsFile` promises.
        let real = unsafe { File::real(file) };
        let result = pass!(disk, xOpen, name, real, flags, out_flags);
        if result == ffi::SQLITE_OK {
            let place = logged(flags);
            // SAFETY: the memory is large enough, aligned for any C structure,
            // and `File` has nothing to drop.
            unsafe { file.cast::<File>().write(File::new(disk, place, flags)) };
            if let Some(place) = place {
                disk.note(|log| log.opened(place));
            }
        }
        result
    })
}

/// What kind of file SQLite opens; those for sorting and for the undoing of one
/// statement are nothing after a loss of power.
fn logged(flags: c_int) -> Option<Place> {
    match flags {
        flags if flags & ffi::SQLITE_OPEN_MAIN_DB != 0 => Some(Place::Database),
        flags if flags & ffi::SQLITE_OPEN_MAIN_JOURNAL != 0 => Some(Place::Journal),
        flags if flags & ffi::SQLITE_OPEN_WAL != 0 => Some(Place::Wal),
        _ => None,
    }
}

unsafe extern "C" fn delete(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    // SAFETY: SQLite calls this with our VFS and a name that ends in NUL.
    let (disk, place) = unsafe { (disk(vfs), Place::of(CStr::from_ptr(name).to_bytes())) };
    disk.guard(Op::Delete, || {
        let result = pass!(disk, xDelete, name, 0);
        if result == ffi::SQLITE_OK {
            disk.note(|log| log.deleted(place, sync_folder != 0));
        }
        result
    })
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite calls this with our VFS.
    let disk = unsafe { disk(vfs) };
    disk.guard(Op::Access, || pass!(disk, xAccess, name, flags, out))
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    length: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: SQLite calls this with our VFS.
    let disk = unsafe { disk(vfs) };
    pass!(disk, xFullPathname, name, length, out)
}

/// Nobody holds a lock here that a pause would free: a lock that fails does so
/// by plan. SQLite counts its pauses and not the time, so it gives up at once.
unsafe extern "C" fn sleep(_vfs: *mut ffi::sqlite3_vfs, microseconds: c_int) -> c_int {
    microseconds
}

#[expect(clippy::expect_used, reason = "the size of a small structure")]
fn size(bytes: usize) -> c_int {
    c_int::try_from(bytes).expect("a small structure")
}
