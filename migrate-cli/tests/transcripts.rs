//! The transcripts in the README and the guide are real. Each `console` block has
//! the comment `<!-- in FOLDER -->` on the line above. It is run in a copy of that
//! folder of the fixtures, and has to print what the block shows. With
//! `TRANSCRIPTS=overwrite` the test writes the blocks. With
//! `<!-- in FOLDER, with a server -->` the address below is that of a real
//! PostgreSQL; if none is installed, such a block is not run.

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

/// What documents call the server.
const URL: &str = "postgres://app@localhost/shop";
const SHOWN: &str = "localhost:5432/shop";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The README and the chapters of the guide.
fn documents() -> Vec<String> {
    let mut found = vec!["README.md".to_owned()];
    for folder in ["docs/guide/src", "docs/guide/src/recipes"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                found.push(format!("{folder}/{name}"));
            }
        }
    }
    found
}

#[test]
fn documents_show_what_happens() {
    let mut run = 0;
    for name in documents() {
        let path = root().join(&name);
        let text = fs::read_to_string(&path).unwrap();
        let (real, count) = replayed(&name, &text);
        run += count;
        if std::env::var_os("TRANSCRIPTS").is_some_and(|it| it == "overwrite") {
            fs::write(&path, &real).unwrap();
            continue;
        }
        let (wanted, found) = (scrubbed(&text), scrubbed(&real));
        for (wanted, found) in wanted.lines().zip(found.lines()) {
            assert_eq!(wanted, found, "in {name}; is the transcript old?");
        }
        assert_eq!(wanted.lines().count(), found.lines().count(), "{name}");
    }
    assert!(run > 20, "only {run} transcripts were found");
}

/// The document with what is printed today.
fn replayed(name: &str, text: &str) -> (String, usize) {
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
        if line != "```console" {
            continue;
        }
        // Without a server the folder is missing.
        let Some(folder) = folder.take() else {
            let is_for_a_server = real.ends_with(", with a server -->\n```console\n");
            assert!(
                is_for_a_server,
                "{name}: in which folder is this run?\n{real}"
            );
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
        "branches" | "broken" | "disorder" | "edited" | "existing" | "failing" | "notes"
        | "shop" => "migrate-cli/tests/fixtures",
        _ => "migrate-adopt/tests/fixtures",
    };
    let fixture = root().join(place).join(fixture);
    copy(&fixture, folder.path());
    // Migrations as they were when the database was migrated.
    if folder.at("before").exists() {
        run(&folder, "migrate up --dir before -d sqlite:app.db");
        fs::remove_dir_all(folder.at("before")).unwrap();
    }
    // A database that was made without migrations.
    if folder.at("app.sql").exists() {
        let db = migrate_runtime::rusqlite::Connection::open(folder.at("app.db")).unwrap();
        db.execute_batch(&folder.read("app.sql")).unwrap();
        folder.remove("app.sql");
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The arguments of a command; one with spaces is in quotes.
fn words(arguments: &str) -> Vec<&str> {
    let parts = arguments.split('"').enumerate();
    parts
        .flat_map(|(at, part)| {
            if at % 2 == 1 {
                vec![part]
            } else {
                part.split_whitespace().collect()
            }
        })
        .collect()
}

/// What a command prints, on both streams as a terminal shows them.
fn run(folder: &Folder, command: &str) -> String {
    let arguments = command.strip_prefix("migrate ").unwrap();
    let printed = tempfile::tempfile().unwrap();
    let stream = || Stdio::from(printed.try_clone().unwrap());
    let mut command = folder.command();
    command.args(words(arguments)).stdin(Stdio::null());
    command.stdout(stream()).stderr(stream());
    command.status().unwrap();
    let mut text = String::new();
    let mut printed = printed;
    std::io::Seek::rewind(&mut printed).unwrap();
    std::io::Read::read_to_string(&mut printed, &mut text).unwrap();
    text
}

/// The text without times, which differ on each run.
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
            if is_duration || is_time {
                "N".to_owned()
            } else {
                (*word).to_owned()
            }
        };
        let line: Vec<String> = words.iter().enumerate().map(scrub).collect();
        scrubbed += &format!("{}\n", line.join(" "));
    }
    scrubbed
}
