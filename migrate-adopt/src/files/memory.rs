use super::NewFile;
use migrate_core::directory::{Files, Listed};

/// New files as the directory reader sees them: all in one folder.
pub(super) struct Memory<'a>(pub(super) &'a [NewFile]);

impl Files for Memory<'_> {
    fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
        let listed = self.0.iter().map(|file| Listed {
            name: file.path.clone(),
            is_folder: false,
        });
        Ok(listed.collect())
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.0.iter().find(|file| file.path == path);
        file.map(|file| file.text.clone().into_bytes())
            .ok_or_else(|| "there is no such file".to_owned())
    }
}
