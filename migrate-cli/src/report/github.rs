//! GitHub workflow commands, which show a finding at its line in a pull request.
//!
//! The format and the escaping follow "Workflow commands" in the documentation
//! of GitHub Actions.

use super::text;
use migrate_source::diagnostic::Diagnostic;
use migrate_tools::Check;

pub(crate) fn lines(check: &Check) -> Vec<String> {
    let errors = check.errors.iter().map(|it| line("error", it));
    let warnings = check.warnings.iter().map(|it| line("warning", it));
    errors.chain(warnings).collect()
}

fn line(level: &str, diagnostic: &Diagnostic) -> String {
    let mut place = format!("file={}", property(&diagnostic.path));
    if let Some(excerpt) = &diagnostic.excerpt {
        let position = excerpt.position;
        place += &format!(",line={},col={}", position.line, position.column);
    }
    let code = diagnostic.code;
    format!(
        "::{level} {place},title={code}::{}",
        data(&text(diagnostic))
    )
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
