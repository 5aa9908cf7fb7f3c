use crate::args::Baseline;
use crate::context::Context;
use crate::failure::Failure;
use crate::target::resolve;
use crate::verbs::Outcome;
use serde_json::json;

pub(crate) fn run(context: &Context<'_>, args: &Baseline) -> Result<Outcome, Failure> {
    let migrator = context.patient_migrator(&args.patience)?;
    let version = resolve(&args.version, migrator.registry(), &[])?;
    let (database, mut conn) = context.open_existing()?;
    let baseline = migrator.baseline(&mut conn, version)?;
    context.output.done(&baseline);
    Ok(Outcome::fine(json!({
        "database": database.shown(),
        "recorded": baseline.recorded(),
    })))
}
