use migrate_runtime::embed_migrations;

embed_migrations!("./postgres_dollar_quote", engine = "postgres", watch = false);

fn main() {}
