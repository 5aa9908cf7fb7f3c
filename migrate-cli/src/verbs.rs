//! The verbs, one file each.

#[cfg(feature = "adopt")]
mod adopt;
mod baseline;
mod check;
mod create;
mod down;
mod init;
mod lock;
mod plan;
mod renumber;
mod repair;
mod schema;
#[cfg(feature = "shell")]
mod shell;
mod status;
mod up;
mod verify;

use crate::args::Verb;
use crate::context::Context;
use crate::failure::Failure;
#[cfg(not(all(feature = "adopt", feature = "shell")))]
use crate::features;
use crate::outcome::Outcome;

pub(crate) fn run(context: &Context<'_>, verb: &Verb) -> Result<Outcome, Failure> {
    match verb {
        Verb::Init => init::run(context),
        Verb::Create(args) => create::run(context, args),
        Verb::Status(args) => status::run(context, args),
        Verb::Plan(args) => plan::run(context, &args.target, &args.run),
        Verb::Up(args) => up::run(context, args),
        Verb::Down(args) => down::run(context, args),
        Verb::Redo(change) => down::redo(context, change),
        Verb::Reset(change) => down::reset(context, change),
        Verb::Verify(args) => verify::run(context, args),
        Verb::Check(args) => check::run(context, args),
        Verb::Lock(args) => lock::run(context, args),
        Verb::Renumber(args) => renumber::run(context, args),
        Verb::Baseline(args) => baseline::run(context, args),
        #[cfg(feature = "adopt")]
        Verb::Adopt(args) => adopt::run(context, args),
        Verb::Repair(args) => repair::run(context, args),
        Verb::Schema(args) => schema::run(context, args),
        #[cfg(feature = "shell")]
        Verb::Completions(args) => shell::completions(context, args),
        #[cfg(feature = "shell")]
        Verb::Man(_) => shell::manual(context),
        #[cfg(not(feature = "adopt"))]
        Verb::Adopt(_) => Err(features::missing_verb(verb.name(), "adopt")),
        #[cfg(not(feature = "shell"))]
        Verb::Completions(_) | Verb::Man(_) => Err(features::missing_verb(verb.name(), "shell")),
    }
}
