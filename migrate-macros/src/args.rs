//! The arguments of a call: `key = value`.

use migrate_model::Version;
use migrate_scan::Engine;
use migrate_source::{SqliteVersion, nearest};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Ident, LitBool, LitInt, LitStr, Path};

/// The `key = value` part of a call.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) first: Option<Version>,
    pub(crate) timestamps: bool,
    /// The database that the scripts are for.
    pub(crate) engine: Engine,
    pub(crate) watch: Watch,
    /// Whether each migration must have a down, or a reason for having none.
    pub(crate) downs_required: bool,
    /// Whether statements are parsed; `None` leaves it to the crate's features.
    pub(crate) syntax: Option<bool>,
    /// The minimum version of SQLite.
    pub(crate) min_sqlite: Option<SqliteVersion>,
    /// The reason why the migrations are not proved; `None` if they are.
    pub(crate) unproved: Option<String>,
    /// Functions of the application: name and number of arguments.
    pub(crate) functions: Vec<(String, i32)>,
    /// Collations of the application.
    pub(crate) collations: Vec<String>,
    /// The function with which the application sets up its connections.
    pub(crate) setup: Option<Path>,
    /// The runtime crate, if it was renamed.
    pub(crate) runtime: Option<Path>,
}

/// What to do if no build script watches the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Watch {
    /// Nothing.
    No,
    /// Warn.
    #[default]
    Yes,
    /// Refuse to compile.
    Required,
}

const KEYS: [&str; 12] = [
    "collations",
    "crate",
    "downs",
    "engine",
    "first",
    "functions",
    "min_sqlite",
    "numbering",
    "prove",
    "setup",
    "syntax",
    "watch",
];

impl Arguments {
    /// Sets one argument.
    ///
    /// # Errors
    ///
    /// Describes what is wrong with its name or its value.
    pub(crate) fn set(&mut self, key: &Ident, value: TokenStream) -> syn::Result<()> {
        match key.to_string().as_str() {
            "first" => self.first = Some(first(key, value)?),
            "numbering" => {
                self.timestamps =
                    *choice(key, value, &[("sequential", false), ("timestamp", true)])?;
            }
            "engine" => {
                let span = span_of(key, &value);
                let choices = [("sqlite", Engine::Sqlite), ("postgres", Engine::Postgres)];
                // If the feature is missing, the stub is still one for PostgreSQL.
                self.engine = *choice(key, value, &choices)?;
                if self.engine == Engine::Postgres && !cfg!(feature = "postgres") {
                    let text = "`engine = \"postgres\"` needs the feature `postgres` of the \
                                runtime crate: `cargo add migrate-runtime --features postgres`";
                    return Err(syn::Error::new(span, text));
                }
            }
            "downs" => {
                let choices = [("optional", false), ("required", true)];
                self.downs_required = *choice(key, value, &choices)?;
            }
            "min_sqlite" => self.min_sqlite = Some(min_sqlite(key, value)?),
            "watch" => self.watch = watch(key, value)?,
            "syntax" => self.syntax = Some(syntax(key, value)?),
            "prove" => self.unproved = unproved(key, value)?,
            "functions" => self.functions = functions(key, value)?,
            "collations" => {
                let text = "expected names, such as `collations = \"german, french\"`";
                let written: LitStr = read(key, value, text)?;
                self.collations = names(&written.value()).map(str::to_owned).collect();
            }
            "setup" => {
                let text = "expected the path of a function, such as `setup = crate::db::setup`";
                self.setup = Some(path(span_of(key, &value), value, text)?);
            }
            "crate" => {
                let text = "expected the path of the runtime crate, such as `crate = my_runtime`";
                self.runtime = Some(path(key.span(), value, text)?);
            }
            unknown => {
                let hint = match nearest(unknown, &KEYS) {
                    Some(known) => format!("; did you mean `{known}`?"),
                    None => format!("; the arguments are `{}`", KEYS.join("`, `")),
                };
                let text = format!("unknown argument `{unknown}`{hint}");
                return Err(syn::Error::new(key.span(), text));
            }
        }
        Ok(())
    }

    /// The message for an argument that the engine does not support.
    pub(crate) fn misfit(&self, key: &str) -> Option<String> {
        let is_of_sqlite = matches!(key, "collations" | "functions" | "min_sqlite" | "setup");
        (is_of_sqlite && self.engine != Engine::Sqlite)
            .then(|| format!("`{key}` is for SQLite alone: remove it, or `engine = \"postgres\"`"))
    }

