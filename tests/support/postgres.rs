//! What is in a PostgreSQL database, as text to compare.

/// Its schema and all rows: whatever a migration could have changed. `psql` runs
/// a query, and returns a line for each row.
pub fn dump(psql: impl Fn(&str) -> String) -> String {
    schema(&psql) + &rows(&psql)
}

/// Its schema without the rows, the history included.
pub fn schema(psql: impl Fn(&str) -> String) -> String {
    // Columns with their types and defaults, what depends on tables, and
    // whatever has a body.
    let mut text = psql(
        "SELECT n.nspname, c.relkind, c.relname, a.attname, \
         format_type(a.atttypid, a.atttypmod), a.attnotnull, \
         pg_get_expr(d.adbin, d.adrelid), \
         CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
         AND NOT a.attisdropped \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 3, a.attnum",
    );
    for more in [
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname !~ '^pg_' ORDER BY 1",
        "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE prokind IN ('f', 'p') AND \
         pronamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY 1",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT t.oid::regtype, e.enumlabel FROM pg_type t LEFT JOIN pg_enum e \
         ON e.enumtypid = t.oid WHERE t.typtype IN ('e', 'd') AND \
         t.typnamespace::regnamespace::text !~ '^(pg_|information_schema)' \
         ORDER BY t.oid::regtype::text, e.enumsortorder",
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
    ] {
        text += "\n\n";
        text += &psql(more);
    }
    text
}

fn rows(psql: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let tables = psql(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables \
         WHERE schemaname !~ '^(pg_|information_schema)' ORDER BY 1",
    );
    for table in tables.lines() {
        text += &format!("\n{table}\n");
        text += &psql(&format!("SELECT * FROM {table} t ORDER BY t::text"));
    }
    text
}
