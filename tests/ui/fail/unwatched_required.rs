use migrate_runtime::embed_migrations;

embed_migrations!("migrations", watch = "required");

fn main() {
    let _ = Migration::V001Users;
}
