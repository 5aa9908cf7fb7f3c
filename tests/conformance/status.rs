//! What is shown without a change: plan, status, verification.

use crate::database::{A, B, C, Database, THREE, done, version};
use migrate_runtime::{Down, StatusKind};

/// Without times, which differ from run to run.
fn masked(text: &str) -> String {
    let line = |line: &str| match (line.split_once("(applied: "), line.split_once(" in ")) {
        // `2024-01-01 12:00:00`
        (Some((before, after)), _) => format!("{before}(applied: TIME{}", &after[19..]),
        (None, Some((before, after))) if after.ends_with('s') => format!("{before} in TIME"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn nothing_is_applied<D: Database>(mut db: D) {
    let before = db.dump();
    let three = D::migrator(&THREE);
    insta::assert_snapshot!(db.plan(&three).unwrap(), @"
    would apply 001_a
    would apply 002_b
    would apply 003_c
    ");
    insta::assert_snapshot!(db.plan(&three.clone().to(version(1))).unwrap(), @"would apply 001_a");
    let status = db.status(&three).unwrap();
    assert_eq!((status.applied(), status.pending()), (0, 3));
    insta::assert_snapshot!(status, @"
    [ ] 001_a
    [ ] 002_b
    [ ] 003_c

    Total: 3 | Applied: 0 | Pending: 3
    ");
    let verification = db.verify(&three).unwrap();
    assert!(!verification.is_clean());
    insta::assert_snapshot!(verification, @"
    migration `001_a` is pending
    migration `002_b` is pending
    migration `003_c` is pending
    ");
    assert_eq!(db.dump(), before);
}

fn some_are_applied<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    let report = db.up(&three.clone().to(version(2))).unwrap();
    assert_eq!(done(&report), "001_a 002_b");
    let before = db.dump();
    insta::assert_snapshot!(db.plan(&three).unwrap(), @"would apply 003_c");
    let status = db.status(&three).unwrap();
    assert_eq!((status.applied(), status.pending()), (2, 1));
    let kinds: Vec<StatusKind> = status.entries().iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            StatusKind::Applied,
            StatusKind::Applied,
            StatusKind::Pending
        ]
    );
    insta::assert_snapshot!(masked(&status.to_string()), @"
    [x] 001_a (applied: TIME)
    [x] 002_b (applied: TIME)
    [ ] 003_c

    Total: 3 | Applied: 2 | Pending: 1
    ");
    insta::assert_snapshot!(db.verify(&three).unwrap(), @"migration `003_c` is pending");
    // A target below what is applied leaves it as it is.
    let first = three.clone().to(version(1));
    assert!(db.up(&first).unwrap().is_empty());
    assert!(db.plan(&first).unwrap().is_empty());
    assert_eq!(db.dump(), before);
}

fn all_are_applied<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    let report = db.up(&three).unwrap();
    insta::assert_snapshot!(masked(&report.to_string()), @"
    applied 001_a in TIME
    applied 002_b in TIME
    applied 003_c in TIME
    ");
    let before = db.dump();
    let again = db.up(&three).unwrap();
    insta::assert_snapshot!(again, @"nothing is pending");
    insta::assert_snapshot!(db.plan(&three).unwrap(), @"nothing is pending");
    let verification = db.verify(&three).unwrap();
    assert!(verification.is_clean());
    insta::assert_snapshot!(verification, @"database and migrations agree");
    insta::assert_snapshot!(db.plan_down(&three, Down::To(version(1))).unwrap(), @"
    would undo 003_c
    would undo 002_b
    ");
    assert_eq!(db.dump(), before);
}

fn they_disagree<D: Database>(mut db: D) {
    db.up(&D::migrator(&THREE)).unwrap();
    let files = [("001_a.sql", "SELECT 1"), B, ("003_sea.sql", C.1)];
    let other = D::migrator(&files);
    insta::assert_snapshot!(masked(&db.status(&other).unwrap().to_string()), @"
    [!] 001_a (applied: TIME; changed since)
    [x] 002_b (applied: TIME)
    [!] 003_c (applied: TIME; changed since)

    Total: 3 | Applied: 3 | Pending: 0
    drift: migration `001_a` was changed after it was applied: the history has `sha256:f5d5ccfb14114036f5bef9d45066e6497a1cac9021f58eb5db96495d1b2c27cf`, this binary `sha256:e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5`; restore `001_a.sql` and make the change in a new migration, or accept a harmless change with `repair`
    drift: migration `003_sea` was applied under the name `c`; give the file its old name back
    ");
    insta::assert_snapshot!(db.verify(&other).unwrap(), @"
    migration `001_a` was changed after it was applied: the history has `sha256:f5d5ccfb14114036f5bef9d45066e6497a1cac9021f58eb5db96495d1b2c27cf`, this binary `sha256:e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5`; restore `001_a.sql` and make the change in a new migration, or accept a harmless change with `repair`
    migration `003_sea` was applied under the name `c`; give the file its old name back
    ");
    // Another down is told of, and stops nothing.
    let down = (
        "001_a.sql",
        "CREATE TABLE a(x bigint);\n-- migrate:down\nDROP TABLE IF EXISTS a;\n",
    );
    let fixed = D::migrator(&[down, B, C]);
    assert!(db.up(&fixed).unwrap().is_empty());
    insta::assert_snapshot!(db.verify(&fixed).unwrap(), @"the down of migration `001_a` has changed since it was applied");
    let fewer = D::migrator(&[A]);
    insta::assert_snapshot!(masked(&db.status(&fewer).unwrap().to_string()), @"
    [x] 001_a (applied: TIME)
    [?] 002_b (applied: TIME; unknown to this binary)
    [?] 003_c (applied: TIME; unknown to this binary)

    Total: 3 | Applied: 3 | Pending: 0
    drift: the database is ahead of this binary: 2 migrations, `002_b` to `003_c`, are applied but this binary does not contain them; start a newer release, or restore their files
    ");
}

on_both![
    nothing_is_applied,
    some_are_applied,
    all_are_applied,
    they_disagree,
];
