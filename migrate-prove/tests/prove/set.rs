//! Sets of migrations, as files in memory.

use migrate_core::directory::{Directory, Files, Listed, Options as Reading, read};
use migrate_core::render::render;
use migrate_prove::{Options, Proof, Subject, prove};

struct Memory<'a>(&'a [(&'a str, &'a str)]);

impl Files for Memory<'_> {
    fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
        let names = self.0.iter().map(|(name, _)| (*name).to_owned());
        let listed = names.map(|name| Listed {
            name,
            is_folder: false,
        });
        Ok(listed.collect())
    }

    fn read(&mut self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.0.iter().find(|(name, _)| *name == path);
        file.map(|(_, text)| text.as_bytes().to_vec())
            .ok_or_else(|| "no such file".to_owned())
    }
}

pub(crate) fn directory(files: &[(&str, &str)]) -> Directory {
    let mut reading = Reading::default();
    reading.shown_root = "migrations";
    read(&mut Memory(files), &reading)
}

pub(crate) fn proof(files: &[(&str, &str)], options: &Options<'_>) -> Proof {
    let directory = directory(files);
    let subjects: Vec<Subject<'_>> = directory.migrations.iter().map(Subject::from).collect();
    prove(&subjects, options).unwrap()
}

/// Everything that is found, as a reader sees it, and the notes behind it.
pub(crate) fn found(files: &[(&str, &str)]) -> String {
    found_with(files, &Options::default())
}

pub(crate) fn found_with(files: &[(&str, &str)], options: &Options<'_>) -> String {
    let proof = proof(files, options);
    let mut shown: Vec<String> = proof.findings.iter().map(render).collect();
    shown.extend(proof.notes.iter().map(|note| format!("note: {note}")));
    shown.join("\n\n")
}

/// The files of a set that stands in one text: a line `== name` begins each.
pub(crate) fn split(text: &str) -> Vec<(&str, &str)> {
    let files = text.strip_prefix("== ").unwrap().split("\n== ");
    files.map(|file| file.split_once('\n').unwrap()).collect()
}
