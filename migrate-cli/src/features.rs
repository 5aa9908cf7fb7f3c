//! The optional features of this build. An engine or verb whose feature is off
//! is still recognized, so that the error can name the feature.

use crate::failure::Failure;
use migrate_scan::Engine;

pub(crate) const HAS_ONE_ENGINE: bool = !cfg!(all(feature = "sqlite", feature = "postgres"));

/// The engine if neither an option nor a URL names one.
pub(crate) const DEFAULT_ENGINE: Engine = if cfg!(feature = "sqlite") {
    Engine::Sqlite
} else {
    Engine::Postgres
};

pub(crate) fn has_engine(engine: Engine) -> bool {
    !HAS_ONE_ENGINE || engine == DEFAULT_ENGINE
}

pub(crate) fn missing_engine(engine: Engine) -> Failure {
    let feature = match engine {
        Engine::Postgres => "postgres",
        _ => "sqlite",
    };
    Failure::usage(format!(
        "this program was built without {engine}: enable the feature `{feature}` of migrate-cli"
    ))
}

#[cfg(not(all(feature = "adopt", feature = "shell")))]
pub(crate) fn missing_verb(verb: &str, feature: &str) -> Failure {
    Failure::usage(format!(
        "this program was built without the verb `{verb}`: enable the feature `{feature}` of \
         migrate-cli"
    ))
}

/// The arguments of a verb that is not compiled in. Any arguments are accepted,
/// because the error to report is that the verb is missing.
#[cfg(not(all(feature = "adopt", feature = "shell")))]
#[derive(clap::Args, Clone, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct IgnoredArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _all: Vec<std::ffi::OsString>,
}
