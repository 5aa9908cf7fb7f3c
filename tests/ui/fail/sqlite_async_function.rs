use migrate_runtime::embed_migrations;

embed_migrations!("./sqlite_async_function", watch = false);

fn main() {}
