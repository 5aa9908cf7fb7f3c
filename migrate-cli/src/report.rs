//! The findings of a check in the forms of other programs.

pub(crate) mod github;
pub(crate) mod sarif;

use migrate_source::diagnostic::Diagnostic;

/// All that is said of a problem beside its place.
fn text(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text += &format!("\nnote: {note}");
    }
    text + &format!("\nhelp: {}", diagnostic.help)
}
