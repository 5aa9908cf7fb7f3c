//! What a frozen file was, for a message that shows which lines were changed.
//!
//! This runs only when the build has failed already, and whatever goes wrong
//! leaves the message with checksums instead of lines.

use migrate_core::Checksum;
use migrate_core::lock_file::part_with;
use migrate_core::text::canonicalize;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many commits of a file are looked at.
const MOST_COMMITS: &str = "50";

/// The earlier text of a file below `directory`, or the part of it, that has
/// this checksum.
pub(crate) fn earlier(directory: &Path, path: &str, locked: &Checksum) -> Option<String> {
    // Beginning with `./` it is relative to the directory, and no option.
    let path = format!("./{path}");
    let commits = git(
        directory,
        &["log", "-n", MOST_COMMITS, "--format=%H", "--", &path],
    )?;
    String::from_utf8(commits).ok()?.lines().find_map(|commit| {
        let blob = git(
            directory,
            &["cat-file", "blob", &format!("{commit}:{path}")],
        )?;
        part_with(&canonicalize(&blob).ok()?, locked)
    })
}

/// What a command of git prints, if it succeeds. It runs nothing else: no shell,
/// no pager, no hook, no filter, no check of signatures, no download.
fn git(directory: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.args(["--no-pager", "--literal-pathspecs"]);
    for setting in [
        "log.showSignature=false",
        "core.fsmonitor=false",
        "log.follow=false",
        "protocol.allow=never",
    ] {
        command.args(["-c", setting]);
    }
    command.args(arguments).current_dir(directory);
    // A build that a hook of git has started would look at what the hook sees.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command.env("GIT_OPTIONAL_LOCKS", "0");
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_TERMINAL_PROMPT", "0");
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}
