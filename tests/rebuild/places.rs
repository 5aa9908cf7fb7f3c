//! Where a package, its directory and its runtime may be.

use crate::package::{self, Package, RUNTIME, build_script, executable, manifest, program, run};

#[test]
fn a_workspace_builds_from_everywhere() {
    let mut members = vec!["outside", "renamed", "spaced", "user"];
    if cfg!(unix) {
        members.push("linked");
    }
    let workspace = Package::workspace("places", "Wörk space", &members);
    let library = Package::new("library", RUNTIME);
    write_library(&library);
    write_members(&workspace, &library);
    workspace
        .cargo(&["build", "--workspace"])
        .ok()
        .without_warnings("places-")
        .without_warnings("library");
    let (a, b) = ("001_a: CREATE TABLE a(x);", "002_b: CREATE TABLE b(x);");
    for program in programs() {
        assert_eq!(run(&program), [a, "applied 1"], "{program:?}");
    }

    workspace.write("shared/002_b.sql", "CREATE TABLE b(x);\n");
    workspace.write("spaced/db/das Schema/ü/002_b.sql", "CREATE TABLE b(x);\n");
    library.write("migrations/002_b.sql", "CREATE TABLE b(x);\n");
    workspace.cargo(&["build", "--workspace"]).ok();
    for program in programs() {
        assert_eq!(run(&program), [a, b, "applied 2"], "{program:?}");
    }

    // Paths in messages are those of the workspace, wherever Cargo runs.
    workspace.write("shared/002_b.sql", "CREATE TABEL b(x);\n");
    workspace.write("spaced/db/das Schema/ü/002_b.sql", "CREATE TABEL b(x);\n");
    library.write("migrations/002_b.sql", "CREATE TABEL b(x);\n");
    let root = workspace.path("");
    let root = root.ancestors().last().unwrap();
    for (member, place) in [
        ("outside", "--> shared/002_b.sql:1:8"),
        ("spaced", "--> spaced/db/das Schema/ü/002_b.sql:1:8"),
        ("user", "--> migrations/002_b.sql:1:8"),
    ] {
        let member = workspace.path(member);
        let manifest = member.join("Cargo.toml");
        let check = ["check", "--manifest-path", manifest.to_str().unwrap()];
        package::cargo(root, &check).failed().has(place);
        package::cargo(&member, &["check"]).failed().has(place);
    }
    let renamed = ["check", "-p", "places-renamed"];
    // One for each registry.
    workspace
        .cargo(&renamed)
        .failed()
        .has("due to 2 previous errors");
    workspace.write("shared/002_b.sql", "CREATE TABLE b(x);\n");
    let test = workspace.cargo(&["test", "-p", "places-renamed"]).ok();
    assert_eq!(test.count("embedded_migrations_are_fresh ... ok"), 2);
}

/// A crate that was compiled with its paths remapped does not say in which file
/// the call of its macro stands. A guess must not become a program that embeds
/// nothing.
#[cfg(unix)]
#[test]
fn a_path_beside_an_unknown_file_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;

    let workspace = Package::workspace("remapped", "remapped", &["toolbox", "remapped"]);
    workspace.write(
        "wrapper",
        "#!/bin/sh\nexec \"$@\" --remap-path-prefix=\"$PWD\"=/x --remap-path-prefix=toolbox=/x\n",
    );
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(workspace.path("wrapper"), executable).unwrap();
    workspace.write(
        ".cargo/config.toml",
        "[build]\nrustc-workspace-wrapper = './wrapper'\n",
    );
    workspace.write("toolbox/Cargo.toml", &manifest("toolbox", RUNTIME));
    workspace.write(
        "toolbox/src/lib.rs",
        "pub use migrate_runtime as rt;\n\
         #[macro_export]\n\
         macro_rules! database {\n    \
             () => { $crate::rt::embed_migrations!(\"./migrations\", crate = $crate::rt); };\n\
         }\n",
    );
    workspace.write(
        "remapped/Cargo.toml",
        &manifest("remapped", "toolbox = { path = '../toolbox' }"),
    );
    workspace.write("remapped/src/lib.rs", "toolbox::database!();\n");
    let unknown = "the compiler does not say which file this path is relative to";
    let check = ["check", "-p", "remapped"];
    workspace.cargo(&check).failed().has(unknown);

    // It may lie where the guess looks; it still is a guess.
    workspace.write("remapped/migrations/001_a.sql", "CREATE TABLE a(x);\n");
    workspace.cargo(&check).failed().has(unknown);
}

/// A library that is no part of the workspace. It is compiled in the folder of
/// the workspace all the same: a macro that looked for files in the current
/// directory, which rust-analyzer chooses in its own way, would not find its
/// migrations.
fn write_library(library: &Package) {
    library.write("build.rs", &build_script("migrations"));
    library.write(
        "src/lib.rs",
        "pub use migrate_runtime as rt;\nrt::embed_migrations!(\"migrations\");",
    );
    library.write("migrations/001_a.sql", "CREATE TABLE a(x);\n");
}

fn write_members(workspace: &Package, library: &Package) {
    workspace.write("shared/001_a.sql", "CREATE TABLE a(x);\n");
    // In the compiler's working directory, where nobody should look.
    workspace.write("migrations/001_wrong.sql", "CREATE TABLE wrong(x);\n");
    let write = |member: &str, directory: &str, dependencies: &str, main: &str| {
        let name = format!("places-{member}");
        workspace.write(
            &format!("{member}/Cargo.toml"),
            &manifest(&name, dependencies),
        );
        workspace.write(&format!("{member}/build.rs"), &build_script(directory));
        workspace.write(&format!("{member}/src/main.rs"), main);
    };

    let call = |directory: &str| {
        program(&format!(
            "use migrate_runtime as rt;\nrt::embed_migrations!(\"{directory}\");"
        ))
    };
    write("outside", "../shared", RUNTIME, &call("../shared"));

    let spaced = "db/das Schema/ü";
    workspace.write(
        &format!("spaced/{spaced}/001_a.sql"),
        "CREATE TABLE a(x);\n",
    );
    write("spaced", spaced, RUNTIME, &call(spaced));

    #[cfg(unix)]
    {
        write("linked", "migrations", RUNTIME, &call("migrations"));
        std::os::unix::fs::symlink("../shared", workspace.path("linked/migrations")).unwrap();
    }

    let runtime = RUNTIME.replace("migrate-runtime = {", "rt = { package = 'migrate-runtime',");
    let calls = "rt::embed_migrations!(\"../shared\", crate = ::rt);\n\
                 pub mod short {\n    \
                     rt::embed_migrations! { pub enum Schema in \"../shared\", crate = rt }\n\
                 }";
    write("renamed", "../shared", &runtime, &program(calls));

    let library = format!("library = {{ path = '{}' }}", library.path("").display());
    workspace.write("user/Cargo.toml", &manifest("places-user", &library));
    workspace.write(
        "user/src/main.rs",
        &program("use library::{Migration, rt};"),
    );
}

fn programs() -> Vec<std::path::PathBuf> {
    let mut members = vec!["outside", "renamed", "spaced", "user"];
    if cfg!(unix) {
        members.push("linked");
    }
    let name = |member: &&str| executable("debug", &format!("places-{member}"));
    members.iter().map(name).collect()
}
