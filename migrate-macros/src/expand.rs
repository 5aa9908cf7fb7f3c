//! The code for a valid directory.

use crate::args::Arguments;
use crate::call::Call;
use crate::docs;
use crate::place::Place;
use crate::rust;
use migrate_model::{Checksum, Numbering, Version, pack};
use migrate_scan::Engine;
use migrate_source::directory::Directory;
use migrate_source::{SourceMigration, SourceScript};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use syn::Ident;

/// The whole expansion.
pub(crate) fn expand(call: &Call, place: &Place, directory: &Directory) -> TokenStream {
    let (enumeration, variants) = enumeration(call, &directory.migrations);
    let registry = registry(call, &directory.migrations);
    let modules = rust::modules(call, place, directory);
    let (table, functions) = rust::functions(call, directory);
    let methods = methods(call, &variants, functions);
    let source = source(place, directory);
    let tracking = tracking(place, directory);
    let (test, check) = tests(call);
    let runtime = call.arguments.runtime();
    let conditions = call.conditions();
    quote! {
        #enumeration
        #(#conditions)*
        const _: () = {
            use #runtime::__private as __migrate;
            #registry
            #table
            #source
            #methods
            #tracking
            #check
        };
        #modules
        #test
    }
}

/// The attributes that both the enum and its stub have.
pub(crate) fn attributes(call: &Call) -> TokenStream {
    let written = &call.attributes;
    let documented = written
        .iter()
        .any(|attribute| attribute.path().is_ident("doc"));
    let docs = (!documented).then(|| quote!(#[doc = "The migrations of this crate, in order."]));
    quote! {
        #docs
        #(#written)*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        // A program may not name any migration or use every method, the enum may be private, and
        // the variants are named after the files.
        #[allow(dead_code, unreachable_pub, clippy::enum_variant_names)]
    }
}

fn enumeration(call: &Call, migrations: &[SourceMigration]) -> (TokenStream, Vec<Ident>) {
    let (attributes, visibility, name) = (attributes(call), &call.visibility, &call.name);
    let variants: Vec<Ident> = migrations
        .iter()
        .map(|migration| format_ident!("{}", migration.variant()))
        .collect();
    let docs = migrations
        .iter()
        .map(|migration| Literal::string(&docs::variant(migration)));
    let versions = migrations.iter().map(|migration| number(migration.version));
    let enumeration = quote! {
        #attributes
        #[repr(u64)]
        #visibility enum #name {
            #(#[doc = #docs] #variants = #versions,)*
        }
    };
    (enumeration, variants)
}

fn registry(call: &Call, migrations: &[SourceMigration]) -> TokenStream {
    let numbering = if let Numbering::Sequential { first } = crate::load::numbering(&call.arguments)
    {
        let first = number(first);
        quote!(Sequential { first: __migrate::Version::new(#first) })
    } else {
        quote!(Timestamp)
    };
    let migrations = migrations.iter().map(migration);
    let engine = engine(call);
    quote! {
        const MIGRATIONS: &[__migrate::Migration] = &[#(#migrations),*];
        static REGISTRY: __migrate::Registry<#engine> = __migrate::Registry::with_numbering(
            __migrate::Numbering::#numbering,
            MIGRATIONS,
        ).on_engine();
    }
}

/// The type of the engine.
pub(crate) fn engine(call: &Call) -> TokenStream {
    match call.arguments.engine {
        Engine::Postgres => quote!(__migrate::Postgres),
        Engine::Sqlite => quote!(__migrate::Sqlite),
    }
}

fn migration(migration: &SourceMigration) -> TokenStream {
    let label = &migration.label;
    let version = number(migration.version);
    let checksum = checksum(&migration.checksum);
    let up = script(&migration.up);
    let down = migration.down.as_ref().map(|down| {
        let down = script(down);
        quote!(.with_down(#down))
    });
    let irreversible = migration.irreversible.iter();
    let frozen = migration.is_released().then(|| quote!(.frozen()));
    let ahead = migration.refers_ahead.then(|| quote!(.referring_ahead()));
    quote! {
        __migrate::Migration::new(
            __migrate::Version::new(#version),
            #label,
            __migrate::Checksum::from_hex(*#checksum),
            #up,
        )
        #down
        #(.irreversible(#irreversible))*
        #frozen
        #ahead
    }
}

/// A script is a few tokens, regardless of its length.
fn script(script: &SourceScript) -> TokenStream {
    let path = &script.path;
    let without = (!script.in_transaction).then(|| quote!(.without_transaction()));
    if script.is_rust {
        return quote!(__migrate::Script::rust(#path));
    }
    let sql = Literal::string(&script.text);
    let first_line = Literal::u32_unsuffixed(script.first_line);
    let statements = Literal::byte_string(&pack(&script.statements));
    quote!(__migrate::Script::packed(#path, #sql, #first_line, #statements) #without)
}

fn methods(call: &Call, variants: &[Ident], functions: Option<TokenStream>) -> TokenStream {
    let min_sqlite = call.arguments.min_sqlite.iter().map(|version| {
        let [major, minor, patch] = version.parts().map(Literal::u32_unsuffixed);
        quote!(.min_sqlite(#major, #minor, #patch))
    });
    let functions = functions.iter();
    let setup = call.arguments.setup.iter();
    let stand_ins = stand_ins(call);
    let bodies = Bodies {
        migrator: quote! {
            let migrator = __migrate::Migrator::new(&REGISTRY).release(::core::concat!(
                ::core::env!("CARGO_PKG_NAME"), " ", ::core::env!("CARGO_PKG_VERSION")
            ))
            #(.functions(#functions))*
            #(#min_sqlite)*;
            #[cfg(any(debug_assertions, test))]
            let migrator = migrator.source(&SOURCE);
            #stand_ins
            #(let migrator = migrator.setup(#setup);)*
            migrator
        },
        version: quote!(__migrate::Version::new(self as u64)),
        get: quote! {
            match REGISTRY.get(self.version()) {
                ::core::option::Option::Some(migration) => migration,
                // Unreachable: each variant has an entry.
                ::core::option::Option::None => REGISTRY.latest(),
            }
        },
    };
    implementation(call, variants, &bodies)
}

/// The placeholders for the functions of the application in the generated test.
fn stand_ins(call: &Call) -> Option<TokenStream> {
    let Arguments {
        functions,
        collations,
        ..
    } = &call.arguments;
    let functions = functions.iter().map(|(name, arguments)| {
        let arguments = Literal::i32_unsuffixed(*arguments);
        quote!((#name, #arguments))
    });
    let is_any = functions.len() > 0 || !collations.is_empty();
    is_any.then(|| {
        quote! {
            #[cfg(test)]
            let migrator = migrator.stand_ins(&[#(#functions),*], &[#(#collations),*]);
        }
    })
}

/// The bodies of the enum's methods, which differ in its stub.
pub(crate) struct Bodies {
    pub(crate) migrator: TokenStream,
    pub(crate) version: TokenStream,
    pub(crate) get: TokenStream,
}

/// The items of the enum, the same for the real one and its stub, so code that compiles with one
/// compiles with the other.
pub(crate) fn implementation(call: &Call, variants: &[Ident], bodies: &Bodies) -> TokenStream {
    let (visibility, name) = (&call.visibility, &call.name);
    let latest = variants.last();
    let engine = engine(call);
    let Bodies {
        migrator,
        version,
        get,
    } = bodies;
    quote! {
        #[allow(dead_code, unreachable_pub)]
        impl #name {
            /// The embedded migrations.
            #visibility const REGISTRY: &'static __migrate::Registry<#engine> = &REGISTRY;

            /// Every migration, in order.
            #visibility const ALL: &'static [#name] = &[#(#name::#variants),*];

            /// The newest migration.
            #visibility const LATEST: #name = #name::#latest;

            /// A migrator for these migrations.
            #[must_use]
            #visibility fn migrator() -> __migrate::Migrator<#name, #engine> {
                #migrator
            }

            /// The number of this migration.
            #[must_use]
            #visibility const fn version(self) -> __migrate::Version {
                #version
            }

            /// This migration as the registry holds it.
            #[must_use]
            #visibility fn get(self) -> &'static __migrate::Migration {
                #get
            }
        }

        impl ::core::convert::From<#name> for __migrate::Version {
            fn from(migration: #name) -> __migrate::Version {
                migration.version()
            }
        }
    }
}

/// The place of the files, for the comparison at run time. A release binary must
/// not contain a path of the machine that built it.
fn source(place: &Place, directory: &Directory) -> TokenStream {
    let (path, shown) = (place.expression(None), &place.shown);
    let files = directory.read.iter().map(|(file, _)| file);
    let checksums = directory.read.iter().map(|(_, sum)| checksum(sum));
    quote! {
        #[cfg(any(debug_assertions, test))]
        const FILES: &[(&str, __migrate::Checksum)] = &[
            #((#files, __migrate::Checksum::from_hex(*#checksums))),*
        ];
        #[cfg(any(debug_assertions, test))]
        static SOURCE: __migrate::Source =
            __migrate::Source::new(#path, #shown, FILES);
    }
}

/// Makes Cargo rebuild the crate when a file that was read changes, or when the
/// build script sets another value.
fn tracking(place: &Place, directory: &Directory) -> TokenStream {
    let read = directory.read.iter().map(|(file, _)| file);
    let lock = directory.lock.iter().map(|(file, _)| file);
    let files = read.chain(lock).map(|file| place.expression(Some(file)));
    let variable = crate::watch::VARIABLE;
    quote! {
        #(const _: &[u8] = ::core::include_bytes!(#files);)*
        const _: ::core::option::Option<&str> = ::core::option_env!(#variable);
    }
}

/// The generated tests, and the methods that they call. The tests are in a module, because the
/// harness finds none in a `const`. The module does not use `super`, because the call may be in the
/// body of a function. So the checks are methods, implemented where the path of the runtime
/// resolves as in the call.
fn tests(call: &Call) -> (TokenStream, TokenStream) {
    let module = format_ident!("__{}_tests", snake_case(&call.name.to_string()));
    let conditions = call.conditions();
    let name = &call.name;
    let is_proved = call.arguments.unproved.is_none();
    let sound = is_proved.then(|| {
        quote! {
            #[test]
            fn embedded_migrations_are_sound() {
                Embedded::assert_sound();
            }
        }
    });
    let test = quote! {
        #(#conditions)*
        #[cfg(test)]
        #[allow(unnameable_test_items)]
        mod #module {
            pub(super) struct Embedded;

            #[test]
            fn embedded_migrations_are_fresh() {
                Embedded::assert_fresh();
            }
            #sound
        }
    };
    let assertion = match call.arguments.engine {
        Engine::Postgres => quote!(postgres::assert_sound),
        Engine::Sqlite => quote!(assert_sound),
    };
    let assert_sound = is_proved.then(|| {
        quote! {
            fn assert_sound() {
                __migrate::#assertion(&#name::migrator());
            }
        }
    });
    let check = quote! {
        #[cfg(test)]
        impl #module::Embedded {
            fn assert_fresh() {
                SOURCE.assert_fresh();
            }
            #assert_sound
        }
    };
    (test, check)
}

pub(crate) fn number(version: Version) -> Literal {
    Literal::u64_unsuffixed(version.get())
}

fn checksum(checksum: &Checksum) -> Literal {
    Literal::byte_string(checksum.hex().as_bytes())
}

pub(crate) fn snake_case(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_names_are_in_snake_case() {
        assert_eq!(snake_case("Migration"), "migration");
        assert_eq!(snake_case("OrdersSchema"), "orders_schema");
        assert_eq!(snake_case("r#Loop_X"), "loop_x");
    }
}
