//! `baseline`: records migrations as applied without running them.

use crate::args::Baseline;
use crate::context::Context;
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::{self, Access};
use crate::version_argument::resolve;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Baseline) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?.with_lock_options(&args.lock_options);
    let version = resolve(&args.version, migrator.migrations(), None)?;
    let mut session = session::open(context, migrator, Access::Existing)?;
    let baseline = session.baseline(version)?;
    context.output.done(&baseline);
    Ok(Outcome::fine(json!({
        "database": session.shown(),
        "recorded": baseline.labels(),
    })))
}
