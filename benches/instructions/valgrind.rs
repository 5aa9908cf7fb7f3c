//! One case under valgrind's callgrind.

use crate::case::{Case, Runner};
use std::error::Error;
use std::process::{Child, Command, Stdio};

/// A case that runs.
pub(crate) struct Running {
    case: Case,
    child: Child,
}

/// Starts a case, so that two of them can have a core each.
pub(crate) fn start(case: Case, runner: Runner) -> Result<Running, Box<dyn Error>> {
    let child = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        // Counts only inside this function, and in what it calls.
        .args(["--collect-atstart=no", "--toggle-collect=*case*counted*"])
        .arg(std::env::current_exe()?)
        .args(["run", case.name, &case.count.to_string(), runner.name()])
        // The length of the environment moves the stack.
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("valgrind cannot be run: {error}"))?;
    Ok(Running { case, child })
}

impl Running {
    /// The instructions of the call.
    pub(crate) fn count(self) -> Result<u64, Box<dyn Error>> {
        let Case { name, count } = self.case;
        let output = self.child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let counted = text
            .lines()
            .find_map(|line| line.split("Collected :").nth(1)?.trim().parse().ok());
        match counted {
            Some(counted) if output.status.success() && counted > 0 => Ok(counted),
            _ => Err(format!("{name} {count} failed under valgrind:\n{text}").into()),
        }
    }
}
