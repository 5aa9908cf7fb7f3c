//! A target for a verb that has no use for one.

use crate::database::{Database, THREE, assert_state, done, refused, version};
use migrate_runtime::{Down, Error, Repair};
use migrate_tests::kinds;

fn it_is_refused<D: Database>(mut db: D) {
    let three = D::migrator(&THREE);
    let first = three.clone().to(version(1));
    db.up(&three).unwrap();
    let to_first = Down::To(version(1));
    let repair = Repair::Restamp("to see");
    let errors: Vec<Error> = vec![
        refused(&mut db, |db| db.down(&first, Down::Steps(1))),
        refused(&mut db, |db| db.redo(&first)),
        refused(&mut db, |db| db.reset(&first)),
        refused(&mut db, |db| db.plan_down(&first, to_first)),
        refused(&mut db, |db| db.status(&first)),
        refused(&mut db, |db| db.verify(&first)),
        refused(&mut db, |db| db.baseline(&first, 1)),
        refused(&mut db, |db| db.repair(&first, 1, repair)),
        refused(&mut db, |db| db.adopt(&first, "", Ok(Vec::new()))),
    ];
    assert!(errors.iter().all(|error| kinds(error) == "invalid input"));
    let messages: Vec<String> = errors.iter().map(Error::message).collect();
    insta::assert_snapshot!(messages.join("\n"), @"
    `down` does not use the option `to`; nothing was changed, omit it, and name the target with `Down::To`
    `redo` does not use the option `to`; nothing was changed, omit it
    `reset` does not use the option `to`; nothing was changed, omit it
    `plan_down` does not use the option `to`; nothing was changed, omit it, and name the target with `Down::To`
    `status` does not use the option `to`; nothing was changed, omit it
    `verify` does not use the option `to`; nothing was changed, omit it
    `baseline` does not use the option `to`; nothing was changed, omit it
    `repair` does not use the option `to`; nothing was changed, omit it
    `adopt` does not use the option `to`; nothing was changed, omit it
    ");
    assert!(db.plan(&first).unwrap().is_empty());
    assert_eq!(done(&db.down(&three, to_first).unwrap()), "-003_c -002_b");
    assert_state(&mut db, "a: 1");
}

on_both![it_is_refused,];
