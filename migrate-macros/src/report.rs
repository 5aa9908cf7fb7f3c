//! Diagnostics as compile errors.

use migrate_core::diagnostic::Diagnostic;
use migrate_core::render::render;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// One error per diagnostic. Stable Rust cannot point into an SQL file, so the
/// place stands in the text, and the error points at the path in the call.
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
