//! Why a verb failed, and what a shell is told of it.

use crate::json;
use crate::outcome::Exit;
use crate::paths;
use migrate_runtime::__private::error::{Explained, causes, text};
use migrate_runtime::Error;
use migrate_source::diagnostic::Diagnostic;
use serde_json::{Value, json};
use std::error::Error as StdError;
use std::ops::{Deref, DerefMut};

/// A verb that did not do what it was asked.
#[derive(Debug)]
pub(crate) struct Failure(Box<Told>);

/// What is told of it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    /// The causes below it, nearest first.
    pub(crate) causes: Vec<String>,
    /// The line of the script that failed.
    pub(crate) excerpt: Option<String>,
    pub(crate) help: Option<String>,
    /// What is wrong with the directory, if that is the cause.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What JSON says beside the message.
    pub(crate) facts: Value,
}

impl Deref for Failure {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.0
    }
}

impl DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Told {
        &mut self.0
    }
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure(Box::new(Told {
            exit: Exit::Failed,
            message: message.into(),
            causes: Vec::new(),
            excerpt: None,
            help: None,
            diagnostics: Vec::new(),
            facts: json!({}),
        }))
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

    /// Of a directory that has these problems.
    #[must_use]
    pub(crate) fn with_diagnostics(mut self, diagnostics: Vec<Diagnostic>) -> Failure {
        self.diagnostics = diagnostics;
        self
    }

    /// With what lies below an error that is told already.
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

    pub(crate) fn json(&self) -> Value {
        let mut error = json!({
            "message": self.message,
            "causes": self.causes,
            "help": self.help,
        });
        if !self.diagnostics.is_empty() {
            error["diagnostics"] = json::list(&self.diagnostics, json::diagnostic);
        }
        if let (Some(error), Some(facts)) = (error.as_object_mut(), self.facts.as_object()) {
            error.extend(facts.clone());
        }
        error
    }
}

/// A file that could not be read or written.
pub(crate) fn io(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Failure {
    let path = paths::shown(path);
    Failure::new(format!("`{path}` cannot be {doing}: {error}"))
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Failure {
        let report = error.report();
        let mut facts = json!({
            "applied": json::list(report.applied(), json::applied),
            "undone": json::list(report.undone(), json::undone),
            "drift": json::list(error.drift(), json::drift),
            "location": null,
        });
        if let Some(location) = error.location() {
            facts["location"] = json!({
                "path": location.path,
                "line": location.line,
                "column": location.column,
            });
        }
        let help = error.is_without_function().then(|| {
            "with `migrate_cli::Program::embedded(Migration::migrator())` that program has this \
             command line, too"
                .to_owned()
        });
        Failure(Box::new(Told {
            exit: Exit::of_error(error),
            message: error.message(),
            causes: causes(error),
            excerpt: error.excerpt().map(str::to_owned),
            help,
            diagnostics: Vec::new(),
            facts,
        }))
    }
}

impl From<migrate_tools::Error> for Failure {
    fn from(error: migrate_tools::Error) -> Failure {
        let mut failure = match error.runtime() {
            Some(runtime) => Failure::from(runtime),
            None => {
                let mut failure = Failure::new(error.message());
                failure.causes = causes(&error);
                failure.facts =
                    json!({ "applied": [], "undone": [], "drift": [], "location": null });
                failure
            }
        };
        failure.diagnostics = error.diagnostics().to_vec();
        failure
    }
}
