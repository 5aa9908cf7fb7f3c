//! The arguments of `completions` and `man`.

use clap::Args;

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Example:\n  migrate completions bash > ~/.local/share/bash-completion/completions/migrate"
)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Clone, Debug)]
#[command(after_help = "Example:\n  migrate man | man -l -")]
pub(crate) struct Man {}
