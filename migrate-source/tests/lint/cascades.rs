//! S38.

use super::{brief, shown};
use insta::assert_snapshot;

const TABLES: &str = "\
CREATE TABLE users(id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
CREATE TABLE posts(
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES Users ON UPDATE SET NULL ON DELETE CASCADE
);
CREATE TABLE teams(a, b, PRIMARY KEY (a, b));
CREATE TABLE IF NOT EXISTS \"Team Members\"(
  a CHECK (a > 0), b, email TEXT DEFAULT ('x'),
  CONSTRAINT k FOREIGN KEY (a, b) REFERENCES teams MATCH FULL ON DELETE SET DEFAULT DEFERRABLE,
  FOREIGN KEY (email) REFERENCES [users](email) ON DELETE NO ACTION ON UPDATE CASCADE
);
CREATE TABLE plans(id INTEGER PRIMARY KEY);
CREATE TABLE bills(plan REFERENCES plans(id) ON DELETE RESTRICT ON UPDATE NO ACTION);
CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree(id) ON DELETE CASCADE ON UPDATE CASCADE);
";

/// The findings of a second migration after the tables.
fn second(sql: &str) -> String {
    let found = brief(&[("001_a.sql", TABLES), ("002_b.sql", sql)]);
    let found = found.lines().filter(|it| it.starts_with("S38"));
    found
        .collect::<Vec<_>>()
        .join("\n")
        .replace("002_b.sql:", "")
}

