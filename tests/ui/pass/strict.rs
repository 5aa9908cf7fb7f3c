#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    unused_results,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    missing_debug_implementations,
    let_underscore_drop,
    unit_bindings,
    unused_lifetimes,
    nonstandard_style,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic
)]
#![forbid(unsafe_code)]
#![no_implicit_prelude]
//! A crate that allows itself nothing has no complaint about the generated code.

/// A module in which nothing is used.
pub mod unused {
    ::migrate_runtime::embed_migrations!("./downs", watch = false);
}

mod private {
    ::migrate_runtime::embed_migrations! {
        /// Documented by the user.
        pub enum Schema in "./irreversible", watch = false
    }

    ::migrate_runtime::embed_migrations! { enum Unused in "./empty", watch = false }
}

fn main() {
    ::migrate_runtime::embed_migrations!("./timestamps", numbering = "timestamp", watch = false);
    ::std::assert_eq!(private::Schema::LATEST as u64, 1);
}
