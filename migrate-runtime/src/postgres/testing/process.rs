//! A throw-away server, which ends with this process.

use crate::error::{Error, ProofKind};
use crate::postgres::random::nonce;
use std::fs::{self, DirBuilder};
use std::io::{self, BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A shell that is the parent of the server. It watches a pipe from this process, and
/// stops the server and removes its folder when the pipe closes.
#[derive(Debug)]
pub(super) struct Process {
    shell: Child,
    folder: PathBuf,
}

impl Process {
    /// Starts a server with the programs of a folder, and waits until it is ready.
    pub(super) fn start(binaries: &Path) -> Result<Process, Error> {
        let mut process = spawn(binaries).map_err(|cause| {
            let what = "the server for tests cannot be started; set `TEST_DATABASE_URL` to the \
                        URL of another one";
            Error::with_source(ProofKind::NoTestServer(what.to_owned()).into(), cause)
        })?;
        let mut answer = String::new();
        if let Some(stdout) = process.shell.stdout.take() {
            let _ = BufReader::new(stdout).read_line(&mut answer);
        }
        if answer.trim() == "ready" {
            return Ok(process);
        }
        let log = fs::read(process.folder.join("log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        Err(ProofKind::NoTestServer(format!(
            "the server for tests does not start from `{}`; set `MIGRATE_POSTGRES_BIN` to the \
             folder of another one, or `TEST_DATABASE_URL`; its log:\n{}",
            binaries.display(),
            log.trim_end()
        ))
        .into())
    }

    /// The superuser's URL. The folder of the socket is closed to other users.
    pub(super) fn url(&self) -> String {
        let folder = self.folder.to_string_lossy();
        let folder: String = folder.bytes().map(escaped).collect();
        format!("postgres://postgres@{folder}:5432/postgres")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Once the shell has ended, server and folder are gone.
        let _ = self.shell.wait();
    }
}

fn spawn(binaries: &Path) -> io::Result<Process> {
    // The name is short, because the path of a socket may have 103 bytes.
    let folder = std::env::temp_dir().join(format!("pg-{}", nonce()));
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", include_str!("process.sh"), "postgres-for-tests"])
        .args([&folder, binaries])
        .current_dir("/")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // What a terminal sends to this process must not end the shell.
        .process_group(0);
    // These would change what the programs of PostgreSQL do.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            shell.env_remove(name);
        }
    }
    DirBuilder::new().mode(0o700).create(&folder)?;
    let prepared = other_user(&folder).and_then(|user| {
        if let Some((uid, gid)) = user {
            chown(&folder, Some(uid), Some(gid))?;
            shell.uid(uid).gid(gid);
        }
        shell.spawn()
    });
    match prepared {
        Ok(shell) => Ok(Process { shell, folder }),
        Err(error) => {
            let _ = fs::remove_dir(&folder);
            Err(error)
        }
    }
}

/// The user that runs the server if this one is root, which PostgreSQL refuses. A folder
/// of this process says who this one is.
fn other_user(folder: &Path) -> io::Result<Option<(u32, u32)>> {
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let mut users = ["postgres", "nobody"].into_iter();
    let found = users.find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
    found.map(Some).ok_or_else(|| {
        io::Error::other("PostgreSQL refuses root, and there is no user `postgres` or `nobody`")
    })
}

fn id(arguments: &[&str]) -> Option<u32> {
    // An empty `PATH` is no reason to find no user.
    let mut id = Command::new("/bin/sh");
    id.args(["-c", "PATH=$PATH:/usr/bin:/bin; exec id \"$@\"", "id"]);
    let output = id.args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// A byte of a path as the host of a URL.
fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
