//! The findings of a check in the formats of other programs.

pub(crate) mod github;
pub(crate) mod sarif;

use migrate_source::diagnostic::Diagnostic;

/// The message, notes and help of a diagnostic, without its location.
fn text(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text += &format!("\nnote: {note}");
    }
    text + &format!("\nhelp: {}", diagnostic.help)
}
