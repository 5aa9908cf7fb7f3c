use migrate_runtime::embed_migrations;

// All that is wrong with a directory that grew by hand for years.
embed_migrations!("./../../fixtures/seeds-002");

fn main() {}
