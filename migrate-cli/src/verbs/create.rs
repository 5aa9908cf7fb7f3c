use crate::args::Create;
use crate::context::Context;
use crate::failure::Failure;
use crate::verbs::Outcome;

pub(crate) fn run(_: &Context<'_>, _: &Create) -> Result<Outcome, Failure> {
    Err(Failure::new("not yet"))
}
