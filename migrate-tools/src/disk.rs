//! Writing and renaming files of a migrations directory, and timestamps for their names.

use crate::error::{Error, Kind};
use migrate_model::Version;
use migrate_runtime::__private::rename as rename_file;
use migrate_source::lock_file::FILE_NAME;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A path as the compiler shows it: with `/` on every system, and not at the end. The
/// prefix that `canonicalize` adds on Windows is removed, because other programs do not
/// accept it.
pub fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    let path = match path.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}"),
        None => path.strip_prefix(r"\\?\").unwrap_or(&path).to_owned(),
    };
    path.replace('\\', "/").trim_end_matches('/').to_owned()
}

/// Whether two paths name one file or folder, which exists.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let canonical = one.canonicalize().ok();
    canonical.is_some() && canonical == other.canonicalize().ok()
}

/// Replaces the lock file.
pub fn replace(directory: &Path, text: &str) -> Result<(), Error> {
    put(directory, FILE_NAME, text.as_bytes()).map_err(|error| {
        let path = directory.join(FILE_NAME);
        let mut what = format!("`{}` cannot be written, and is unchanged", path.display());
        // A busy resource has its own help in the source.
        if error.kind() != io::ErrorKind::ResourceBusy {
            what += "; make its folder writable";
        }
        Error::with_source(Kind::LockFile(what), error)
    })
}

/// Writes a file, and replaces one of the same name. If this is interrupted at any
/// point, either the old file or the new one is there, complete.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Files whose names begin with a dot are ignored in a migrations directory.
    let temporary = folder.join(format!(".{name}.{}", std::process::id()));
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    // The file is closed here: Windows does not rename every open file.
    let written = written.and_then(|()| rename_file(&temporary, &folder.join(name)));
    if written.is_err() {
        // The temporary file may not exist; what counts is the first error.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    // Without this, a power failure may restore the old file, which does no
    // damage. Not every system supports it.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Renames files one by one. If one rename fails, the earlier ones are undone.
pub(crate) fn rename(directory: &Path, moves: &[(String, String)]) -> Result<(), Error> {
    for (from, to) in moves {
        let is_leaving = moves.iter().any(|(from, _)| from == to);
        let (old, new) = (directory.join(from), directory.join(to));
        if !is_leaving && exists(&new) && !is_other_case(&old, &new) {
            let what = format!("`{to}` already exists, and is not overwritten; move it away");
            return Err(Kind::LockFile(what).into());
        }
    }
    for (i, (from, to)) in moves.iter().enumerate() {
        if let Err(error) = rename_one(&directory.join(from), &directory.join(to)) {
            for (from, to) in moves[..i].iter().rev() {
                // A rename that cannot be undone is found by the next run.
                let _ = rename_one(&directory.join(to), &directory.join(from));
            }
            let what = format!("`{from}` cannot be renamed to `{to}`; nothing was renamed");
            return Err(Error::with_source(Kind::LockFile(what), error));
        }
    }
    Ok(())
}

fn rename_one(from: &Path, to: &Path) -> io::Result<()> {
    if exists(to) && !is_other_case(from, to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let folders = (from.parent(), to.parent());
    if let (Some(old), Some(new)) = folders
        && old != new
    {
        fs::create_dir_all(new)?;
        rename_file(from, to)?;
        // A folder is removed with its last file.
        let _ = fs::remove_dir(old);
        return Ok(());
    }
    rename_file(from, to)
}

/// Whether a path exists; a dangling link counts.
fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether two names of one file differ only in case, as is possible on Windows and
/// macOS: such a file does not block its own renaming.
fn is_other_case(from: &Path, to: &Path) -> bool {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().to_lowercase()
    };
    let is_file = |path: &Path| path.symlink_metadata().is_ok_and(|it| it.is_file());
    from != to && name(from) == name(to) && is_file(from) && is_file(to) && is_same_file(from, to)
}

/// The current time in UTC as a version of 14 digits; `None` before 1970.
pub fn now() -> Option<Version> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Version::from_u64(timestamp(since.as_secs()))
}

/// The seconds since 1970 as `YYYYMMDDhhmmss`. A calendar crate would be one more
/// dependency for every user, for this function alone.
fn timestamp(seconds: u64) -> u64 {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    let (days, seconds) = (seconds / 86_400, seconds % 86_400);
    // The year begins in March, so that a leap day is its last day.
    let days = days + 719_468;
    let (eras, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = eras * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    [month, day, hour, minute, second]
        .iter()
        .fold(year, |number, part| number * 100 + part)
}

#[cfg(test)]
mod tests {
    use super::{rename_one, shown, timestamp};
    use std::fs;

    #[test]
    fn a_path_has_slashes_and_no_prefix() {
        for (path, expected) in [
            ("db/migrations/", "db/migrations"),
            (r"C:\shop\db", "C:/shop/db"),
            (r"\\?\C:\shop\db", "C:/shop/db"),
            (r"\\?\UNC\server\share\db", "//server/share/db"),
        ] {
            assert_eq!(shown(path.as_ref()), expected);
        }
    }

    #[test]
    fn a_file_gets_another_case_and_overwrites_no_other_file() {
        let folder = std::env::temp_dir().join(format!("migrate-case-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (upper, lower) = (folder.join("001_Users.sql"), folder.join("001_users.sql"));
        fs::write(&upper, "one").unwrap();
        rename_one(&upper, &lower).unwrap();
        let names: Vec<_> = fs::read_dir(&folder).unwrap().flatten().collect();
        assert_eq!(names.len(), 1);
        assert_eq!(names[0].file_name(), "001_users.sql");
        // On a case-sensitive file system these are two files, which conflict.
        fs::write(&upper, "two").unwrap();
        if fs::read(&lower).unwrap() == b"one" {
            assert!(rename_one(&upper, &lower).is_err());
            assert_eq!(fs::read(&lower).unwrap(), b"one");
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn times_have_their_digits() {
        // The expected values are from `date -u -d @SECONDS +%Y%m%d%H%M%S`.
        for (seconds, digits) in [
            (0, 19_700_101_000_000),
            (68_169_600, 19_720_229_000_000),
            (951_782_399, 20_000_228_235_959),
            (951_868_800, 20_000_301_000_000),
            (1_795_286_414, 20_261_121_184_014),
            (4_107_542_399, 21_000_228_235_959),
            (4_107_542_400, 21_000_301_000_000),
        ] {
            assert_eq!(timestamp(seconds), digits);
        }
    }
}
