use migrate_runtime::embed_migrations;

embed_migrations! {
    enum Early in "./postgres_good",
    min_sqlite = "3.35", functions = "slug/1", collations = "german", setup = crate::setup,
    engine = "postgres", watch = false
}

embed_migrations! { enum Near in "./good", engine = "postgresql", watch = false }

embed_migrations! { enum Far in "./good", engine = "mysql", watch = false }

embed_migrations! { enum Bare in "./good", engine = Postgres, watch = false }

fn main() {
    let _ = (Early::LATEST, Near::migrator(), Far::LATEST, Bare::ALL);
}
