//! The command `migrate`.

use migrate_cli::Program;
use std::process::ExitCode;

fn main() -> ExitCode {
    Program::directory().main()
}
