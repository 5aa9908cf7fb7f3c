//! The earlier text of a frozen file, for a message that shows the changed lines.
//!
//! This runs only when the build has already failed. If anything goes wrong, the
//! message has checksums instead of lines. It uses two of git's commands, without a
//! shell, pager, hooks or filters.

use migrate_model::Checksum;
use migrate_scan::text::canonicalize;
use migrate_source::lock_file::part_with;
use std::cell::OnceCell;
use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The number of commits of a file that are examined.
const MOST_COMMITS: &str = "50";

/// How long the build waits for git, regardless of the number of changed files: one
/// file may have few commits, with a million others between them.
const MOST_TIME: Duration = Duration::from_secs(5);

/// The repository that is queried in one expansion.
#[derive(Debug)]
pub(crate) struct Repository<'a> {
    directory: &'a Path,
    until: OnceCell<Instant>,
}

impl<'a> Repository<'a> {
    /// Runs nothing before the first query.
    pub(crate) fn around(directory: &'a Path) -> Repository<'a> {
        let until = OnceCell::new();
        Repository { directory, until }
    }

    /// The earlier text of a file below the directory, or the part of it, that
    /// has this checksum.
    pub(crate) fn earlier(&self, path: &str, locked: &Checksum) -> Option<String> {
        let until = *self.until.get_or_init(|| Instant::now() + MOST_TIME);
        earlier(self.directory, path, locked, until)
    }
}

fn earlier(directory: &Path, path: &str, locked: &Checksum, until: Instant) -> Option<String> {
    // With `./` at the start, it is relative to the directory, and cannot be an option.
    let path = format!("./{path}");
    let commits = git(
        directory,
        &["log", "-n", MOST_COMMITS, "--format=%H", "--", &path],
        until,
    )?;
    String::from_utf8(commits).ok()?.lines().find_map(|commit| {
        let blob = git(
            directory,
            &["cat-file", "blob", &format!("{commit}:{path}")],
            until,
        )?;
        part_with(&canonicalize(&blob).ok()?, locked)
    })
}

/// The output of a git command, if it succeeds. Nothing else runs: no shell, no pager, no hook, no
/// filter, no check of signatures, no download.
fn git(directory: &Path, arguments: &[&str], until: Instant) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.args(["--no-pager", "--literal-pathspecs"]);
    for setting in [
        "log.showSignature=false",
        "core.fsmonitor=false",
        "log.follow=false",
    ] {
        command.args(["-c", setting]);
    }
    command.args(arguments).current_dir(directory);
    // In a build that a git hook started, these would select what the hook sees.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(variable);
    }
    command.env("GIT_OPTIONAL_LOCKS", "0");
    // A repository may configure programs that fetch missing objects. Older versions of git know
    // only the second variable, which no setting of the repository overrides.
    command.env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_ALLOW_PROTOCOL", "");
    command.env("GIT_TERMINAL_PROMPT", "0");
    let command = command.stdin(Stdio::null()).stderr(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).spawn().ok()?;
    let printed = printed(&mut child, until);
    if printed.is_none() {
        // It may have ended already.
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    printed.filter(|_| status.success())
}

/// The whole output of a process; `None` if it takes too long.
fn printed(child: &mut Child, until: Instant) -> Option<Vec<u8>> {
    let mut output = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut printed = Vec::new();
        let read = output.read_to_end(&mut printed);
        // If it took too long, the receiver is gone.
        let _ = sender.send(read.is_ok().then_some(printed));
    });
    let left = until.saturating_duration_since(Instant::now());
    receiver.recv_timeout(left).ok()?
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_is_given_up() {
        let mut command = Command::new("sleep");
        let command = command.arg("60").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let start = Instant::now();
        assert_eq!(printed(&mut child, start), None);
        assert!(start.elapsed() < Duration::from_secs(30));
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
