//! Migrations in Rust: what a file holds, and the code that includes it.

use crate::call::Call;
use crate::expand::{number, snake_case};
use crate::place::Place;
use migrate_core::directory::{Directory, RustFile, RustProblem, SourceMigration};
use proc_macro2::{TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Ident;

/// Looks for the functions of a migration. It reads tokens and not syntax: a
/// parser of the whole language would make every user wait for its build, and
/// the compiler parses the file anyway.
pub(crate) fn check(text: &str) -> Result<RustFile, RustProblem> {
    let Ok(tokens) = text.parse::<TokenStream>() else {
        // The compiler says better what is wrong.
        return Ok(RustFile::default());
    };
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    if is_punct(tokens.first(), '#') && is_punct(tokens.get(1), '!') {
        return Err(RustProblem::InnerAttribute);
    }
    match find(&tokens, "up") {
        None => Err(RustProblem::NoUp),
        Some(up) => up.check("up"),
    }?;
    let down = find(&tokens, "down");
    if let Some(down) = &down {
        down.check("down")?;
    }
    Ok(RustFile {
        has_down: down.is_some(),
    })
}

/// What the tokens say of a function.
struct Function {
    is_public: bool,
    /// Whether it takes something and returns something; the compiler, which
    /// checks the rest, would not say in which file it does not.
    has_signature: bool,
}

impl Function {
    fn check(&self, name: &'static str) -> Result<(), RustProblem> {
        match (self.is_public, self.has_signature) {
            (false, _) => Err(RustProblem::Private(name)),
            (_, false) => Err(RustProblem::Signature(name)),
            _ => Ok(()),
        }
    }
}

/// A function of this name among the items of the file. What stands inside of
/// other items is in groups, which are not entered.
fn find(tokens: &[TokenTree], name: &str) -> Option<Function> {
    let at = tokens
        .windows(2)
        .position(|pair| is_ident(&pair[0], "fn") && is_ident(&pair[1], name))?;
    // Between the visibility and `fn` only words such as `const` can stand, and
    // the parentheses of `pub(crate)`.
    let is_public = tokens[..at]
        .iter()
        .rev()
        .take_while(|token| match token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => true,
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Parenthesis,
            TokenTree::Punct(_) => false,
        })
        .any(|token| is_ident(token, "pub"));
    let has_signature = match tokens.get(at + 2) {
        Some(TokenTree::Group(arguments)) => {
            !arguments.stream().is_empty() && is_punct(tokens.get(at + 3), '-')
        }
        // Generic parameters come first; that is left to the compiler.
        _ => true,
    };
    Some(Function {
        is_public,
        has_signature,
    })
}

fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(token: Option<&TokenTree>, character: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == character)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn has_down(text: &str) -> bool {
        check(text).unwrap().has_down
    }

    #[test]
    fn the_functions_of_a_file_are_found() {
        const UP: &str = "pub fn up(tx: &Tx<'_>) -> R {}";
        for (rest, has) in [
            ("use x::Y;", false),
            ("pub fn down(_: &Tx<'_>) -> R {}", true),
            (
                "#[inline] pub(crate) const fn down(_: &Tx<'_>) -> R {}",
                true,
            ),
            ("pub fn down<'a>(_: &'a Tx<'_>) -> R {}", true),
            ("fn x() { fn down() {} } mod x { pub fn down() {} }", false),
            ("const X: &str = \"fn down\"; // pub fn down() {}", false),
        ] {
            assert_eq!(has_down(&format!("{UP} {rest}")), has, "{rest}");
        }
        assert!(!has_down("pub(crate) fn up(tx: &Tx<'_>) -> R {}"));
    }

    #[test]
    fn what_is_missing_is_said() {
        use RustProblem::{InnerAttribute, NoUp, Private, Signature};
        for (text, problem) in [
            ("", NoUp),
            ("pub fn upp() {}", NoUp),
            ("pub mod x { pub fn up() {} }", NoUp),
            ("fn up(tx: T) -> R {}", Private("up")),
            ("pub struct A; fn up(tx: T) -> R {}", Private("up")),
            (
                "pub fn up(tx: T) -> R {} fn down(tx: T) -> R {}",
                Private("down"),
            ),
            ("pub fn up() -> R {}", Signature("up")),
            ("pub fn up(tx: T) {}", Signature("up")),
            (
                "pub fn up(tx: T) -> R {} pub fn down() {}",
                Signature("down"),
            ),
            ("//! Docs.\npub fn up(tx: T) -> R {}", InnerAttribute),
        ] {
            assert_eq!(check(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn a_file_that_is_no_rust_is_left_to_the_compiler() {
        assert_eq!(check("pub fn up( {"), Ok(RustFile::default()));
    }
}
