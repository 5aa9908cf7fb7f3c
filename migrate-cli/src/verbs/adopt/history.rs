//! Adoption of the migrations that the old tool has applied.

use super::{tool, undetected};
use crate::args::{Adopt, Evidence};
use crate::context::Context;
use crate::failure::Failure;
use crate::json;
use crate::outcome::{Exit, Outcome};
use crate::session::{self, Access};
use crate::version_argument::resolve;
use migrate_adopt::files::read_originals;
use migrate_adopt::{Options, OriginalMigration, Row, Tool, Verified, Verify};
use migrate_runtime::{Migration, Version};
use serde_json::json;

pub(super) fn adopt(context: &Context<'_>, args: &Adopt) -> Result<Outcome, Failure> {
    let migrator = context.migrator()?.with_lock_options(&args.lock_options);
    let mut session = session::open(context, migrator, Access::Existing)?;
    let tool = tool(context, args, || session.detect_tools().map_err(undetected))?;
    let mut options = Options::default();
    options.table.clone_from(&args.table);
    options.rename_to.clone_from(&args.rename_old);
    options.map = map(&args.map, session.migrations())?;
    options.originals = originals(context, args, tool)?;
    options.verify = match args.verify {
        Evidence::All => Verify::All,
        Evidence::Checksum => Verify::Checksum,
        Evidence::Schema => Verify::Schema,
        Evidence::None => Verify::None,
    };
    let adoption = if args.dry_run {
        session.plan_adoption(tool, &options)?
    } else {
        session.adopt(tool, &options)?
    };
    let output = context.output;
    output.result(adoption.to_string().trim_end());
    match (args.dry_run, adoption.pending.is_empty()) {
        (true, _) => output.note("nothing was written; to record this, omit `--dry-run`"),
        (false, true) => output.note("`migrate verify` compares everything again"),
        (false, false) => output.note(
            "`migrate verify` compares everything again, and `migrate up` applies what is pending",
        ),
    }
    let row = |row: &Row| {
        json!({
            "old": row.old_id,
            "version": row.version.get(),
            "label": row.label,
            "applied_at": row.applied_at,
            "verified": match row.verified {
                Verified::Checksum => "checksum",
                Verified::Differs => "differs",
                _ => "no",
            },
        })
    };
    Ok(Outcome::fine(json!({
        "tool": adoption.tool.name(),
        "database": session.shown(),
        "table": adoption.table,
        "rows": json::list(&adoption.rows, row),
        "schema": adoption.schema,
        "pending": adoption.pending,
        "notes": adoption.notes,
        "is_applied": !args.dry_run,
    })))
}

/// Parses `OLD=NEW`, where the old version may itself contain an equals sign.
fn map(pairs: &[String], migrations: &[Migration]) -> Result<Vec<(String, Version)>, Failure> {
    let pair = |text: &String| {
        let (old, new) = text.rsplit_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "`{text}` is not a pair of an old version and a migration"
            ))
            .help("write it as `OLD=NEW`, such as `20240101120000=1`")
        })?;
        Ok((old.to_owned(), resolve(new, migrations, None)?))
    };
    pairs.iter().map(pair).collect()
}

/// The old files, from `--originals` or from the archive of an in-place
/// conversion.
fn originals(
    context: &Context<'_>,
    args: &Adopt,
    tool: Tool,
) -> Result<Vec<OriginalMigration>, Failure> {
    if let Some(directory) = &args.originals {
        return read_originals(tool, directory).map_err(|error| {
            if !error.is_converted() {
                return error.into();
            }
            Failure::new(format!(
                "`{}` contains the new files, not those of {}",
                directory.display(),
                tool.called()
            ))
            .help(
                "name the directory with the old files; those in `archive/`, next to the new \
                 files, are found without `--originals`",
            )
        });
    }
    let archive = context.global.dir.join("archive");
    // The archive may contain something else.
    Ok(read_originals(tool, &archive).unwrap_or_default())
}

impl From<migrate_adopt::Error> for Failure {
    fn from(error: migrate_adopt::Error) -> Failure {
        let mut failure = Failure::new(error.message()).with_causes(&error);
        if error.is_locked() {
            failure.exit = Exit::Locked;
        } else if let Some(error) = error.runtime() {
            failure.exit = Exit::of_error(error);
        }
        failure
    }
}
