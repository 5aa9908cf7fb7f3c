//! Diagnostics as compile errors and warnings: docs/internals/macro.md, "Errors" and
//! "Warnings".

use migrate_source::diagnostic::Diagnostic;
use migrate_source::render::render;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use std::collections::BTreeMap;

/// One error per diagnostic. Stable Rust cannot point into an SQL file, so the
/// place is in the text, and the error points at the path in the call.
pub(crate) fn errors(diagnostics: &[Diagnostic], span: Span) -> TokenStream {
    diagnostics
        .iter()
        .map(|diagnostic| error(&render(diagnostic), span))
        .collect()
}

/// One error.
pub(crate) fn error(text: &str, span: Span) -> TokenStream {
    quote_spanned!(span=> ::core::compile_error! { #text })
}

/// How many warnings of one rule are shown. Every build shows them again, and an old set can have
/// hundreds.
const MOST: usize = 5;

/// One warning per finding, named after its code. For each rule the first ones are shown, and a
/// last one counts the others.
pub(crate) fn warnings(findings: &[Diagnostic], span: Span) -> TokenStream {
    limited(findings)
        .map(|(code, text)| warning(code, &text, span))
        .collect()
}

/// The code and the text of each warning that is shown.
fn limited(findings: &[Diagnostic]) -> impl Iterator<Item = (&'static str, String)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut shown = Vec::new();
    for finding in findings {
        let code = finding.code.as_str();
        let count = counts.entry(code).or_default();
        *count += 1;
        if *count <= MOST {
            shown.push((code, render(finding)));
        }
    }
    let rest = counts.into_iter().filter(|(_, count)| *count > MOST);
    let rest = rest.map(|(code, count)| {
        let more = count - MOST;
        (
            code,
            format!("and {more} more of {code}: `migrate check` lists them all"),
        )
    });
    shown.into_iter().chain(rest)
}

/// One warning. A macro cannot warn on stable Rust, but a deprecated name can;
/// the compiler shows it with the text.
pub(crate) fn warning(name: &str, text: &str, span: Span) -> TokenStream {
    let name = format_ident!("{name}", span = span);
    quote_spanned! {span=>
        const _: () = {
            #[deprecated(note = #text)]
            const #name: () = ();
            #name
        };
    }
}

/// The error for a directory beside a file that is not known, for every
/// compiler but rust-analyzer, which never knows it. A span from a crate that
/// was compiled with `--remap-path-prefix` does not say its file either, and a
/// guess must not become part of a program.
pub(crate) fn lost(span: Span) -> TokenStream {
    let text = "the compiler does not say which file this path is relative to; write it relative \
                to the package's `Cargo.toml`, without `./`";
    quote_spanned! {span=>
        #[allow(unexpected_cfgs)]
        const _: () = {
            #[cfg(not(rust_analyzer))]
            ::core::compile_error! { #text }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use migrate_source::diagnostic::Code;

    #[test]
    fn many_warnings_of_one_rule_are_counted() {
        let finding = |code| Diagnostic::of_path(code, "001_a.sql", "a", "b");
        let mut findings = vec![finding(Code::ReturnsRows); 755];
        findings.push(finding(Code::FailsOnRows));
        let shown: Vec<_> = limited(&findings).collect();
        let codes: Vec<&str> = shown.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, ["S32", "S32", "S32", "S32", "S32", "S37", "S32"]);
        let last = "and 750 more of S32: `migrate check` lists them all";
        assert_eq!(shown[6].1, last);
        assert_eq!(limited(&findings[..MOST]).count(), MOST);
    }
}
