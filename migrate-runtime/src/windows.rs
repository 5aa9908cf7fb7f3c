//! Errors of Windows that `std` has no name for.

/// A file that is being removed, or that may not be changed.
pub(crate) const ACCESS_DENIED: i32 = 5;
/// Another program has the file open, and does not share it.
pub(crate) const SHARING_VIOLATION: i32 = 32;
/// Another program has locked a part of the file.
pub(crate) const LOCK_VIOLATION: i32 = 33;
