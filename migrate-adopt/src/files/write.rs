//! Writing a converted directory to disk.

use super::error::{Error, Kind};
use super::{Conversion, disk};
use migrate_runtime::__private::rename;
use migrate_source::file_name::{FileKind, classify};
use migrate_tools::{is_same_file, put as write_whole};
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// The folder for the originals after an in-place conversion. It is ignored in a
/// migrations directory.
pub(super) const ARCHIVE: &str = "archive";

/// The staging folder of an in-place conversion, for the new files until the
/// originals are archived. Every tool ignores a folder with such a name.
const STAGE: &str = ".adopting";

/// The file in the staging folder with the paths of the originals, one per line.
const ORIGINALS: &str = "originals";

/// Writes the new files. Returns one sentence for each file.
///
/// In a separate directory, no other file is touched. In the source directory,
/// the originals move to `archive/`. If this is interrupted, reading, converting
/// and writing again completes it. Existing files with the same text are kept.
///
/// # Errors
///
/// Fails before anything is written if a file is in the way, and if a file
/// cannot be written or moved.
pub fn write(conversion: &Conversion, target: &Path) -> Result<Vec<String>, Error> {
    let source = conversion.directory.as_deref();
    match source {
        Some(source) if is_same_file(source, target) => write_in_place(conversion, target),
        _ => write_apart(conversion, target),
    }
}

/// Whether an in-place conversion of the directory was interrupted, which leaves
/// neither the old migrations nor the new ones. Running the conversion again
/// completes it.
///
/// ```
/// assert!(!migrate_adopt::files::is_cut_off("migrations".as_ref()));
/// ```
pub fn is_cut_off(directory: &Path) -> bool {
    directory.join(STAGE).join(ORIGINALS).exists()
}

/// The originals of a directory whose in-place conversion was interrupted.
pub(super) fn unfinished(directory: &Path) -> Result<Option<Vec<String>>, Error> {
    let list = directory.join(STAGE).join(ORIGINALS);
    if list.exists() {
        let text = disk::text(&list.display().to_string(), &disk::read(&list)?)?;
        Ok(Some(text.lines().map(str::to_owned).collect()))
    } else {
        Ok(None)
    }
}

