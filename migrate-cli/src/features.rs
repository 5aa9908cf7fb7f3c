//! What this program was built without. An engine or a verb whose feature is
//! off keeps its name, so that whoever uses it learns why it is not there.

use crate::failure::Failure;
use migrate_scan::Engine;

/// Whether there is no choice between engines.
pub(crate) const HAS_ONE_ENGINE: bool = !cfg!(all(feature = "sqlite", feature = "postgres"));

/// The engine of scripts when neither an option nor a URL names one.
pub(crate) const DEFAULT_ENGINE: Engine = if cfg!(feature = "sqlite") {
    Engine::Sqlite
} else {
    Engine::Postgres
};

pub(crate) fn has_engine(engine: Engine) -> bool {
    !HAS_ONE_ENGINE || engine == DEFAULT_ENGINE
}

/// For a URL, an option or a directory of an engine that is not built in.
pub(crate) fn missing_engine(engine: Engine) -> Failure {
    let feature = match engine {
        Engine::Postgres => "postgres",
        _ => "sqlite",
    };
    Failure::usage(format!(
        "this program was built without {engine}: enable the feature `{feature}` of migrate-cli"
    ))
}

/// For a verb that is not built in.
#[cfg(not(all(feature = "adopt", feature = "shell")))]
pub(crate) fn missing_verb(verb: &str, feature: &str) -> Failure {
    Failure::usage(format!(
        "this program was built without the verb `{verb}`: enable the feature `{feature}` of \
         migrate-cli"
    ))
}

/// The arguments of a verb that is not built in. They are accepted whatever they
/// are, because the error is that the verb is missing.
#[cfg(not(all(feature = "adopt", feature = "shell")))]
#[derive(clap::Args, Clone, Debug)]
#[command(disable_help_flag = true)]
pub(crate) struct IgnoredArguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    _all: Vec<std::ffi::OsString>,
}
