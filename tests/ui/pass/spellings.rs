//! Where a call may stand, and what may be written in it.

pub mod orders {
    use migrate_runtime::embed_migrations;

    embed_migrations! {
        /// The schema of the orders database.
        ///
        /// In two paragraphs.
        #[non_exhaustive]
        #[cfg_attr(all(), allow(clippy::all))]
        pub(crate) enum Schema in "./first", first = 10, numbering = "sequential",
            engine = "sqlite", syntax = true, watch = false,
    }

    // Two registries in one module, and one of no visibility.
    embed_migrations!("./pairs", watch = false);
    embed_migrations! { enum r#Type in "./section", watch = false; }

    pub fn private() -> usize {
        Type::ALL.len()
    }
}

// Nothing is left of it, and so nothing that misses it.
pub mod absent {
    migrate_runtime::embed_migrations! {
        #[cfg(any())]
        pub enum Schema in "./pairs", watch = false
    }
    migrate_runtime::embed_migrations! {
        #[cfg(all())]
        pub enum Present in "./pairs", watch = false
    }
}

pub mod by_path {
    migrate_runtime::embed_migrations!("./downs/", watch = false);
}

pub mod nested {
    pub mod deeper {
        ::migrate_runtime::embed_migrations! {
            pub(in crate::nested) enum Inner in "./folders", watch = false
        }
    }

    pub fn latest() -> u64 {
        deeper::Inner::LATEST as u64
    }
}

macro_rules! database {
    ($name:ident, $directory:literal, $first:expr) => {
        migrate_runtime::embed_migrations! {
            pub enum $name in $directory, first = $first, watch = false
        }
    };
}

database!(FromMacro, "./first", 10);

fn in_a_function() -> u64 {
    migrate_runtime::embed_migrations!("./four_digits", watch = false);
    migrate_runtime::embed_migrations! { enum Other in "./first", first = 10, watch = false }
    Migration::LATEST as u64 + Other::LATEST as u64
}

fn main() {
    assert_eq!(orders::Schema::LATEST as u64, 11);
    assert_eq!(orders::Migration::ALL.len(), 2);
    assert_eq!(orders::private(), 1);
    assert_eq!(absent::Present::ALL.len(), 2);
    assert_eq!(by_path::Migration::ALL.len(), 4);
    assert_eq!(nested::latest(), 2);
    assert_eq!(FromMacro::V010Users as u64, 10);
    assert_eq!(in_a_function(), 13);
}
