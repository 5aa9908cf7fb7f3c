//! Diagnostics as compile errors and warnings: docs/internals/macro.md, "Errors" and
//! "Warnings".

use migrate_source::diagnostic::Diagnostic;
use migrate_source::render::render;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};

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

/// One warning per finding, named after its code.
pub(crate) fn warnings(findings: &[Diagnostic], span: Span) -> TokenStream {
    let warnings = findings.iter();
    warnings
        .map(|finding| warning(finding.code.as_str(), &render(finding), span))
        .collect()
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
