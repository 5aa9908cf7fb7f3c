use migrate_runtime::embed_migrations;

embed_migrations!("./min_sqlite", min_sqlite = "3.40", functions = "slug/1, unhex/1");

fn main() {
    let _ = Migration::V001Users;
}
