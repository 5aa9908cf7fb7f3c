//! S42: full-text indexes that do not match their content.

use crate::set::{found, told};
use insta::assert_snapshot;

/// A table without a key, and its index, which the application fills.
const NOTE: &str = "== 001_a.sql
CREATE TABLE note(body TEXT);
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note', content_rowid='rowid');
";

/// A table with a key, and an index that triggers keep.
const POST: &str = "== 001_a.sql
CREATE TABLE post(id INTEGER PRIMARY KEY, title TEXT, body TEXT);
CREATE VIRTUAL TABLE post_fts USING fts5(title, body, content='post', content_rowid='id');
CREATE TRIGGER post_ai AFTER INSERT ON post BEGIN
  INSERT INTO post_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER post_ad AFTER DELETE ON post BEGIN
  INSERT INTO post_fts(post_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER post_au AFTER UPDATE ON post BEGIN
  INSERT INTO post_fts(post_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO post_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
";

const REBUILD: &str = "CREATE TABLE note_new(body TEXT NOT NULL);
INSERT INTO note_new SELECT coalesce(body, '') FROM note;
DROP TABLE note;
ALTER TABLE note_new RENAME TO note;
";

#[test]
fn a_rebuild_gives_new_rowids() {
    let note = NOTE.trim_start_matches("== 001_a.sql\n");
    assert_snapshot!(found(&[("001_a.sql", note), ("002_b.sql", REBUILD)]), @r#"
    S42: the rowids of `note` are new after this, and the full-text index `note_fts` refers to the old ones
     --> migrations/002_b.sql:3:12
      |
    3 | DROP TABLE note;
      |            ^^^^
      = help: fill it again at the end of this migration: `INSERT INTO note_fts(note_fts) VALUES ('rebuild')`
              or allow it: `-- migrate: allow stale-full-text-index "why"`
    "#);
    // With the old rowids, a new index of the rows, or after a new start it matches.
    let kept = REBUILD
        .replace("note_new SELECT", "note_new(rowid, body) SELECT rowid,")
        .replace("coalesce(body, '')", "body")
        .replace(" NOT NULL", "");
    let again = "INSERT INTO note_fts(note_fts) VALUES ('rebuild');";
    assert_eq!(told(NOTE, &format!("== 002_b.sql\n{kept}")), "");
    assert_eq!(told(NOTE, &format!("== 002_b.sql\n{REBUILD}{again}")), "");
    let anew = "DROP TABLE note_fts;
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note', content_rowid='rowid');
INSERT INTO note_fts(rowid, body) SELECT rowid, body FROM note;";
    assert_eq!(told(NOTE, &format!("== 002_b.sql\n{REBUILD}{anew}")), "");
    let fts4 = "== 001_a.sql\nCREATE TABLE note(body TEXT);\n\
                CREATE VIRTUAL TABLE note_fts USING fts4(content=\"note\", body);\n";
    assert_snapshot!(told(fts4, &format!("== 002_b.sql\n{REBUILD}")), @"S42 002_b.sql:3:12 the rowids of `note` are new after this, and the full-text index `note_fts` refers to the old ones");
    assert_eq!(told(fts4, &format!("== 002_b.sql\n{REBUILD}{again}")), "");
}

/// The virtual table has the rowids, and no name of the table.
#[test]
fn triggers_have_written_rowids() {
    let base = "== 001_a.sql
CREATE TABLE place(name TEXT, x REAL NOT NULL);
CREATE VIRTUAL TABLE words USING fts5(name);
CREATE VIRTUAL TABLE box USING rtree(id, a, b);
CREATE TRIGGER place_in AFTER INSERT ON place BEGIN
  INSERT INTO words(rowid, name) VALUES (new.rowid, new.name);
  INSERT INTO box VALUES (new.rowid, new.x, new.x);
END;
";
    let rebuild = |copy: &str| {
        format!(
            "== 002_b.sql
CREATE TABLE place_new(name TEXT, x REAL NOT NULL, y REAL);
{copy}
DROP TABLE place;
ALTER TABLE place_new RENAME TO place;
CREATE TRIGGER place_in AFTER INSERT ON place BEGIN
  INSERT INTO words(rowid, name) VALUES (new.rowid, new.name);
  INSERT INTO box VALUES (new.rowid, new.x, new.x);
END;
"
        )
    };
    let copy = "INSERT INTO place_new(name, x) SELECT name, x FROM place;";
    assert_snapshot!(told(base, &rebuild(copy)), @"
    S42 002_b.sql:5:41 the rowids of `place` are new after this, and `words` has the old ones, which triggers have written
    S42 002_b.sql:5:41 the rowids of `place` are new after this, and `box` has the old ones, which triggers have written
    ");
    let copy = "INSERT INTO place_new(rowid, name, x) SELECT rowid, name, x FROM place;";
    assert_eq!(told(base, &rebuild(copy)), "");
    let again = "DELETE FROM words;
DELETE FROM box;
INSERT INTO words(rowid, name) SELECT rowid, name FROM place;
INSERT INTO box SELECT rowid, x, x FROM place;
";
    let copy = "INSERT INTO place_new(name, x) SELECT name, x FROM place;";
    assert_eq!(told(base, &format!("{}{again}", rebuild(copy))), "");
}

#[test]
fn a_down_is_checked_too() {
    let up = "== 002_b.sql\n-- migrate: allow destructive-drop \"why\"\n\
              ALTER TABLE note ADD COLUMN author TEXT;\n-- migrate:down\n";
    assert_snapshot!(told(NOTE, &format!("{up}{}", REBUILD.replace(" NOT NULL", ""))), @"S42 002_b.sql:6:12 the rowids of `note` are new after this, and the full-text index `note_fts` refers to the old ones");
}

#[test]
fn a_change_of_rows_that_the_index_misses() {
    assert_snapshot!(told(NOTE, "== 002_b.sql\nUPDATE note SET body = body || ' more';\n"), @"S42 002_b.sql:1:8 the full-text index `note_fts` does not match the rows of `note` after this");
    assert_snapshot!(told(NOTE, "== 002_b.sql\nDELETE FROM note WHERE rowid > 0;\n"), @"S42 002_b.sql:1:13 the full-text index `note_fts` does not match the rows of `note` after this");
    assert_snapshot!(told(NOTE, "== 002_b.sql\nINSERT INTO note VALUES ('new words');\n"), @"S42 002_b.sql:1:13 the full-text index `note_fts` does not match the rows of `note` after this");
    assert_snapshot!(told(POST, "== 002_b.sql
DROP TRIGGER post_au;
UPDATE post SET body = title || ' ' || title;
CREATE TRIGGER post_au AFTER UPDATE ON post BEGIN
  INSERT INTO post_fts(post_fts, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
  INSERT INTO post_fts(rowid, title, body) VALUES (new.id, new.title, new.body);
END;
"), @"S42 002_b.sql:2:8 the full-text index `post_fts` does not match the rows of `post` after this");
    // The triggers do it.
    assert_eq!(
        told(
            POST,
            "== 002_b.sql
UPDATE post SET body = title || ' ' || title;
INSERT INTO post(title) VALUES ('x');
DELETE FROM post WHERE id = 1;
"
        ),
        ""
    );
}

#[test]
fn a_content_that_is_not_there() {
    assert_snapshot!(told(POST, "== 002_b.sql\nALTER TABLE post RENAME TO article;\n"), @"S42 002_b.sql:1:13 the full-text index `post_fts` cannot be read after this: no such table: main.post");
    assert_snapshot!(told(NOTE, "== 002_b.sql
-- migrate: allow destructive-drop \"why\"
DROP TABLE note;
"), @"S42 002_b.sql:2:12 the full-text index `note_fts` cannot be read after this: no such table: main.note");
    assert_snapshot!(told(NOTE, "== 002_b.sql\nALTER TABLE note RENAME COLUMN body TO text;\n"), @"S42 002_b.sql:1:13 the full-text index `note_fts` cannot be read after this: no such column: T.body");
    // The index goes with it.
    assert_eq!(
        told(
            NOTE,
            "== 002_b.sql
-- migrate: allow destructive-drop \"why\"
DROP TABLE note_fts;
DROP TABLE note;
"
        ),
        ""
    );
}

#[test]
fn a_new_index_without_the_old_rows() {
    let base = "== 001_a.sql
CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT, is_public INTEGER NOT NULL DEFAULT 0);
";
    let create = "== 002_b.sql
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note', content_rowid='id');
CREATE TRIGGER note_ai AFTER INSERT ON note BEGIN
  INSERT INTO note_fts(rowid, body) VALUES (new.id, new.body);
END;
";
    assert_snapshot!(told(base, create), @"S42 002_b.sql:1:56 the full-text index `note_fts` is created without the rows that `note` has");
    let again = format!("{create}INSERT INTO note_fts(note_fts) VALUES ('rebuild');\n");
    assert_eq!(told(base, &again), "");
    // Some rows alone, here and in later migrations.
    let some = "== 002_b.sql
CREATE VIRTUAL TABLE note_fts USING fts5(body, content='note', content_rowid='id');
CREATE TRIGGER note_ai AFTER INSERT ON note WHEN new.is_public = 1 BEGIN
  INSERT INTO note_fts(rowid, body) VALUES (new.id, new.body);
END;
INSERT INTO note_fts(rowid, body) SELECT id, body FROM note WHERE is_public = 1;
== 003_c.sql
INSERT INTO note(body, is_public) VALUES ('hidden', 0), ('shown', 1);
== 004_d.sql
UPDATE note SET body = body || ' more' WHERE is_public = 0;
";
    assert_eq!(told(base, some), "");
}

/// Columns that are not indexed, and an index of another text than that of the content.
#[test]
fn an_index_of_other_words_is_silent() {
    let base = "== 001_a.sql
CREATE TABLE link(id INTEGER PRIMARY KEY, url TEXT, title TEXT);
CREATE VIRTUAL TABLE link_fts USING fts5(url UNINDEXED, title, content='link', content_rowid='id');
CREATE VIRTUAL TABLE link_low USING fts5(title, content=link, content_rowid=id);
CREATE TRIGGER link_ai AFTER INSERT ON link BEGIN
  INSERT INTO link_fts(rowid, title) VALUES (new.id, new.title);
  INSERT INTO link_low(rowid, title) VALUES (new.id, replace(new.title, ' ', 'and'));
END;
";
    assert_eq!(
        told(
            base,
            "== 002_b.sql
ALTER TABLE link ADD COLUMN seen INTEGER;
UPDATE link SET seen = 1, url = 'https://' || url WHERE id > 0;
INSERT INTO link(url, title) VALUES ('x', 'more words');
"
        ),
        ""
    );
}

#[test]
fn a_vacuum_renumbers_rows() {
    let vacuum = "== 002_b.sql\n-- migrate: no-transaction\nVACUUM;\n";
    assert_snapshot!(told(NOTE, vacuum), @"S42 002_b.sql:2:1 `VACUUM` may renumber the rows of `note`, and the full-text index `note_fts` refers to the old numbers");
    assert_eq!(told(POST, vacuum), "");
    let again = format!("{vacuum}INSERT INTO note_fts(note_fts) VALUES ('rebuild');\n");
    assert_eq!(told(NOTE, &again), "");
}

/// They have a content of their own, or none.
#[test]
fn other_virtual_tables_are_silent() {
    assert_eq!(
        told(
            "",
            "== 001_a.sql
CREATE TABLE note(body TEXT);
CREATE VIRTUAL TABLE own USING fts5(body);
CREATE VIRTUAL TABLE bare USING fts5(body, content='');
CREATE VIRTUAL TABLE box USING rtree(id, a, b);
== 002_b.sql
INSERT INTO note VALUES ('x');
INSERT INTO own SELECT body FROM note;
INSERT INTO bare(rowid, body) SELECT rowid, body FROM note;
INSERT INTO box VALUES (1, 2, 3);
== 003_c.sql
UPDATE note SET body = 'y';
DELETE FROM own;
DELETE FROM box;
"
        ),
        ""
    );
}
