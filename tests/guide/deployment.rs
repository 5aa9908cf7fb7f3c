//! Files of the recipes that are not for Cargo: checked as far as there are tools.

use migrate_cli::clap::{self, Parser};
use migrate_tests::markdown;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

#[derive(clap::Parser)]
enum Program {
    Migrate(migrate_cli::MigrateArgs),
}

/// A file of a recipe.
fn file(recipe: &str, path: &str) -> String {
    let chapter = markdown::chapter(&format!("recipes/{recipe}.md"));
    let found = markdown::files(&chapter)
        .into_iter()
        .find(|(it, _)| it == path);
    found.unwrap_or_else(|| panic!("no {path} in {recipe}")).1
}

/// The output of a program, if it is installed.
fn output(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program).args(arguments).output().ok();
    if output.is_none() {
        eprintln!("SKIPPED: `{program}` is not installed");
    }
    output
}

fn assert_ok(output: &Output) {
    let text = [&output.stdout[..], &output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&text)
    );
}

#[test]
fn yaml_parses() {
    let program = "import sys, yaml; print(yaml.safe_load(open(sys.argv[1]))[sys.argv[2]])";
    let folder = tempfile::tempdir().unwrap();
    for (recipe, path, key) in [
        ("kubernetes", "deployment.yaml", "spec"),
        ("ci", "migrations.yml", "jobs"),
        ("ci", "migrations-postgres.yml", "jobs"),
        ("ci", "tests-postgres.yml", "jobs"),
    ] {
        let written = folder.path().join(path);
        fs::write(&written, file(recipe, path)).unwrap();
        let has_yaml = output("python3", &["-c", "import yaml"]);
        if !has_yaml.is_some_and(|it| it.status.success()) {
            eprintln!("SKIPPED: python3 has no module `yaml`");
            return;
        }
        let arguments = ["-c", program, written.to_str().unwrap(), key];
        assert_ok(&output("python3", &arguments).unwrap());
    }
}

/// The options of `migrate` in the jobs are those that it has.
#[test]
fn jobs_use_options_that_exist() {
    let mut checked = 0;
    for path in ["migrations.yml", "migrations-postgres.yml"] {
        let text = file("ci", path);
        for line in text
            .lines()
            .filter_map(|it| it.split_once("- run: migrate "))
        {
            let command = line.1.split(' ');
            let arguments = ["migrate", "migrate"].into_iter().chain(command);
            match Program::try_parse_from(arguments) {
                Ok(Program::Migrate(_)) => {}
                Err(error) => panic!("{path}: {error}"),
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 2);
}

#[test]
fn the_unit_is_valid() {
    // systemd asks whether the programs exist; what follows is as in the recipe.
    let unit = file("systemd", "shop.service");
    assert_eq!(unit.matches("/usr/local/bin/shop ").count(), 2, "{unit}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.service");
    fs::write(&path, unit.replace("/usr/local/bin/shop ", "/bin/true ")).unwrap();
    let Some(output) = output("systemd-analyze", &["verify", path.to_str().unwrap()]) else {
        return;
    };
    assert_ok(&output);
    // It reports an unknown line as a warning, and succeeds.
    let said = String::from_utf8_lossy(&output.stderr);
    let about_it = said.lines().filter(|line| line.contains("shop.service"));
    assert_eq!(about_it.collect::<Vec<_>>(), [""; 0]);
}

/// No Docker here: the form of each line, and the files that it copies.
#[test]
fn the_dockerfile_has_the_right_form() {
    let text = file("docker", "Dockerfile");
    let mut stages = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["FROM", _, "AS", stage] => stages.push(stage),
            ["FROM", _] | ["RUN" | "USER" | "WORKDIR", ..] => {}
            ["COPY", from, source, target] if from.starts_with("--from=") => {
                assert!(stages.contains(&&from["--from=".len()..]), "{line}");
                assert!(Path::new(source).is_absolute() && Path::new(target).is_absolute());
            }
            ["COPY", .., _] => {}
            ["ENTRYPOINT" | "CMD", list] => {
                assert!(list.starts_with("[\"") && list.ends_with("\"]"), "{line}");
            }
            _ => panic!("an unknown instruction: {line}"),
        }
    }
    assert_eq!(stages, ["build"]);
    for needed in ["migrations", "build.rs", "Cargo.lock", "src"] {
        assert!(text.contains(needed), "the build needs {needed}");
    }
}
