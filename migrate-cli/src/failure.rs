//! The error of a verb, and its exit code.

use crate::outcome::Exit;
use crate::{files, json};
use migrate_runtime::__private::error::{Explained, causes, text};
use migrate_runtime::ErrorKind;
use migrate_source::diagnostic::Diagnostic;
use migrate_tools::Error;
use serde_json::{Value, json};
use std::error::Error as StdError;

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// The chain of causes, nearest first.
    pub(crate) causes: Vec<String>,
    pub(crate) help: Option<String>,
    /// The problems of the directory, if they are the cause.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The error of the library, if that is the cause.
    error: Option<Error>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            exit: Exit::Failed,
            message: message.into(),
            causes: Vec::new(),
            help: None,
            diagnostics: Vec::new(),
            error: None,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Failure {
        let mut failure = Failure::new(message);
        failure.exit = Exit::Usage;
        failure
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// Adds the problems of a directory.
    #[must_use]
    pub(crate) fn with_diagnostics(mut self, diagnostics: Vec<Diagnostic>) -> Failure {
        self.diagnostics = diagnostics;
        self
    }

    /// Adds the causes of an error whose own message is already shown.
    #[cfg(feature = "adopt")]
    #[must_use]
    pub(crate) fn with_causes(mut self, error: &(dyn StdError + 'static)) -> Failure {
        self.causes.extend(causes(error));
        self
    }

    #[must_use]
    pub(crate) fn because(mut self, cause: &(dyn StdError + 'static)) -> Failure {
        self.causes.push(text(cause));
        self.causes.extend(causes(cause));
        self
    }

    /// The line of the script that failed, for display.
    pub(crate) fn excerpt(&self) -> Option<&str> {
        self.error.as_ref()?.excerpt()
    }

    pub(crate) fn json(&self) -> Value {
        let mut document = json!({
            "message": self.message,
            "causes": self.causes,
            "help": self.help,
        });
        if !self.diagnostics.is_empty() {
            document["diagnostics"] = json::list(&self.diagnostics, json::diagnostic);
        }
        if let Some(error) = &self.error {
            let run = error.runtime();
            let report = run.map(|it| it.report());
            let applied = report.map_or(&[][..], |it| it.applied());
            let undone = report.map_or(&[][..], |it| it.undone());
            let drift = run.map_or(&[][..], |it| it.drift());
            let location = run.and_then(|it| it.location());
            document["applied"] = json::list(applied, json::applied);
            document["undone"] = json::list(undone, json::undone);
            document["drift"] = json::list(drift, json::drift);
            document["location"] = location.map_or(
                Value::Null,
                |it| json!({ "path": it.path, "line": it.line, "column": it.column }),
            );
        }
        document
    }
}

/// The error of a file that could not be read or written.
pub(crate) fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let path = files::shown(path);
    Failure::new(format!("`{path}` cannot be {doing}: {error}"))
}

impl From<migrate_runtime::Error> for Failure {
    fn from(error: migrate_runtime::Error) -> Failure {
        Failure::from(Error::from(error))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let run = error.runtime();
        let is_without_function = run.is_some_and(|it| it.kind() == ErrorKind::FunctionMissing);
        let help = is_without_function.then(|| {
            "`migrate_cli::Program::embedded(Migration::migrator())` gives that program this \
             command line"
                .to_owned()
        });
        Failure {
            exit: run.map_or(Exit::Failed, Exit::of_error),
            message: error.message(),
            causes: causes(&error),
            help,
            diagnostics: error.diagnostics().to_vec(),
            error: Some(error),
        }
    }
}
