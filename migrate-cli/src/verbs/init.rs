use crate::args::Init;
use crate::context::Context;
use crate::failure::Failure;
use crate::verbs::Outcome;

pub(crate) fn run(_: &Context<'_>, _: &Init) -> Result<Outcome, Failure> {
    Err(Failure::new("not yet"))
}
