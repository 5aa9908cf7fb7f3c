//! The methods of a file.

use super::Shared;
use crate::log::Place;
use crate::plan::{Done, Op};
use rusqlite::ffi::{self, sqlite3_file, sqlite3_int64};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// What stands at the beginning of the memory of a file. SQLite moves and drops
/// nothing of it, so that it must be plain data.
#[repr(C)]
pub(super) struct File {
    base: sqlite3_file,
    disk: &'static Shared,
    place: Option<Place>,
    /// Whether the next sync is one of the folder as well. The real VFS does
    /// the same with a journal that may be new.
    syncs_folder: Cell<bool>,
}

impl File {
    pub(super) fn new(disk: &'static Shared, place: Option<Place>, flags: c_int) -> File {
        let is_journal = matches!(place, Some(Place::Journal | Place::Wal));
        File {
            base: sqlite3_file {
                pMethods: &raw const METHODS,
            },
            disk,
            place,
            syncs_folder: Cell::new(is_journal && flags & ffi::SQLITE_OPEN_CREATE != 0),
        }
    }

    /// The real file, in the memory behind ours.
    ///
    /// # Safety
    ///
    /// The memory must be that of an open file of this VFS, or that which
    /// SQLite has made for one.
    pub(super) unsafe fn real(file: *mut sqlite3_file) -> *mut sqlite3_file {
        // SAFETY: `szOsFile` is the size of both.
        unsafe { file.cast::<File>().add(1).cast() }
    }

    fn note(&self, write: impl FnOnce(&mut crate::log::Log, Place)) {
        if let Some(place) = self.place {
            self.disk.note(|log| write(log, place));
        }
    }
}

/// The second version: without the methods of the third, SQLite maps no part
/// of a database into memory, where no fault could meet its reads.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Our part of a file.
///
/// # Safety
///
/// The file must be open, and of this VFS.
unsafe fn ours<'a>(file: *mut sqlite3_file) -> &'a File {
    // SAFETY: `open` has written it, and nothing changes it but through a cell;
    // SQLite uses a file from one thread at a time.
    unsafe { &*file.cast::<File>() }
}

/// Calls the method of the real file in the place of the one that was called.
macro_rules! pass {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls methods of open files only, and then the real
        // one is open too. The arguments are those that SQLite gave for just
        // this method.
        unsafe {
            let real = File::real($file);
            match (*(*real).pMethods).$method {
                Some(method) => method(real $(, $argument)*),
                None => ffi::SQLITE_IOERR,
            }
        }
    }};
}

/// As `pass!`, unless it is a call that fails.
macro_rules! guard {
    ($file:expr, $op:expr, $method:ident $(, $argument:expr)*) => {{
        // SAFETY: SQLite calls methods of open files only.
        let ours = unsafe { ours($file) };
        ours.disk.guard($op, || pass!($file, $method $(, $argument)*))
    }};
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    pass!(file, xClose)
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    buffer: *mut c_void,
    amount: c_int,
    offset: sqlite3_int64,
) -> c_int {
    guard!(file, Op::Read, xRead, buffer, amount, offset)
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    buffer: *const c_void,
    amount: c_int,
    offset: sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let ours = unsafe { ours(file) };
    let fault = ours.disk.state().plan.call(Op::Write);
    let amount = match fault.map(|fault| fault.done) {
        None | Some(Done::All) => amount,
        Some(Done::Half) => amount / 2,
        Some(Done::Nothing) => 0,
    };
    let mut result = ffi::SQLITE_OK;
    if amount > 0 {
        result = pass!(file, xWrite, buffer, amount, offset);
        if result == ffi::SQLITE_OK {
            // SAFETY: SQLite gives a buffer of at least so many bytes.
            let data = unsafe {
                std::slice::from_raw_parts(buffer.cast::<u8>(), amount.unsigned_abs() as usize)
            };
            ours.note(|log, place| log.wrote(place, position(offset), data));
        }
    }
    fault.map_or(result, |fault| fault.code)
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: sqlite3_int64) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let ours = unsafe { ours(file) };
    ours.disk.guard(Op::Truncate, || {
        let result = pass!(file, xTruncate, size);
        if result == ffi::SQLITE_OK {
            ours.note(|log, place| log.truncated(place, position(size)));
        }
        result
    })
}

/// The real file is not synced: the power is lost in the log alone, and what a
/// process has written outlives the process. It makes the tests fast.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: SQLite calls methods of open files only.
    let ours = unsafe { ours(file) };
    ours.disk.guard(Op::Sync, || {
        let folder = ours.syncs_folder.take();
        ours.note(|log, place| log.synced(place, folder));
        ffi::SQLITE_OK
    })
}

unsafe extern "C" fn file_size(file: *mut sqlite3_file, size: *mut sqlite3_int64) -> c_int {
    guard!(file, Op::FileSize, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut sqlite3_file, level: c_int) -> c_int {
    guard!(file, Op::Lock, xLock, level)
}

unsafe extern "C" fn unlock(file: *mut sqlite3_file, level: c_int) -> c_int {
    pass!(file, xUnlock, level)
}

unsafe extern "C" fn check_reserved_lock(file: *mut sqlite3_file, out: *mut c_int) -> c_int {
    guard!(file, Op::CheckReservedLock, xCheckReservedLock, out)
}

unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    op: c_int,
    argument: *mut c_void,
) -> c_int {
    pass!(file, xFileControl, op, argument)
}

unsafe extern "C" fn sector_size(file: *mut sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}

unsafe extern "C" fn device_characteristics(file: *mut sqlite3_file) -> c_int {
    pass!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut sqlite3_file,
    page: c_int,
    page_size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: SQLite calls methods of open files only, and gives a place for
    // the answer, which it reads after an error too.
    let ours = unsafe {
        *out = std::ptr::null_mut();
        ours(file)
    };
    ours.disk.guard(Op::ShmMap, || {
        pass!(file, xShmMap, page, page_size, extend, out)
    })
}

unsafe extern "C" fn shm_lock(
    file: *mut sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    if flags & ffi::SQLITE_SHM_LOCK != 0 {
        guard!(file, Op::ShmLock, xShmLock, offset, count, flags)
    } else {
        pass!(file, xShmLock, offset, count, flags)
    }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: SQLite calls methods of open files only.
    unsafe {
        let real = File::real(file);
        if let Some(method) = (*(*real).pMethods).xShmBarrier {
            method(real);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}

/// SQLite gives no negative ones.
fn position(offset: sqlite3_int64) -> usize {
    usize::try_from(offset).unwrap_or_default()
}
