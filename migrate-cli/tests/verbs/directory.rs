//! `lock` and `renumber`.

use crate::{folder, shows};

#[test]
fn the_lock_file_is_kept() {
    let folder = folder();
    shows!(folder.run("lock"), @"
    exit code 0
    --- stdout
    `001_users` is a draft
    `002_orders` is a draft
    `003_by_user` is a draft
    ");
    shows!(folder.run("lock"), @"
    exit code 0
    --- stdout
    the lock file is up to date
    ");
    shows!(folder.run("lock --freeze --to 002"), @"
    exit code 0
    --- stdout
    `001_users` is frozen
    `002_orders` is frozen
    ");
    folder.write("migrations/002_orders.sql", "CREATE TABLE orders (id);\n");
    let ran = folder.run("lock --freeze").ends_with(1);
    assert!(
        ran.stderr
            .contains("error: M031: the up of `002_orders` was changed"),
        "{ran}"
    );
    let _ = folder.run("up -d app.db").ends_with(1);
    assert!(!folder.at("app.db").exists());
}
