//! Migrations in Rust, the code that includes their files: docs/internals/macro.md,
//! "Migrations in Rust".

use crate::call::Call;
use crate::expand::{number, snake_case};
use crate::place::Place;
use migrate_scan::Engine;
use migrate_source::SourceMigration;
use migrate_source::directory::Directory;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

/// The modules that contain the files. They are next to the enum, because the
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
    let room = room(call);
    let table = quote! {
        static FUNCTIONS: &[#room::Functions] = &[#(#entries),*];
    };
    (table, Some(quote!(FUNCTIONS)))
}

fn entry(call: &Call, migration: &SourceMigration) -> TokenStream {
    let (module, version) = (module(call, migration), number(migration.version));
    let has_down = migration.down.as_ref().is_some_and(|down| down.is_rust);
    let room = room(call);
    // A bound cannot name a future that borrows the transaction, so the closure is generated here.
    let called = |function: TokenStream| {
        if call.arguments.engine == Engine::Postgres {
            quote!(|tx| #room::call(#function(tx)))
        } else {
            quote!(|tx| #room::call(#function, tx))
        }
    };
    let up = called(quote!(#module::up));
    let down = if has_down {
        let down = called(quote!(#module::down));
        quote!(::core::option::Option::Some(#down))
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        #room::Functions {
            version: __migrate::Version::new(#version),
            up: #up,
            down: #down,
        }
    }
}

/// The module of the runtime that calls the functions.
fn room(call: &Call) -> TokenStream {
    if call.arguments.engine == Engine::Postgres {
        quote!(__migrate::postgres)
    } else {
        quote!(__migrate)
    }
}

fn in_rust(directory: &Directory) -> impl Iterator<Item = &SourceMigration> {
    let migrations = directory.migrations.iter();
    migrations.filter(|migration| migration.up.is_rust)
}

/// `__migration_007_backfill`: it appears in the names of its tests.
fn module(call: &Call, migration: &SourceMigration) -> Ident {
    let name = snake_case(&call.name.to_string());
    format_ident!("__{name}_{}", migration.label.replace('-', "_"))
}
