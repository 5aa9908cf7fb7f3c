//! Windows error codes without a name in `std`.

/// The file is being removed, or may not be changed.
pub(crate) const ACCESS_DENIED: i32 = 5;
/// Another program has the file open, and does not share it.
pub(crate) const SHARING_VIOLATION: i32 = 32;
/// Another program has locked a part of the file.
pub(crate) const LOCK_VIOLATION: i32 = 33;
