use migrate_runtime::embed_migrations;

embed_migrations!("./unterminated_quote");

fn main() {}