fn write_apart(conversion: &Conversion, target: &Path) -> Result<Vec<String>, Error> {
    let inside = conversion.directory.as_ref().and_then(|source| {
        let source = source.canonicalize().ok()?;
        let is_inside = source.starts_with(target.canonicalize().ok()?);
        is_inside.then_some(source)
    });
    if let Some(source) = inside {
        return Err(Kind::InTheWay(format!(
            "`{}` is in `{}`, where the old files would count as migrations; convert it in place, \
             or into a directory outside it",
            disk::shown(&source, ""),
            disk::shown(target, "")
        ))
        .into());
    }
    let mut missing = Vec::new();
    for file in &conversion.files {
        match fs::read(target.join(&file.path)) {
            Ok(bytes) if bytes == file.text.as_bytes() => {}
            Ok(_) => return Err(in_the_way(target, &file.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => missing.push(file),
            Err(error) => {
                let path = disk::shown(target, &file.path);
                return Err(Error::with_source(Kind::Unreadable(path), error));
            }
        }
    }
    if !missing.is_empty() && target.exists() {
        refuse_others(conversion, target)?;
    }
    create(target)?;
    let mut done = Vec::new();
    for file in missing {
        put(target, &file.path, file.text.as_bytes())?;
        done.push(format!("wrote `{}`", disk::shown(target, &file.path)));
    }
    Ok(done)
}

/// Fails if other migrations have the same numbers.
fn refuse_others(conversion: &Conversion, target: &Path) -> Result<(), Error> {
    let other = disk::files(target)?.into_iter().find(|path| {
        matches!(classify(path, false), FileKind::Script(_))
            && conversion.files.iter().all(|file| file.path != *path)
    });
    match other {
        Some(path) => Err(in_the_way(target, &path)),
        None => Ok(()),
    }
}

fn in_the_way(target: &Path, path: &str) -> Error {
    Kind::InTheWay(format!(
        "`{}` already exists with other content; nothing was written: move it away, or write into \
         another directory",
        disk::shown(target, path)
    ))
    .into()
}

/// Stages all new files, then moves the originals away, then moves the new files
/// into place. Whenever this is interrupted, each file is in one of the two
/// places, and the list of the originals shows what is left to do.
fn write_in_place(conversion: &Conversion, target: &Path) -> Result<Vec<String>, Error> {
    if is_done(conversion, target) {
        return Ok(Vec::new());
    }
    let stage = target.join(STAGE);
    let archive = target.join(ARCHIVE);
    if !stage.join(ORIGINALS).exists() {
        refuse_in_place(conversion, target)?;
        create(&stage)?;
        for file in &conversion.files {
            put(&stage, &file.path, file.text.as_bytes())?;
        }
        // This file marks the staging as complete.
        put(&stage, ORIGINALS, lines(&conversion.originals).as_bytes())?;
    }
    refuse_another(conversion, &stage)?;
    let mut done = Vec::new();
    for path in &conversion.originals {
        let (from, to) = (target.join(path), archive.join(path));
        if to.exists() || !from.exists() {
            continue;
        }
        if let Some(folder) = to.parent() {
            create(folder)?;
        }
        rename(&from, &to).map_err(|error| unwritten(&to, error))?;
        if let Some(folder) = from.parent().filter(|folder| *folder != target) {
            // The folder is removed with its last file.
            let _ = fs::remove_dir(folder);
        }
        done.push(format!(
            "moved `{}` to `{}`",
            disk::shown(target, path),
            disk::shown(target, &format!("{ARCHIVE}/{path}"))
        ));
    }
    for file in &conversion.files {
        let (from, to) = (stage.join(&file.path), target.join(&file.path));
        if from.exists() {
            rename(&from, &to).map_err(|error| unwritten(&to, error))?;
            done.push(format!("wrote `{}`", disk::shown(target, &file.path)));
        }
    }
    fs::remove_dir_all(&stage).map_err(|error| unwritten(&stage, error))?;
    sync(target);
    let others = disk::files(target)?.into_iter().filter(|path| {
        classify(path, false) != FileKind::Ignored
            && conversion.files.iter().all(|file| file.path != *path)
    });
    done.extend(others.map(|path| {
        format!(
            "left `{}`, which is not a migration; move it out of the directory",
            disk::shown(target, &path)
        )
    }));
    Ok(done)
}

fn is_done(conversion: &Conversion, target: &Path) -> bool {
    let is_written = |path: &str, text: &str| {
        fs::read(target.join(path)).is_ok_and(|bytes| bytes == text.as_bytes())
    };
    let mut files = conversion.files.iter();
    let mut originals = conversion.originals.iter();
    !target.join(STAGE).join(ORIGINALS).exists()
        && files.all(|file| is_written(&file.path, &file.text))
        && originals.all(|path| target.join(ARCHIVE).join(path).exists())
}

/// Fails unless the staged files are those to be written: nothing may be lost.
fn refuse_another(conversion: &Conversion, stage: &Path) -> Result<(), Error> {
    let list: String = lines(&conversion.originals);
    let is_same_list = disk::read(&stage.join(ORIGINALS))? == list.as_bytes();
    let is_same = |path: &str| {
        let staged = disk::read(&stage.join(path)).unwrap_or_default();
        let mut files = conversion.files.iter();
        files.any(|file| file.path == path && file.text.as_bytes() == staged)
    };
    let mut staged = disk::files(stage)?
        .into_iter()
        .filter(|path| path != ORIGINALS);
    if is_same_list && staged.all(|path| is_same(&path)) {
        return Ok(());
    }
    Err(Kind::InTheWay(format!(
        "`{}` belongs to another conversion, which was interrupted; run that one again, or move \
         its files back from `{ARCHIVE}/` and remove it",
        disk::shown(stage, "")
    ))
    .into())
}

fn lines(paths: &[String]) -> String {
    paths.iter().map(|path| format!("{path}\n")).collect()
}

/// Fails if a file would be overwritten, in the directory or its archive.
fn refuse_in_place(conversion: &Conversion, target: &Path) -> Result<(), Error> {
    for path in &conversion.originals {
        if target.join(ARCHIVE).join(path).exists() {
            return Err(in_the_way(target, &format!("{ARCHIVE}/{path}")));
        }
    }
    for file in &conversion.files {
        let is_original = conversion.originals.contains(&file.path);
        if !is_original && target.join(&file.path).exists() {
            return Err(in_the_way(target, &file.path));
        }
    }
    Ok(())
}

/// Writes a file atomically.
fn put(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Error> {
    write_whole(folder, path, bytes).map_err(|error| unwritten(&folder.join(path), error))
}

fn create(folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))
}

/// Syncs a directory. Not every system supports this, and nothing is lost
/// without it.
fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

fn unwritten(path: &Path, error: io::Error) -> Error {
    let path = disk::shown(path, "");
    let first = match error.kind() {
        // The cause already says which program uses the file.
        io::ErrorKind::ResourceBusy => "",
        _ => "make its folder writable and ",
    };
    let what = format!(
        "`{path}` cannot be written; {first}run the same again, which continues where this was \
         interrupted"
    );
    Error::with_source(Kind::Unwritten(what), error)
}
