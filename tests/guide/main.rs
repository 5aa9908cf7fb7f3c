//! The documents as files: each chapter is in the table of contents, links lead
//! somewhere, and each block of the guide is tested. The blocks themselves are
//! compiled and run by `rebuild`, `stacks` and the transcripts of the command line.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

mod blocks;
mod deployment;
mod links;

use migrate_tests::markdown;

/// A chapter that is not in `SUMMARY.md` is not in the book.
#[test]
fn the_summary_lists_every_chapter_once() {
    let summary = markdown::chapter("SUMMARY.md");
    let links = summary
        .lines()
        .filter_map(|line| line.split_once("]("))
        .map(|(_, link)| link.trim_end_matches(')').to_owned());
    let mut listed: Vec<String> = links.collect();
    listed.sort();
    assert_eq!(listed, markdown::chapters());
}

/// The title in the table of contents is the heading of the chapter.
#[test]
fn titles_are_headings() {
    let summary = markdown::chapter("SUMMARY.md");
    for line in summary.lines() {
        let Some((title, link)) = line.split_once("](") else {
            continue;
        };
        let title = title.trim_start_matches([' ', '-']).trim_start_matches('[');
        let chapter = markdown::chapter(link.trim_end_matches(')'));
        let heading = chapter.lines().next().unwrap();
        if title != "Introduction" {
            assert_eq!(heading, format!("# {title}"), "in {link}");
        }
    }
}

#[test]
fn the_readme_is_short() {
    let readme = std::fs::read_to_string(markdown::root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 200, "{lines} lines: move something to the guide");
}
