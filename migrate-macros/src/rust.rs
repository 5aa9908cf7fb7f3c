//! Migrations in Rust: the code that includes their files.

use crate::call::Call;
use crate::expand::{number, snake_case};
use crate::place::Place;
use migrate_core::directory::{Directory, SourceMigration};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

/// The modules that hold the files. They stand beside the enum, because the
/// test harness finds no tests in a `const`; `super` in a file is the module of
/// the call.
pub(crate) fn modules(call: &Call, place: &Place, directory: &Directory) -> TokenStream {
    let prefix = match place.shown.as_str() {
        "" => String::new(),
        shown => format!("{shown}/"),
    };
    let modules = in_rust(directory).map(|migration| {
        let name = module(call, migration);
        let shown = &migration.up.path;
        let file = place.include(shown.strip_prefix(&prefix).unwrap_or(shown));
        let conditions = call.conditions();
        quote! {
            #(#conditions)*
            #[allow(unreachable_pub)]
            mod #name {
                ::core::include!(#file);
            }
        }
    });
    modules.collect()
}

/// The table of their functions, and its name, if there is a migration in Rust.
pub(crate) fn functions(call: &Call, directory: &Directory) -> (TokenStream, Option<TokenStream>) {
    let entries: Vec<TokenStream> = in_rust(directory)
        .map(|migration| entry(call, migration))
        .collect();
    if entries.is_empty() {
        return (TokenStream::new(), None);
    }
    let table = quote! {
        static FUNCTIONS: &[__migrate::Functions] = &[#(#entries),*];
    };
    (table, Some(quote!(FUNCTIONS)))
}

fn entry(call: &Call, migration: &SourceMigration) -> TokenStream {
    let (module, version) = (module(call, migration), number(migration.version));
    let has_down = migration.down.as_ref().is_some_and(|down| down.is_rust);
    let down = match has_down {
        true => quote!(::core::option::Option::Some(|tx| __migrate::call(#module::down, tx))),
        false => quote!(::core::option::Option::None),
    };
    quote! {
        __migrate::Functions {
            version: __migrate::Version::new(#version),
            up: |tx| __migrate::call(#module::up, tx),
            down: #down,
        }
    }
}

fn in_rust(directory: &Directory) -> impl Iterator<Item = &SourceMigration> {
    let migrations = directory.migrations.iter();
    migrations.filter(|migration| migration.up.is_rust)
}

/// `__migration_007_backfill`: it stands in the names of its tests.
fn module(call: &Call, migration: &SourceMigration) -> Ident {
    let name = snake_case(&call.name.to_string());
    format_ident!("__{name}_{}", migration.label.replace('-', "_"))
}
