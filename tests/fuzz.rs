//! The properties of the fuzz targets, on every commit: inputs are put
//! together from the words of the targets' dictionaries. See
//! docs/internals/README.md, "Property tests and fuzzing"; `fuzz/README.md` says
//! how to run the fuzzer itself.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy does not see that helpers of tests belong to tests"
)]

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "there it is a library")]
mod properties;

use fastrand::Rng;
use migrate_scan::Engine;
use migrate_source::rust_file::RustProblem;
use migrate_source::rust_file::check as check_rust;
use proc_macro2::TokenStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

const INPUTS: usize = 20_000;

#[test]
fn paths_are_understood_alike_or_refused_with_advice() {
    check(include_str!("../fuzz/file_name.dict"), |bytes| {
        if let Ok(path) = std::str::from_utf8(bytes) {
            properties::file_name(path);
        }
    });
}

#[test]
fn a_script_is_the_sum_of_its_statements() {
    check(include_str!("../fuzz/sql.dict"), |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            properties::scanner(text);
        }
    });
}

#[test]
fn a_script_for_postgres_is_the_sum_of_its_statements() {
    check(include_str!("../fuzz/sql.dict"), |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            properties::scanner_postgres(text);
        }
    });
}

#[test]
fn a_file_of_any_content_is_judged() {
    check(include_str!("../fuzz/sql.dict"), properties::header);
}

/// The compiler's own tokens are the judge: what they are, and whether there are
/// any.
#[test]
fn a_rust_file_has_the_functions_that_its_tokens_have() {
    check(include_str!("../fuzz/rust.dict"), |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        properties::rust_file(text);
        let Ok(tokens) = text.parse::<TokenStream>() else {
            return;
        };
        let tokens: Vec<String> = tokens.into_iter().map(|it| it.to_string()).collect();
        let has = |name: &str| tokens.windows(2).any(|pair| pair == ["fn", name]);
        match check_rust(text, Engine::Sqlite) {
            Ok(file) => {
                assert!(has("up"));
                assert_eq!(file.has_down, has("down"));
            }
            Err(RustProblem::NoUp) => assert!(!has("up")),
            Err(RustProblem::InnerAttribute) => assert_eq!(tokens[..2], ["#", "!"]),
            Err(_) => assert!(has("up")),
        }
    });
}

fn check(dictionary: &str, property: impl Fn(&[u8])) {
    let words: Vec<Vec<u8>> = dictionary.lines().map(word).collect();
    let mut random = Rng::with_seed(0x6d69_6772_6174_6535);
    for _ in 0..INPUTS {
        let mut input = Vec::new();
        for _ in 0..random.usize(..20) {
            input.extend_from_slice(&words[random.usize(..words.len())]);
        }
        // Now and then a byte that is in no word, so that not all is text.
        if !input.is_empty() && random.u8(..4) == 0 {
            let at = random.usize(..input.len());
            input[at] = random.u8(..);
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| property(&input)));
        assert!(outcome.is_ok(), "of {:?}", String::from_utf8_lossy(&input));
    }
}

/// A line of a dictionary: a word in quotes, with the escapes that libFuzzer
/// knows.
fn word(line: &str) -> Vec<u8> {
    let quoted = line.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    let mut rest = quoted.unwrap_or_else(|| panic!("no word: {line}"));
    let mut word = Vec::new();
    while let Some((before, escape)) = rest.split_once('\\') {
        word.extend_from_slice(before.as_bytes());
        let length = if let Some(digits) = escape.strip_prefix('x') {
            word.push(u8::from_str_radix(&digits[..2], 16).unwrap());
            3
        } else {
            word.push(escape.as_bytes()[0]);
            1
        };
        rest = &escape[length..];
    }
    word.extend_from_slice(rest.as_bytes());
    word
}
