use migrate_runtime::embed_migrations;

embed_migrations!("./wrong_first_argument", first = 10);

fn main() {}
