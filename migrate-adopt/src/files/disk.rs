//! Reading files and directories.

use super::error::{Error, Kind};
use migrate_model::files::list;
use migrate_runtime::__private::Disk;
use migrate_scan::text;
use std::fs;
use std::path::Path;

/// All files below a directory, except those whose names begin with a dot and
/// those in `archive/`.
pub(super) fn files(directory: &Path) -> Result<Vec<String>, Error> {
    let mut paths = list(&mut Disk(directory.to_owned())).map_err(|(folder, reason)| {
        Error::with_source(Kind::Unreadable(shown(directory, &folder)), reason)
    })?;
    paths.retain(|path| !path.rsplit('/').next().unwrap_or(path).starts_with('.'));
    Ok(paths)
}

/// Reads a regular file; reading a pipe would block.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let unreadable = || Kind::Unreadable(path.display().to_string());
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            Err(Error::with_source(unreadable(), "it is not a regular file"))
        }
        _ => fs::read(path).map_err(|error| Error::with_source(unreadable(), error)),
    }
}

/// The canonical text of a file; fails if it is not text.
pub(super) fn text(file: &str, bytes: &[u8]) -> Result<String, Error> {
    if bytes.contains(&0) {
        return Err(Kind::Nul(file.to_owned()).into());
    }
    text::canonicalize(bytes).map_err(|offset| Kind::NotUtf8(file.to_owned(), offset).into())
}

pub(super) fn shown(directory: &Path, path: &str) -> String {
    migrate_tools::shown(&directory.join(path))
}
