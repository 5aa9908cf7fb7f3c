use migrate_runtime::embed_migrations;

embed_migrations!("./good", engine = "postgres");

fn main() {
    let _ = Migration::LATEST;
}
