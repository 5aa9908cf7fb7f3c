//! Sets of migrations of any size.

use crate::Files;

/// One small table for each migration, valid for both engines.
#[must_use]
pub fn tables(count: usize) -> Files {
    (1..=count)
        .map(|n| {
            let text = format!("CREATE TABLE table_{n}(a int);");
            (format!("{n:05}_table_{n}.sql"), text)
        })
        .collect()
}

/// What the migrations of a service are. Of each ten, four create a table that
/// refers to earlier ones, two add a column, two insert rows, one creates
/// indexes, and one creates a view or a trigger.
#[must_use]
pub fn realistic(count: usize) -> Files {
    (1..=count)
        .map(|n| {
            let (name, text) = migration(n);
            (format!("{n:05}_{name}_{n}.sql"), text)
        })
        .collect()
}

fn migration(n: usize) -> (&'static str, String) {
    // Each group of ten refers to its own tables and to one of the group before.
    let group = (n - 1) / 10;
    match n % 10 {
        1 => {
            let parent = format!("customers_{}", group.saturating_sub(1));
            let text = table(&format!("customers_{group}"), &parent);
            ("create_customers", text)
        }
        2 => {
            let parent = format!("customers_{group}");
            ("create_orders", table(&format!("orders_{group}"), &parent))
        }
        3 => ("add_is_active", of_group(ADD_IS_ACTIVE, group)),
        4 => ("insert_customers", of_group(INSERT_CUSTOMERS, group)),
        5 => {
            let parent = format!("orders_{group}");
            ("create_items", table(&format!("items_{group}"), &parent))
        }
        6 => ("create_tags", of_group(CREATE_TAGS, group)),
        7 => ("create_indexes", of_group(CREATE_INDEXES, group)),
        8 => ("add_note", of_group(ADD_NOTE, group)),
        9 => ("insert_items", of_group(INSERT_ITEMS, group)),
        _ if group.is_multiple_of(2) => ("create_view", of_group(CREATE_VIEW, group)),
        _ => ("create_trigger", of_group(CREATE_TRIGGER, group)),
    }
}

fn table(name: &str, parent: &str) -> String {
    CREATE_TABLE.replace("PARENT", parent).replace("NAME", name)
}

fn of_group(text: &str, group: usize) -> String {
    text.replace("_N", &format!("_{group}"))
}

const CREATE_TABLE: &str = "\
CREATE TABLE NAME (
    id INTEGER PRIMARY KEY,
    parent_id INTEGER REFERENCES PARENT(id),
    name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE,
    amount INTEGER NOT NULL DEFAULT 0 CHECK (amount >= 0),
    created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX NAME_by_parent ON NAME(parent_id);
CREATE INDEX NAME_by_name ON NAME(name, created_at);
";

const ADD_IS_ACTIVE: &str = "\
ALTER TABLE customers_N ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1;
";

const INSERT_CUSTOMERS: &str = "\
-- The rows that the application expects.
INSERT INTO customers_N (id, parent_id, name, email)
VALUES (1, NULL, 'first', 'first@example.org'),
       (2, 1, 'second', 'second@example.org'),
       (3, 1, 'third', 'third@example.org');
INSERT INTO orders_N (parent_id, name, email) VALUES (1, 'one', 'one@example.org');
INSERT INTO orders_N (parent_id, name, email) VALUES (2, 'two', 'two@example.org');
";

const CREATE_TAGS: &str = "\
CREATE TABLE tags_N (
    order_id INTEGER NOT NULL REFERENCES orders_N(id) ON DELETE CASCADE,
    item_id INTEGER NOT NULL REFERENCES items_N(id),
    tag TEXT NOT NULL,
    PRIMARY KEY (order_id, item_id, tag)
) WITHOUT ROWID;
";

const CREATE_INDEXES: &str = "\
CREATE INDEX orders_N_by_email ON orders_N(lower(email));
CREATE INDEX items_N_open ON items_N(created_at) WHERE amount > 0;
";

const ADD_NOTE: &str = "\
ALTER TABLE orders_N ADD COLUMN note TEXT;
UPDATE orders_N SET note = 'from ' || name WHERE note IS NULL;
";

const INSERT_ITEMS: &str = "\
INSERT INTO items_N (parent_id, name, email, amount)
SELECT id, 'item of ' || name, email, 5 FROM orders_N;
";

const CREATE_VIEW: &str = "\
CREATE VIEW open_orders_N AS
SELECT orders.id, orders.name, customers.email, count(*) AS items
FROM orders_N AS orders
JOIN customers_N AS customers ON customers.id = orders.parent_id
LEFT JOIN items_N AS items ON items.parent_id = orders.id
GROUP BY orders.id;
";

const CREATE_TRIGGER: &str = "\
CREATE TRIGGER orders_N_touch AFTER UPDATE OF name ON orders_N BEGIN
    UPDATE orders_N SET created_at = CURRENT_TIMESTAMP WHERE id = new.id;
END;
";
