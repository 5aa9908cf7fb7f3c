//! Folders and files that cannot be read: M001 and M013.

use super::{options, rendered};
use insta::assert_snapshot;
use migrate_model::files::{Files, Listed};
use migrate_source::directory::read;

/// A folder with `folder`, which cannot be listed, or with a file, which
/// cannot be read.
struct Broken {
    root: Result<&'static str, &'static str>,
}

impl Files for Broken {
    fn list(&mut self, folder: &str) -> Result<Vec<Listed>, String> {
        match (folder, self.root) {
            ("", Ok(name)) => Ok(vec![Listed {
                name: name.to_owned(),
                is_folder: !name.ends_with(".sql"),
            }]),
            ("", Err(reason)) => Err(reason.to_owned()),
            _ => Err("Permission denied".to_owned()),
        }
    }

    fn read(&mut self, _path: &str) -> Result<Vec<u8>, String> {
        Err("Permission denied".to_owned())
    }
}

/// A folder that holds itself, as a symbolic link does.
struct Endless;

impl Files for Endless {
    fn list(&mut self, _folder: &str) -> Result<Vec<Listed>, String> {
        Ok(vec![Listed {
            name: "again".to_owned(),
            is_folder: true,
        }])
    }

    fn read(&mut self, _path: &str) -> Result<Vec<u8>, String> {
        Err("not a file".to_owned())
    }
}

fn problems(files: &mut dyn Files) -> String {
    rendered(&read(files, &options()))
}

#[test]
fn a_directory_that_is_not_there() {
    let root = Err("No such file or directory");
    assert_snapshot!(problems(&mut Broken { root }), @"
    M001: the migrations directory cannot be read: No such file or directory
     --> migrations
      = help: create the directory, or correct the path: it is relative to the package's `Cargo.toml`, or to the file of the call if it starts with `./`
    ");
}

#[test]
fn a_folder_that_cannot_be_listed() {
    let root = Ok("schema");
    assert_snapshot!(problems(&mut Broken { root }), @"
    M001: this folder cannot be read: Permission denied
     --> migrations/schema
      = help: make it readable, or move it out of the migrations directory
    ");
}

#[test]
fn folders_without_end() {
    assert_snapshot!(problems(&mut Endless), @"
    M001: this folder cannot be read: folders are nested more than 8 levels deep, for example by a symbolic link to a parent folder
     --> migrations/again/again/again/again/again/again/again/again/again
      = help: make it readable, or move it out of the migrations directory
    ");
}

#[test]
fn a_file_that_cannot_be_read() {
    let root = Ok("001_a.sql");
    assert_snapshot!(problems(&mut Broken { root }), @"
    M013: this file cannot be read: Permission denied
     --> migrations/001_a.sql
      = help: make it readable, or remove it
    ");
}
