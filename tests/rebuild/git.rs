use crate::package::{Output, Package, output};
use std::process::Command;

/// Whether git can be run; says so if not.
pub(crate) fn is_missing() -> bool {
    let is_missing = Command::new("git").arg("--version").output().is_err();
    if is_missing {
        println!("SKIPPED: there is no git");
    }
    is_missing
}

/// Runs git in the folder of a package, with nobody's settings.
pub(crate) fn git(package: &Package, arguments: &[&str]) -> Output {
    let mut command = Command::new("git");
    let settings = [
        "user.name=A",
        "user.email=a@example.org",
        "commit.gpgSign=false",
        "init.defaultBranch=main",
        "core.autocrlf=false",
    ];
    for setting in settings {
        command.args(["-c", setting]);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_NOSYSTEM", "1");
    command.args(arguments).current_dir(package.path(""));
    output(&mut command)
}

/// Makes the package a repository of its own.
pub(crate) fn init(package: &Package) {
    git(package, &["init", "--quiet"]).ok();
    commit(package, "first");
}

pub(crate) fn commit(package: &Package, message: &str) {
    git(package, &["add", "--all"]).ok();
    git(package, &["commit", "--quiet", "--message", message]).ok();
}
