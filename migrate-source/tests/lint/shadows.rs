//! S24: the tables that a virtual table creates for itself.

use crate::{brief, shown};
use insta::assert_snapshot;

const PAGES: (&str, &str) = (
    "001_a.sql",
    "CREATE VIRTUAL TABLE page_fts USING fts5(body);\n\
     CREATE VIRTUAL TABLE \"Old Fts\" USING FTS4(body);\n\
     CREATE VIRTUAL TABLE box USING rtree(id, a, b);\n\
     CREATE TABLE log(id INTEGER PRIMARY KEY, page_id INTEGER);\n",
);

#[test]
fn shadow_tables_are_not_changed() {
    assert_snapshot!(shown(&[PAGES, ("002_b.sql", "DELETE FROM page_fts_data WHERE id > 10;\n")]), @r#"
    S24: `page_fts_data` belongs to the virtual table `page_fts`, and a change of it can destroy `page_fts`
     --> 002_b.sql:1:13
      |
    1 | DELETE FROM page_fts_data WHERE id > 10;
      |             ^^^^^^^^^^^^^
      = help: change the rows of `page_fts` instead, or give it a command: `INSERT INTO page_fts(page_fts) VALUES ('rebuild')`
              or allow it: `-- migrate: allow forbidden-statement "why"`
    "#);
    let told = |sql: &str| brief(&[PAGES, ("002_b.sql", sql)]);
    assert_snapshot!(told("INSERT OR REPLACE INTO main.page_fts_config VALUES ('k', 1);\n"), @"S24 002_b.sql:1:29 page_fts_config");
    assert_snapshot!(told("UPDATE OR IGNORE \"Page_Fts_idx\" SET pgno = 1 WHERE term = 'x';\n"), @r#"S24 002_b.sql:1:18 "Page_Fts_idx""#);
    assert_snapshot!(told("WITH a AS (SELECT 1) DELETE FROM \"old fts_segdir\" WHERE level IN a;\n"), @r#"S24 002_b.sql:1:34 "old fts_segdir""#);
    assert_snapshot!(told("ALTER TABLE box_node ADD COLUMN x TEXT;\n"), @"S24 002_b.sql:1:13 box_node");
    assert_snapshot!(told("DROP TABLE page_fts_data;\n"), @"S24 002_b.sql:1:12 page_fts_data");
    assert_snapshot!(told("CREATE INDEX i ON page_fts_content (c0);\n"), @"S24 002_b.sql:1:19 page_fts_content");
    assert_snapshot!(told("CREATE TRIGGER t AFTER INSERT ON log BEGIN\n  DELETE FROM box_rowid WHERE rowid = new.id;\nEND;\n"), @"S24 002_b.sql:2:15 box_rowid");
    assert_snapshot!(told("CREATE VIRTUAL TABLE b USING fts5(x);\nDELETE FROM b_docsize WHERE id = 1;\n"), @"S24 002_b.sql:2:13 b_docsize");
    assert_snapshot!(told("ALTER TABLE page_fts RENAME TO search;\n-- migrate:down\nALTER TABLE search RENAME TO page_fts;\nDELETE FROM page_fts_data WHERE id = 1;\n"), @"S24 002_b.sql:4:13 page_fts_data");
}

#[test]
fn other_tables_are() {
    for sql in [
        "INSERT INTO page_fts(page_fts) VALUES ('rebuild');\n",
        "INSERT INTO page_fts SELECT c0 FROM page_fts_content;\n",
        // These are ends of names of the other module.
        "CREATE TABLE page_fts_segdir(x TEXT);\nINSERT INTO page_fts_segdir VALUES ('x');\n",
        "CREATE TABLE log_data(x TEXT);\nINSERT INTO log_data VALUES ('x');\n",
        "CREATE TABLE news_content(x TEXT);\n\
         CREATE VIRTUAL TABLE news USING fts5(x, content='news_content');\n\
         INSERT INTO news_content VALUES ('x');\n\
         INSERT INTO news(news) VALUES ('rebuild');\n",
    ] {
        assert_eq!(brief(&[PAGES, ("002_b.sql", sql)]), "", "{sql}");
    }
}
