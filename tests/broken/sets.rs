//! Directories without a lock file.

pub(crate) const USERS: (&str, &str) = (
    "001_users.sql",
    "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n",
);

pub(crate) const ORDERS: (&str, &str) = (
    "002_orders.sql",
    "CREATE TABLE orders(id INTEGER PRIMARY KEY, total INTEGER NOT NULL);\n",
);

/// What is wrong, and the files with their texts.
pub(crate) const BROKEN: &[(&str, &[(&str, &str)])] = &[
    ("nothing in it", &[("README.md", "later\n")]),
    ("a file of another kind", &[USERS, ("deploy.sh", "exit\n")]),
    ("no number", &[USERS, ("orders.sql", ORDERS.1)]),
    ("few digits", &[("1_users.sql", USERS.1)]),
    ("a bad name", &[("001_Users.sql", USERS.1)]),
    ("mixed widths", &[USERS, ("0002_orders.sql", ORDERS.1)]),
    ("begins at two", &[ORDERS]),
    ("a gap", &[USERS, ("003_orders.sql", ORDERS.1)]),
    (
        "a number twice",
        &[
            USERS,
            ORDERS,
            (
                "002_sales.sql",
                "CREATE TABLE sales(id INTEGER PRIMARY KEY);\n",
            ),
        ],
    ),
    (
        "a down alone",
        &[USERS, ("002_orders.down.sql", "DROP TABLE orders;\n")],
    ),
    (
        "two downs",
        &[
            USERS,
            ("001_users.down.sql", "DROP TABLE users;\n"),
            ("down/001_users.sql", "DROP TABLE users;\n"),
        ],
    ),
    (
        "a nul",
        &[
            USERS,
            (
                "002_orders.sql",
                "CREATE TABLE a(x INTEGER);\n\0CREATE TABLE b(x INTEGER);\n",
            ),
        ],
    ),
    ("only a comment", &[USERS, ("002_orders.sql", "-- later\n")]),
    (
        "a quote",
        &[
            USERS,
            (
                "002_orders.sql",
                "INSERT INTO users(name)\nVALUES ('Bob);\n",
            ),
        ],
    ),
    (
        "a trigger",
        &[
            USERS,
            (
                "002_t.sql",
                "CREATE TRIGGER t AFTER INSERT ON users BEGIN\n  SELECT 1;\n",
            ),
        ],
    ),
    (
        "a parameter",
        &[
            USERS,
            ("002_orders.sql", "INSERT INTO users(name)\nVALUES (?1);\n"),
        ],
    ),
    (
        "a commit",
        &[
            USERS,
            (
                "002_orders.sql",
                "UPDATE users SET name = 'x' WHERE id = 1;\n  COMMIT;\n",
            ),
        ],
    ),
    (
        "wrapped",
        &[
            USERS,
            (
                "002_orders.sql",
                "BEGIN;\nCREATE TABLE a(x INTEGER);\nCOMMIT;\n",
            ),
        ],
    ),
    ("a vacuum", &[USERS, ("002_compact.sql", "VACUUM;\n")]),
    (
        "an attach",
        &[USERS, ("002_attach.sql", "ATTACH 'other.db' AS other;\n")],
    ),
    (
        "foreign keys off",
        &[
            USERS,
            (
                "002_a.sql",
                "PRAGMA foreign_keys = OFF;\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    ("a shell", &[USERS, ("002_a.sql", ".read other.sql\n")]),
    (
        "a directive",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: ireversible \"x\"\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    (
        "no reason",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: irreversible\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    (
        "no rule",
        &[
            USERS,
            (
                "002_a.sql",
                "-- migrate: allow S99 \"x\"\nCREATE TABLE a(x INTEGER);\n",
            ),
        ],
    ),
    ("no function", &[USERS, ("002_a.rs", "pub fn upp() {}\n")]),
    (
        "a no-break space",
        &[USERS, ("002_a.sql", "CREATE TABLE a(x\u{a0}INTEGER);\n")],
    ),
    (
        "a syntax error",
        &[USERS, ("002_a.sql", "CREATE TABLE a(\n  x INTEGER,\n);\n")],
    ),
    (
        "no table",
        &[
            USERS,
            ("002_a.sql", "INSERT INTO user(name) VALUES ('x');\n"),
        ],
    ),
    (
        "no column",
        &[
            USERS,
            ("002_a.sql", "CREATE INDEX by_mail\n  ON users(mail);\n"),
        ],
    ),
    (
        "a table twice",
        &[
            USERS,
            ("002_a.sql", "CREATE TABLE users(id INTEGER PRIMARY KEY);\n"),
        ],
    ),
    (
        "a constraint",
        &[
            USERS,
            (
                "002_a.sql",
                "INSERT INTO users(id, name) VALUES (1, 'x');\nINSERT INTO users(id, name) VALUES (1, 'y');\n",
            ),
        ],
    ),
    (
        "a down that fails",
        &[
            USERS,
            ORDERS,
            ("002_orders.down.sql", "DROP TABLE order_;\n"),
        ],
    ),
    (
        "a down in a section",
        &[
            USERS,
            (
                "002_a.sql",
                "CREATE TABLE a(x INTEGER);\n-- migrate:down\n\nDROP TABLE b;\n",
            ),
        ],
    ),
    (
        "rows that a down leaves",
        &[
            USERS,
            (
                "002_root.sql",
                "-- migrate: allow fails-on-rows \"users start at 1000\"\n\
                 INSERT INTO users(id, name) VALUES (7, 'root');\n",
            ),
            (
                "002_root.down.sql",
                "UPDATE users SET name = 'nobody' WHERE id = 7;\n",
            ),
        ],
    ),
];
