//! Where the files go.

use super::{directory, made, refused};

/// Makes the directory and says what `create two` adds to it.
fn next(paths: &[&str]) -> String {
    made(&directory(paths), "create new_one")
}

#[test]
fn the_layout_in_use_is_followed() {
    for (there, new) in [
        (
            vec!["001_a.up.sql", "001_a.down.sql"],
            "002_new_one.down.sql 002_new_one.up.sql",
        ),
        (
            vec!["001_a.sql", "001_a.down.sql"],
            "002_new_one.down.sql 002_new_one.sql",
        ),
        (
            vec!["001_a.sql", "down/001_a.sql"],
            "002_new_one.sql down/002_new_one.sql",
        ),
        (
            vec!["001_a.sql", "down/001_a_down.sql"],
            "002_new_one.sql down/002_new_one_down.sql",
        ),
        (
            vec!["001_a.sql", "rollbacks/001_a.sql"],
            "002_new_one.sql rollbacks/002_new_one.sql",
        ),
        (
            vec!["001_a/up.sql", "001_a/down.sql"],
            "002_new_one/down.sql 002_new_one/up.sql",
        ),
        (vec!["001-a/up.sql"], "002-new-one/up.sql"),
        (vec!["001_a.up.sql"], "002_new_one.up.sql"),
        (vec!["001-a.sql"], "002-new-one.sql"),
        (vec!["001-a_b.sql"], "002-new_one.sql"),
        (vec!["001_a-b.sql"], "002_new-one.sql"),
        (vec!["00001_a.sql"], "00002_new_one.sql"),
        (vec!["001_a.sql", "002_b.up.sql"], "003_new_one.up.sql"),
        (vec!["001_a.sql", "002_b.rs"], "003_new_one.sql"),
        (
            vec![
                "001_a.sql",
                "001_a.down.sql",
                "002_b.sql",
                "002_b.down.sql",
                "003_c.sql",
            ],
            "004_new_one.down.sql 004_new_one.sql",
        ),
    ] {
        assert_eq!(next(&there), new, "{there:?}");
    }
}

#[test]
fn most_having_a_down_is_a_habit() {
    let with = [
        "001_a.sql",
        "001_a.down.sql",
        "002_b.sql",
        "002_b.down.sql",
        "003_c.sql",
    ];
    assert_eq!(next(&with), "004_new_one.down.sql 004_new_one.sql");
    let without = ["001_a.sql", "001_a.down.sql", "002_b.sql"];
    assert_eq!(next(&without), "003_new_one.sql");
    let forced = made(&directory(&without), "create new_one --down");
    assert_eq!(forced, "003_new_one.down.sql 003_new_one.sql");
    // Who says why there is none would have written one.
    let folder = directory(&[]);
    folder.write(
        "migrations/001_a.sql",
        "-- migrate: irreversible \"x\"\nDROP TABLE a;\n",
    );
    let _ = folder.run("create b").fine();
    assert!(folder.read("migrations/002_b.sql").contains("migrate:down"));
}

#[test]
fn categories_are_folders_of_the_directory() {
    let folder = directory(&["001_a.sql", "schema/002_b.sql"]);
    insta::assert_snapshot!(folder.run("create c --category seed"), @"
    exit code 0
    --- stdout
    created `migrations/seed/003_c.sql`
    next: write its SQL in `migrations/seed/003_c.sql`; the build fails until it is there (M016)
    --- stderr
    note: created the folder of the new category `seed`
    ");
    assert_eq!(
        made(&folder, "create d --category ./schema/"),
        "schema/004_d.sql"
    );
    assert_eq!(made(&folder, "create e"), "005_e.sql");
    assert_eq!(
        made(&folder, "create f --category a/b --rust"),
        "a/b/006_f.rs"
    );
    assert_eq!(made(&folder, "create g --category ."), "007_g.sql");

    // If all lie in one, the next does, too.
    assert_eq!(next(&["schema/001_a.sql"]), "schema/002_new_one.sql");
    let folder = directory(&["schema/001_a.sql", "seed/002_b.sql"]);
    insta::assert_snapshot!(refused(&folder, "create c"), @"
    exit code 2
    --- stderr
    error: the migrations are in several categories: `schema`, `seed`
      help: choose one of them, such as with `--category schema`
    ");
    assert_eq!(made(&folder, "create c --category seed"), "seed/003_c.sql");
}

#[test]
fn downs_of_categories_lie_where_the_others_do() {
    for (there, new) in [
        (
            ["s/001_a.sql", "s/down/001_a.sql"],
            "t/002_b.sql t/down/002_b.sql",
        ),
        (
            ["s/001_a.sql", "down/s/001_a.sql"],
            "down/t/002_b.sql t/002_b.sql",
        ),
        (
            ["s/001_a.sql", "down/001_a.sql"],
            "down/002_b.sql t/002_b.sql",
        ),
        (
            ["s/001_a/up.sql", "s/001_a/down.sql"],
            "t/002_b/down.sql t/002_b/up.sql",
        ),
    ] {
        let folder = directory(&there);
        assert_eq!(made(&folder, "create b --category t"), new, "{there:?}");
    }
}

#[test]
fn a_category_stays_within_the_directory() {
    let folder = directory(&["001_a.sql", "001_a.down.sql"]);
    insta::assert_snapshot!(refused(&folder, "create b --category ../seed"), @"
    exit code 2
    --- stderr
    error: the category `../seed` is outside the migrations directory
      help: name a folder of the migrations directory, relative to it: `--category schema`
    ");
    insta::assert_snapshot!(refused(&folder, "create b --category archive"), @"
    exit code 2
    --- stderr
    error: `archive` cannot be a category: such a folder is ignored, with everything in it
      help: choose another name for the category
    ");
    insta::assert_snapshot!(refused(&folder, "create b --category down"), @"
    exit code 2
    --- stderr
    error: `down` cannot be a category: such a folder is for downs
      help: choose another name for the category
    ");
    insta::assert_snapshot!(refused(&folder, "create b --category 002_b"), @"
    exit code 2
    --- stderr
    error: `002_b` cannot be a category: such a folder looks like the folder of a single migration
      help: choose another name for the category
    ");
    for wrong in [
        "/srv",
        "a/../../b",
        ".git",
        "x/rollbacks",
        "1/2/3/4/5/6/7",
        "001_a/x/003_y",
    ] {
        let _ = refused(&folder, &format!("create b --category {wrong}"));
    }
}