    /// The path of the runtime crate.
    pub(crate) fn runtime(&self) -> TokenStream {
        if let Some(path) = &self.runtime {
            quote!(#path)
        } else {
            quote!(::migrate_runtime)
        }
    }
}

/// Reads a whole value, or says what was expected.
fn read<T: Parse>(key: &Ident, value: TokenStream, expected: &str) -> syn::Result<T> {
    let span = span_of(key, &value);
    syn::parse2(value).map_err(|_| syn::Error::new(span, expected))
}

fn path(span: Span, value: TokenStream, expected: &str) -> syn::Result<Path> {
    let path = Path::parse_mod_style.parse2(value);
    path.map_err(|_| syn::Error::new(span, expected))
}

fn span_of(key: &Ident, value: &TokenStream) -> Span {
    let first = value.clone().into_iter().next();
    first.map_or_else(|| key.span(), |token| token.span())
}

fn first(key: &Ident, value: TokenStream) -> syn::Result<Version> {
    let text = "expected the first version, a number from 1 on";
    let number: LitInt = read(key, value, text)?;
    number
        .base10_parse()
        .ok()
        .and_then(Version::from_u64)
        .ok_or_else(|| syn::Error::new(number.span(), text))
}

fn min_sqlite(key: &Ident, value: TokenStream) -> syn::Result<SqliteVersion> {
    let text = "expected a version of SQLite, such as `min_sqlite = \"3.38\"`";
    let written: LitStr = read(key, value, text)?;
    let version = written.value().parse();
    version.map_err(|_| syn::Error::new(written.span(), text))
}

fn choice<'a, T>(
    key: &Ident,
    value: TokenStream,
    choices: &'a [(&'static str, T)],
) -> syn::Result<&'a T> {
    let names: Vec<&'static str> = choices.iter().map(|(name, _)| *name).collect();
    let expected = format!("expected `{key} = \"{}\"`", names.join("\"` or `\""));
    let written: LitStr = read(key, value, &expected)?;
    let text = written.value();
    if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text) {
        return Ok(choice);
    }
    let expected = match nearest(&text, &names) {
        Some(name) => format!("unknown value `{text}`; did you mean `{name}`?"),
        None => expected,
    };
    Err(syn::Error::new(written.span(), expected))
}

fn watch(key: &Ident, value: TokenStream) -> syn::Result<Watch> {
    if let Ok(watch) = syn::parse2::<LitBool>(value.clone()) {
        return Ok(if watch.value { Watch::Yes } else { Watch::No });
    }
    let text = "expected `true`, `false` or `\"required\"`";
    let watch: LitStr = read(key, value, text)?;
    match watch.value().as_str() {
        "required" => Ok(Watch::Required),
        _ => Err(syn::Error::new(watch.span(), text)),
    }
}

fn syntax(key: &Ident, value: TokenStream) -> syn::Result<bool> {
    let syntax: LitBool = read(key, value, "expected `true` or `false`")?;
    if syntax.value && !cfg!(feature = "syntax") {
        return Err(syn::Error::new(
            syntax.span(),
            "`syntax = true` needs the feature `syntax` of the runtime crate",
        ));
    }
    Ok(syntax.value)
}

/// `true`, or `false "why"`.
fn unproved(key: &Ident, value: TokenStream) -> syn::Result<Option<String>> {
    let text = "expected `prove = true`, or `prove = false \"why\"`";
    let span = span_of(key, &value);
    let parser = |input: ParseStream<'_>| {
        let is_proved: LitBool = input.parse()?;
        if is_proved.value {
            return Ok(None);
        }
        let reason: LitStr = input.parse()?;
        Ok(Some(reason.value()).filter(|reason| !reason.trim().is_empty()))
    };
    let is_true = value.to_string() == "true";
    match parser.parse2(value) {
        Ok(reason) if is_true || reason.is_some() => Ok(reason),
        _ => Err(syn::Error::new(span, text)),
    }
}

/// `name/2` for a function of two arguments, `name` for one that takes any.
fn functions(key: &Ident, value: TokenStream) -> syn::Result<Vec<(String, i32)>> {
    let text = "expected names with numbers of arguments, such as `functions = \"slug/1, area/2\"`";
    let written: LitStr = read(key, value, text)?;
    let list = written.value();
    let function = |name: &str| match name.split_once('/') {
        None => Some((name.to_owned(), -1)),
        Some((name, arguments)) => {
            let arguments = arguments.parse().ok().filter(|it| (0..=127).contains(it))?;
            Some((name.to_owned(), arguments))
        }
    };
    let functions: Option<Vec<_>> = names(&list).map(function).collect();
    functions.ok_or_else(|| syn::Error::new(written.span(), text))
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}