fn each(scripts: &[&str]) -> String {
    let found = scripts.iter().map(|sql| {
        let found = second(sql);
        assert_ne!(found, "", "{sql}");
        format!("{sql}\n    {}", found.replace('\n', "\n    "))
    });
    found.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn nothing(scripts: &[&str]) {
    for sql in scripts {
        assert_eq!(second(sql), "", "{sql}");
    }
}

#[test]
fn the_message() {
    let sql = "DELETE FROM main.\"Users\" WHERE name = 'x';\n\
               UPDATE users SET id = id + 100 WHERE id < 100;\n";
    let likes = "CREATE TABLE likes(user REFERENCES users(id) ON DELETE SET NULL);";
    let files = [
        ("001_a.sql", TABLES),
        ("002_b.sql", likes),
        ("003_c.sql", sql),
    ];
    assert_snapshot!(shown(&files), @r#"
    S38: this fails if rows of `likes` or `posts` refer to the deleted rows, because nothing cascades in a migration
     --> 003_c.sql:1:18
      |
    1 | DELETE FROM main."Users" WHERE name = 'x';
      |                  ^^^^^^^
      = help: first delete or update the rows that refer to them; foreign keys are off while a migration runs
              or allow it: `-- migrate: allow ineffective-cascade "why"`

    S38: this fails if rows of `posts` refer to the old keys, because nothing cascades in a migration
     --> 003_c.sql:2:8
      |
    2 | UPDATE users SET id = id + 100 WHERE id < 100;
      |        ^^^^^
      = help: first delete or update the rows that refer to them; foreign keys are off while a migration runs
              or allow it: `-- migrate: allow ineffective-cascade "why"`
    "#);
}

#[test]
fn deleted_parents() {
    assert_snapshot!(each(&[
        "DELETE FROM users WHERE id = 1;",
        "WITH old AS (SELECT 1) DELETE FROM [USERS] AS u WHERE id IN old RETURNING id;",
        "DELETE FROM teams WHERE a = 1;",
        "DELETE FROM tree WHERE id = 1;",
        "DELETE FROM users WHERE id = 1; DELETE FROM bills WHERE plan = 1;",
        "ALTER TABLE users RENAME TO people; DELETE FROM people WHERE id = 1;",
        "ALTER TABLE posts RENAME TO articles; DELETE FROM users WHERE id = 1;",
        "ALTER TABLE bills ADD COLUMN user REFERENCES users ON DELETE SET NULL; \
         DELETE FROM posts WHERE 1; DELETE FROM users WHERE id = 1;",
    ]), @"
    DELETE FROM users WHERE id = 1;
        S38 1:13 users
    WITH old AS (SELECT 1) DELETE FROM [USERS] AS u WHERE id IN old RETURNING id;
        S38 1:36 [USERS]
    DELETE FROM teams WHERE a = 1;
        S38 1:13 teams
    DELETE FROM tree WHERE id = 1;
        S38 1:13 tree
    DELETE FROM users WHERE id = 1; DELETE FROM bills WHERE plan = 1;
        S38 1:13 users
    ALTER TABLE users RENAME TO people; DELETE FROM people WHERE id = 1;
        S38 1:49 people
    ALTER TABLE posts RENAME TO articles; DELETE FROM users WHERE id = 1;
        S38 1:51 users
    ALTER TABLE bills ADD COLUMN user REFERENCES users ON DELETE SET NULL; DELETE FROM posts WHERE 1; DELETE FROM users WHERE id = 1;
        S38 1:111 users
    ");
    nothing(&[
        "DELETE FROM posts WHERE id = 1;",
        "DELETE FROM plans WHERE id = 1;",
        "DELETE FROM posts WHERE user_id = 1; DELETE FROM users WHERE id = 1;",
        "UPDATE posts SET user_id = 2 WHERE user_id = 1; DELETE FROM users WHERE id = 1;",
        "DELETE FROM users WHERE id = 1;
         DELETE FROM posts WHERE user_id NOT IN (SELECT id FROM users);",
        "DELETE FROM users WHERE id NOT IN (SELECT user_id FROM posts);",
        "DROP TABLE posts; DELETE FROM users WHERE id = 1;",
        "ALTER TABLE posts DROP COLUMN user_id; DELETE FROM users WHERE id = 1;",
        "DELETE FROM tree;",
        "UPDATE tree SET up = NULL WHERE up = 1; DELETE FROM tree WHERE id = 1;",
        "WITH RECURSIVE gone(id) AS (SELECT 1 UNION SELECT t.id FROM gone JOIN tree t ON up = gone.id)
         DELETE FROM tree WHERE id IN gone;",
        "CREATE TABLE more(id INTEGER PRIMARY KEY); INSERT INTO more VALUES (1);
         CREATE TABLE of_more(more REFERENCES more ON DELETE CASCADE);
         DELETE FROM more WHERE id = 1;",
        "CREATE TABLE new(x REFERENCES plans ON DELETE CASCADE); DELETE FROM plans WHERE id = 1;",
        "CREATE TEMP TABLE new(x REFERENCES plans ON DELETE CASCADE);",
        "INSERT OR REPLACE INTO users(id) VALUES (1);",
        // A down restores what was there before.
        "INSERT INTO users(id) VALUES (1);\n-- migrate:down\nDELETE FROM users WHERE id = 1;",
        "-- migrate: allow S38 \"none of them posted\"\nDELETE FROM users WHERE id = 1;",
    ]);
}

#[test]
fn changed_keys() {
    assert_snapshot!(each(&[
        "UPDATE users SET id = 2 WHERE id = 1;",
        "UPDATE OR IGNORE users SET name = 'x', rowid = 2 WHERE id = 1;",
        "UPDATE users SET (name, \"Email\") = ('x', 'y') WHERE id = 1;",
        "ALTER TABLE users RENAME COLUMN email TO mail; UPDATE users SET mail = 'y' WHERE id = 1;",
        "UPDATE tree SET id = 2 WHERE id = 1;",
    ]), @r#"
    UPDATE users SET id = 2 WHERE id = 1;
        S38 1:8 users
    UPDATE OR IGNORE users SET name = 'x', rowid = 2 WHERE id = 1;
        S38 1:18 users
    UPDATE users SET (name, "Email") = ('x', 'y') WHERE id = 1;
        S38 1:8 users
    ALTER TABLE users RENAME COLUMN email TO mail; UPDATE users SET mail = 'y' WHERE id = 1;
        S38 1:55 users
    UPDATE tree SET id = 2 WHERE id = 1;
        S38 1:8 tree
    "#);
    nothing(&[
        "UPDATE users SET name = 'x' WHERE id = 1;",
        "UPDATE users SET name = (SELECT id FROM plans) WHERE id = 1;",
        "UPDATE teams SET a = 1 WHERE a = 2;",
        "UPDATE plans SET id = 1 WHERE id = 2;",
        "UPDATE users SET id = 2 WHERE id = 1; UPDATE posts SET user_id = 2 WHERE user_id = 1;",
        "UPDATE tree SET id = id + 100, up = up + 100 WHERE id < 100;",
    ]);
}

/// Each migration is judged by what the earlier ones left.
#[test]
fn what_earlier_migrations_changed() {
    let files = [
        ("001_a.sql", TABLES),
        ("002_b.sql", "DELETE FROM users WHERE id = 1;"),
        (
            "003_c.sql",
            "DELETE FROM posts WHERE id = 1; ALTER TABLE posts RENAME TO articles;",
        ),
        ("004_d.sql", "DELETE FROM users WHERE id = 1;"),
        (
            "005_e.sql",
            "CREATE TABLE new(id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users); \
             INSERT INTO new SELECT id, user_id FROM articles; \
             DROP TABLE articles; ALTER TABLE new RENAME TO articles;",
        ),
        ("006_f.sql", "DELETE FROM users WHERE id = 1;"),
    ];
    let found = brief(&files);
    assert_eq!(found, "S38 002_b.sql:1:13 users\nS38 004_d.sql:1:13 users");
}
