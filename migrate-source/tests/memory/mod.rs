//! Files in memory, as the directory reader sees them.

use migrate_model::files::{Files, Listed};
use std::collections::{BTreeMap, BTreeSet};

/// Paths separated by `/`, with the bytes of each file.
pub(crate) struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    /// Lists a folder backwards: the order has no meaning.
    pub(crate) reversed: bool,
}

impl Memory {
    /// Takes paths and contents.
    pub(crate) fn new<P: Into<String>, C: AsRef<[u8]>>(
        files: impl IntoIterator<Item = (P, C)>,
    ) -> Memory {
        let files = files.into_iter();
        Memory {
            files: files
                .map(|(path, content)| (path.into(), content.as_ref().to_vec()))
                .collect(),
            reversed: false,
        }
    }
}

impl Files for Memory {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        let mut listed = BTreeSet::new();
        for path in self.files.keys() {
            let rest = match folder {
                "" => Some(path.as_str()),
                folder => path
                    .strip_prefix(folder)
                    .and_then(|rest| rest.strip_prefix('/')),
            };
            if let Some(rest) = rest {
                let (name, is_folder) = match rest.split_once('/') {
                    Some((name, _)) => (name, true),
                    None => (rest, false),
                };
                listed.insert((name.to_owned(), is_folder));
            }
        }
        let listed = listed.into_iter();
        let mut listed: Vec<Listed> = listed
            .map(|(name, is_folder)| Listed { name, is_folder })
            .collect();
        if self.reversed {
            listed.reverse();
        }
        Ok(listed)
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let content = self.files.get(path).cloned();
        content.ok_or_else(|| "No such file".to_owned())
    }
}
