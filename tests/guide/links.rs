//! Links between the documents lead to a file and a heading that exist.

use migrate_tests::markdown;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// All Markdown documents of the repository.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![markdown::root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                // The seeds are the files of other people.
                if !matches!(name.as_str(), "target" | "seeds-002") && !name.starts_with('.') {
                    folders.push(path);
                }
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    found
}

/// The text without its fenced blocks and code spans, in which nothing is a link.
fn prose(text: &str) -> String {
    let mut prose = String::new();
    let mut is_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose += line;
        }
        prose.push('\n');
    }
    let spans = prose.split('`').enumerate();
    spans
        .map(|(at, part)| if at % 2 == 0 { part } else { "" })
        .collect()
}

/// The targets of the links, each with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text).lines().enumerate() {
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            found.push((number + 1, target.to_owned()));
        }
    }
    found
}

/// The anchors of the headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let headings = text.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    headings
        .map(|heading| {
            let title = heading.trim_start_matches('#').trim();
            let kept = title.chars().filter_map(|it| match it {
                ' ' => Some('-'),
                '-' | '_' => Some(it),
                _ if it.is_alphanumeric() => Some(it.to_ascii_lowercase()),
                _ => None,
            });
            kept.collect()
        })
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for (line, target) in links(&text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            checked += 1;
            if let Some(problem) = problem(&document, &text, &target) {
                broken.push(format!(
                    "{}:{line}: {target}: {problem}",
                    document.display()
                ));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
    assert!(checked > 150, "only {checked} links were found");
}

fn problem(document: &Path, text: &str, target: &str) -> Option<&'static str> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let there = if path.is_empty() {
        document.to_owned()
    } else {
        document.parent()?.join(path)
    };
    if !there.exists() {
        return Some("no such file");
    }
    if anchor.is_empty() {
        return None;
    }
    let text = if path.is_empty() {
        text.to_owned()
    } else {
        fs::read_to_string(there).unwrap()
    };
    (!anchors(&text).contains(anchor)).then_some("no such heading")
}

#[test]
fn a_broken_link_is_found() {
    let document = markdown::guide().join("json.md");
    let text = markdown::chapter("json.md");
    let problem = |target| problem(&document, &text, target);
    assert_eq!(problem("#exit-codes"), None);
    assert_eq!(problem("postgres.md#what-a-run-does"), None);
    assert_eq!(problem("#exit-code"), Some("no such heading"));
    assert_eq!(problem("postgre.md"), Some("no such file"));
    assert_eq!(
        links("a `[x](y)` [z](w#v)\n```\n[a](b)\n```\n"),
        [(1, "w#v".to_owned())]
    );
}
