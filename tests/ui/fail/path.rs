use migrate_runtime::embed_migrations;

embed_migrations! { enum Absolute in "/srv/app/migrations" }

embed_migrations! { enum Drive in "C:/app/migrations" }

embed_migrations! { enum Backslash in "db\\migrations" }

embed_migrations! { enum Nothing in "" }

fn main() {}
