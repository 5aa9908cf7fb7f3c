//! The files of a migrations directory, and which of them are ignored.

/// Access to the files below a migrations directory. This crate does no I/O of its own: the
/// caller provides the functions that list folders and read files.
///
/// Paths are relative to the directory and separated by `/`; the directory
/// itself is the empty path.
pub trait Files {
    /// Lists one folder, in any order.
    ///
    /// # Errors
    ///
    /// Returns the reason why the folder cannot be listed, as text for the user.
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String>;

    /// Reads one file.
    ///
    /// # Errors
    ///
    /// Returns the reason why the file cannot be read, as text for the user.
    fn read(&mut self, path: &str) -> Result<Vec<u8>, String>;
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The name, without a path.
    pub name: String,
    /// Whether it is a folder, or a symbolic link to one.
    pub is_folder: bool,
}

/// Files in memory, all in one folder: names and texts.
#[derive(Clone, Copy, Debug)]
pub struct InMemory<'a>(pub &'a [(&'a str, &'a str)]);

impl Files for InMemory<'_> {
    fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
        let listed = self.0.iter().map(|(name, _)| Listed {
            name: (*name).to_owned(),
            is_folder: false,
        });
        Ok(listed.collect())
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "there is no such file".to_owned())
    }
}

/// The maximum depth of folders: more than is used in practice, and the limit that stops a
/// symbolic link to one of its own parents.
const MAX_DEPTH: usize = 8;

/// Lists all files below the directory, sorted by path. Ignored folders are skipped.
///
/// # Errors
///
/// Returns the folder that cannot be listed, and why.
pub fn list(files: &mut dyn Files) -> Result<Vec<String>, (String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        if depth > MAX_DEPTH {
            let reason = format!(
                "folders are nested more than {MAX_DEPTH} levels deep, for example by a symbolic link \
                 to a parent folder"
            );
            return Err((folder, reason));
        }
        let listed = match files.list(&folder) {
            Ok(listed) => listed,
            Err(reason) => return Err((folder, reason)),
        };
        for Listed { name, is_folder } in listed {
            let path = if folder.is_empty() {
                name.clone()
            } else {
                format!("{folder}/{name}")
            };
            if !is_folder {
                found.push(path);
            } else if !is_ignored_folder(&name) {
                folders.push((path, depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file is ignored: files in `archive/` or in a folder that starts with a dot,
/// `README*`, dot files, and the lock file. Every other file is part of the directory. `path`
/// is relative to the directory.
///
/// ```
/// use migrate_model::files::is_ignored;
///
/// assert!(is_ignored("archive/old.sql"));
/// assert!(is_ignored("README.md"));
/// assert!(!is_ignored("tables/001_users.sql"));
/// ```
pub fn is_ignored(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    folders.split('/').any(is_ignored_folder)
        || file.starts_with('.')
        || file == "migrations.lock"
        || file
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("readme"))
}

/// Whether a folder of this name is ignored, with everything in it.
pub fn is_ignored_folder(name: &str) -> bool {
    name == "archive" || name.starts_with('.')
}
