//! What `renumber` does not do, and in which words.

use super::lock;
use super::renumber::plan;
use insta::assert_snapshot;
use migrate_tools::renumber::drafts::Renumber;

fn refusal(paths: &[&str], lock: &str, label: Option<&str>) -> String {
    let mut options = Renumber::default();
    options.label = label;
    plan(paths, lock, &options).unwrap_err().message()
}

#[test]
fn what_is_frozen_is_not_moved() {
    let lock = lock(&["001_a", "002_b", "003_c"], 2);
    let paths = ["001_a.sql", "002_b.sql", "003_c.sql"];
    assert_snapshot!(refusal(&paths, &lock, Some("002_b")), @"`002_b` is frozen and cannot be moved: databases know it by its number; give new migrations the next free number");
    assert_eq!(
        refusal(&paths, &lock, Some("b")),
        refusal(&paths, &lock, Some("002_b"))
    );
    let moved = ["001_a.sql", "003_b.sql", "003_c.sql"];
    assert_snapshot!(refusal(&moved, &lock, None), @"`002_b` is frozen and has no file of that number and name; restore it first");
}

#[test]
fn a_label_that_means_nothing_or_too_much() {
    let lock = lock(&["001_orders", "002_users"], 0) + "003_users draft\n";
    let paths = ["001_orders.sql", "002_users.sql", "003_users.sql"];
    assert_snapshot!(refusal(&paths, &lock, Some("001_order")), @"there is no draft `001_order`; did you mean `001_orders`?");
    assert_snapshot!(refusal(&paths, &lock, Some("invoices")), @"there is no draft `invoices`; give number and name as in the file name, or no name to order all drafts");
    assert_snapshot!(refusal(&paths, &lock, Some("users")), @"`users` is the name of 2 drafts, `002_users` and `003_users`; add its number");
}

#[test]
fn two_releases_that_cannot_both_be_true() {
    let ours = lock(&["001_a", "002_b"], 2);
    let theirs = lock(&["001_a", "002_c"], 2);
    let line = |lock: &str| lock.lines().nth(2).unwrap().to_owned();
    let common: Vec<&str> = ours.lines().take(2).collect();
    let merged = format!(
        "{}\n<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> theirs\n",
        common.join("\n"),
        line(&ours),
        line(&theirs)
    );
    let paths = ["001_a.sql", "002_b.sql", "002_c.sql"];
    assert_snapshot!(refusal(&paths, &merged, None), @"`002_b` and `002_c` are both frozen and have the same number: both branches have released one; unfreeze one on its branch, if no database has applied it, and merge again");
}

#[test]
fn a_file_in_the_way_and_two_of_one_name() {
    let lock = lock(&["001_a"], 1) + "001_b draft\n";
    let paths = ["001_a.sql", "001_b.sql", "down/001_b.sql", "down/002_b.sql"];
    assert_snapshot!(refusal(&paths, &lock, None), @"`down/001_b.sql` cannot be moved: `down/002_b.sql` already exists; move that one away first");
    let twice = ["001_a.sql", "001_b.sql", "001_b.up.sql"];
    assert_snapshot!(refusal(&twice, &lock, None), @"`001_b.sql` and `001_b.up.sql` have the same number and name; rename one of them first");
}

#[test]
fn a_lock_file_that_is_not_to_be_trusted() {
    let lock = lock(&["001_a", "002_b"], 2);
    let paths = ["001_a.sql", "002_b.sql"];
    let first = lock.lines().nth(1).unwrap();
    assert_snapshot!(refusal(&paths, &lock.replace(&format!("{first}\n"), ""), None), @"
    M030: the chain is broken at `002_b`: this line, or one before it, was changed
     --> migrations.lock:2:1
      |
    2 | 002_b sha256:00d525ee1fbf6d00b310a7202e685b3ab0e752ae1e5fad2ac6ba73495a09c604 frozen down=none chain=sha256:dcbcb0c81158…
      | ^^^^^
      = help: restore the committed lock file: frozen lines are never edited, removed or inserted
    ");
    let cut = format!("{lock}<<<<<<< HEAD\n003_c draft\n=======\n");
    assert_snapshot!(refusal(&paths, &cut, None), @"
    M029: both of the merged branches changed the lock file
     --> migrations.lock:4:1
      |
    4 | <<<<<<< HEAD
      | ^^^^^^^^^^^^
      = note: `HEAD` has `003_c` (draft)
      = help: a marker is missing: check the lock file out again with `git checkout --merge`
    ");
}

#[test]
fn a_file_that_was_put_aside_and_left() {
    let lock = lock(&["001_a", "002_x"], 1);
    let paths = ["seed/.002_x.sql.renumbered", "001_a.sql"];
    assert_snapshot!(refusal(&paths, &lock, None), @"`seed/.002_x.sql.renumbered` was put aside by a renumbering that was interrupted; rename it to a free number, without the dot and the `.renumbered`, and run it again");
}
