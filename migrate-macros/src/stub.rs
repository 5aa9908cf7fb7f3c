//! The code for a bad call or directory.
//!
//! It is emitted with the errors and never runs. With it, code that uses the enum causes no further
//! errors, which would bury the real ones.

use crate::call::Call;
use crate::expand::{Bodies, attributes, engine, implementation};
use migrate_source::SourceMigration;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;
use syn::Ident;

/// The enum with every variant that could be made, and the same names on it.
pub(crate) fn stub(call: &Call, migrations: &[SourceMigration]) -> TokenStream {
    let (attributes, visibility, name) = (attributes(call), &call.visibility, &call.name);
    let variants = variants(migrations);
    let bodies = Bodies {
        migrator: quote!(__migrate::Migrator::new(&REGISTRY)),
        version: quote! {
            let _ = self;
            __migrate::Version::new(1)
        },
        get: quote! {
            let _ = self;
            REGISTRY.latest()
        },
    };
    let implementation = implementation(call, &variants, &bodies);
    let runtime = call.arguments.runtime();
    let engine = engine(call);
    let conditions = call.conditions();
    quote! {
        #attributes
        #visibility enum #name {
            #(#[doc = "A migration."] #variants,)*
        }
        #(#conditions)*
        const _: () = {
            use #runtime::__private as __migrate;
            const MIGRATIONS: &[__migrate::Migration] = &[__migrate::Migration::new(
                __migrate::Version::new(1),
                "",
                __migrate::Checksum::from_hex([b'0'; 64]),
                __migrate::Script::single("", ""),
            )];
            static REGISTRY: __migrate::Registry<#engine> =
                __migrate::Registry::new(MIGRATIONS).on_engine();
            #implementation
        };
    }
}

/// Unique names; at least one, because `LATEST` needs a value.
fn variants(migrations: &[SourceMigration]) -> Vec<Ident> {
    let mut seen = BTreeSet::new();
    let mut variants: Vec<Ident> = migrations
        .iter()
        .map(SourceMigration::variant)
        .filter(|variant| seen.insert(variant.clone()))
        // `Ident::new` would panic on an invalid identifier.
        .filter_map(|variant| syn::parse_str(&variant).ok())
        .collect();
    if variants.is_empty() {
        variants.push(quote::format_ident!("__NoMigrations"));
    }
    variants
}
