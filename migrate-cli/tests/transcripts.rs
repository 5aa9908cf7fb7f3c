//! The transcripts in the documents are real: each block that begins with
//! `<!-- in FOLDER -->` is run in a copy of that folder of the fixtures, and has
//! to print what stands there. `TRANSCRIPTS=overwrite` writes it anew. With
//! `<!-- in FOLDER, with a server -->` the address below is that of a real
//! PostgreSQL; where none is installed, such a block stays as it is.

// The documents show paths and servers as they are on Unix.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod support;

use migrate_servers::Server;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::Folder;

const DOCUMENTS: [&str; 3] = [
    "README.md",
    "docs/guide/src/adoption.md",
    "docs/guide/src/postgres.md",
];

/// What documents call the server.
const URL: &str = "postgres://app@localhost/shop";
const SHOWN: &str = "localhost:5432/shop";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn documents_show_what_happens() {
    for name in DOCUMENTS {
        let path = root().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let (real, count) = replayed(&text);
        if std::env::var_os("TRANSCRIPTS").is_some_and(|it| it == "overwrite") {
            fs::write(&path, &real).unwrap();
            continue;
        }
        let has_server = Server::shared().is_some();
        assert!(count > 0 || !has_server, "{name} has no transcripts");
        let (wanted, found) = (scrubbed(&text), scrubbed(&real));
        for (wanted, found) in wanted.lines().zip(found.lines()) {
            assert_eq!(wanted, found, "in {name}; is the transcript old?");
        }
        assert_eq!(wanted.lines().count(), found.lines().count(), "{name}");
    }
}

/// The document with what is printed today.
fn replayed(text: &str) -> (String, usize) {
    let mut real = String::new();
    let mut folder = None;
    let mut database = None;
    let mut count = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        real += &format!("{line}\n");
        if let Some(place) = line.strip_prefix("<!-- in ") {
            let place = place.strip_suffix(" -->").unwrap();
            folder = match place.strip_suffix(", with a server") {
                Some(place) => Server::shared().map(|server| {
                    database = Some((server, server.database()));
                    copy_of(place)
                }),
                None => Some(copy_of(place)),
            };
        }
        let Some(folder) = folder.take_if(|_| line == "```console") else {
            continue;
        };
        count += 1;
        for line in lines.by_ref().take_while(|line| *line != "```") {
            if let Some(command) = line.strip_prefix("$ ") {
                let text = match &database {
                    Some((server, database)) => {
                        let text = run(&folder, &command.replace(URL, database.url()));
                        let shown = format!("{}/{}", server.address(), database.name());
                        text.replace(&shown, SHOWN)
                    }
                    None => run(&folder, command),
                };
                real += &format!("{line}\n{text}");
            }
        }
        real += "```\n";
    }
    (real, count)
}

fn copy_of(fixture: &str) -> Folder {
    let folder = Folder::new();
    if fixture == "demo" {
        copy(&root().join("migrations"), &folder.at("migrations"));
        return folder;
    }
    let place = match fixture {
        "shop" => "migrate-cli/tests/fixtures",
        _ => "migrate-adopt/tests/fixtures",
    };
    let fixture = root().join(place).join(fixture);
    copy(&fixture, folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

/// What a command prints, on both streams as a terminal shows them.
fn run(folder: &Folder, command: &str) -> String {
    let arguments = command.strip_prefix("migrate ").unwrap();
    let printed = tempfile::tempfile().unwrap();
    let stream = || Stdio::from(printed.try_clone().unwrap());
    let mut command = folder.command();
    command.args(arguments.split(' ')).stdin(Stdio::null());
    command.stdout(stream()).stderr(stream());
    command.status().unwrap();
    let mut text = String::new();
    let mut printed = printed;
    std::io::Seek::rewind(&mut printed).unwrap();
    std::io::Read::read_to_string(&mut printed, &mut text).unwrap();
    text
}

/// Without times, which are others on each run.
fn scrubbed(text: &str) -> String {
    let mut scrubbed = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let scrub = |(at, word): (usize, &&str)| -> String {
            let is_duration = words.get(at + 1) == Some(&"ms");
            let is_time = word.len() > 7
                && word
                    .bytes()
                    .all(|it| matches!(it, b'0'..=b'9' | b':' | b'-'));
            match is_duration || is_time {
                true => "N".to_owned(),
                false => (*word).to_owned(),
            }
        };
        let line: Vec<String> = words.iter().enumerate().map(scrub).collect();
        scrubbed += &format!("{}\n", line.join(" "));
    }
    scrubbed
}
