use migrate_runtime::embed_migrations;

embed_migrations! { enum Orders in "./good", watch = false }

embed_migrations! { enum Users in "./good", watch = false }

fn main() {
    let _ = Orders::migrator().to(Users::V001Users);
}
