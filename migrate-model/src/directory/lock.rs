use super::{Files, Options, shown};
use crate::diagnostic::Diagnostic;
use crate::lock_file::FILE_NAME;
use crate::rules;

/// Reads the lock file, if one lies at the root of the directory.
pub(super) fn read(
    files: &mut dyn Files,
    paths: &[String],
    options: &Options<'_>,
    out: &mut Vec<Diagnostic>,
) -> Option<(String, String)> {
    let relative = paths.iter().find(|path| *path == FILE_NAME)?;
    let path = shown(options.shown_root, relative);
    match files.read(relative) {
        Ok(bytes) => {
            let text = rules::text::canonical(&path, &bytes, options.engine, out)?;
            Some((relative.clone(), text))
        }
        Err(reason) => {
            out.push(rules::text::unreadable(&path, &reason));
            None
        }
    }
}
