use migrate_runtime::embed_migrations;

// As in sqlx, where it is relative to the package.
embed_migrations!("./migrations");

fn main() {}
