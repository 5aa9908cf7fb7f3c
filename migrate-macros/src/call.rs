//! Parsing the call, in either form.

use crate::args::Arguments;
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Token, Visibility};

/// The parsed call. An invalid part has its default, so that a stub can be made
/// from the rest.
pub(crate) struct Call {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    /// The directory; `None` if the call does not name it.
    pub(crate) directory: Option<LitStr>,
    pub(crate) arguments: Arguments,
    /// Everything that is wrong with the call itself.
    pub(crate) errors: Option<syn::Error>,
}

impl Call {
    /// Reads the input of the macro. There is always a call, possibly with errors.
    pub(crate) fn parse(input: TokenStream) -> Call {
        let mut call = Call {
            attributes: Vec::new(),
            visibility: Visibility::Public(<Token![pub]>::default()),
            name: Ident::new("Migration", Span::call_site()),
            directory: None,
            arguments: Arguments::default(),
            errors: None,
        };
        let parser = |input: ParseStream<'_>| {
            // Input that cannot be parsed further is an error like the others.
            if let Err(error) = call.fill(input) {
                call.refuse(error);
            }
            input.parse::<TokenStream>().map(drop)
        };
        if let Err(error) = parser.parse2(input) {
            call.refuse(error);
        }
        call
    }

    /// The `#[cfg(…)]` attributes: they apply to everything that is generated, not
    /// only to the enum.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &Attribute> + Clone {
        self.attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
    }

    fn refuse(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    fn refuse_at(&mut self, key: &Ident, text: &str) {
        self.refuse(syn::Error::new(key.span(), text));
    }

    fn fill(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        if input.is_empty() {
            // `input.error` would put `unexpected end of input` before it.
            return Err(syn::Error::new(
                Span::call_site(),
                "say which directory holds the migrations: `embed_migrations!(\"migrations\")`",
            ));
        }
        if !input.peek(LitStr) {
            self.fill_enum(input)?;
        }
        let directory: LitStr = input
            .parse()
            .map_err(|error| syn::Error::new(error.span(), "expected the directory in quotes"))?;
        self.directory = Some(directory);
        self.fill_arguments(input)
    }

    /// `#[attributes] pub enum Name in`
    fn fill_enum(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        self.attributes = input.call(Attribute::parse_outer)?;
        self.visibility = input.parse()?;
        if !input.peek(Token![enum]) {
            return Err(
                input.error("expected the directory in quotes, or `enum Name in \"directory\"`")
            );
        }
        input.parse::<Token![enum]>()?;
        self.name = input.parse()?;
        input.parse::<Token![in]>().map(drop).map_err(|error| {
            let text = "expected `in` and the directory: `enum Name in \"directory\"`";
            syn::Error::new(error.span(), text)
        })
    }

    fn fill_arguments(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let mut seen: Vec<Ident> = Vec::new();
        loop {
            end_of_argument(input)?;
            if input.is_empty() {
                break;
            }
            let key = Ident::parse_any(input)?;
            let value = if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                value(input)?
            } else {
                value(input)?;
                self.refuse_at(&key, &format!("expected `{key} = …`"));
                continue;
            };
            if seen.contains(&key) {
                self.refuse_at(&key, &format!("`{key}` is given twice"));
                continue;
            }
            seen.push(key.clone());
            if let Err(error) = self.arguments.set(&key, value) {
                self.refuse(error);
            }
        }
        // The engine may follow an argument that it does not support.
        for key in &seen {
            if let Some(text) = self.arguments.misfit(&key.to_string()) {
                self.refuse_at(key, &text);
            }
        }
        let first = seen.iter().find(|key| *key == "first");
        if let (Some(first), true) = (first, self.arguments.timestamps) {
            self.refuse_at(
                first,
                "`first` has no meaning with `numbering = \"timestamp\"`",
            );
        }
        Ok(())
    }
}

/// The separator, or the end of the call.
fn end_of_argument(input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() {
        return Ok(());
    }
    if input.peek(Token![;]) {
        let semicolon: Token![;] = input.parse()?;
        if input.is_empty() {
            return Ok(());
        }
        return Err(syn::Error::new(
            semicolon.span,
            "expected `,`: a semicolon ends the call",
        ));
    }
    input.parse::<Token![,]>().map(drop)
}

/// The tokens up to the separator, so that a bad value affects no other.
fn value(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut value = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![;]) {
        let token: TokenTree = input.parse()?;
        match token {
            // A fragment of a `macro_rules!` macro comes in an invisible group.
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                value.extend(group.stream());
            }
            token => value.extend([token]),
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Watch;
    use migrate_model::Version;
    use quote::quote;

    fn errors(input: &str) -> String {
        let call = Call::parse(input.parse().unwrap());
        let messages: Vec<String> = call
            .errors
            .into_iter()
            .flatten()
            .map(|error| error.to_string())
            .collect();
        messages.join("\n")
    }

    #[test]
    fn both_spellings_are_read() {
        let call = Call::parse(quote!("migrations"));
        assert!(call.errors.is_none());
        assert_eq!(call.name, "Migration");
        assert_eq!(call.directory.unwrap().value(), "migrations");

        let call = Call::parse(quote! {
            /// Docs.
            #[non_exhaustive]
            pub(crate) enum Schema in "db", first = 10, engine = "sqlite",
                watch = "required", syntax = false, crate = crate::rt;
        });
        assert!(call.errors.is_none());
        assert_eq!(call.name, "Schema");
        assert_eq!(call.attributes.len(), 2);
        assert_eq!(call.arguments.first, Some(Version::new(10)));
        assert_eq!(call.arguments.watch, Watch::Required);
        assert_eq!(call.arguments.syntax, Some(false));
        assert_eq!(call.arguments.runtime().to_string(), "crate :: rt");
    }

    #[test]
    fn what_is_of_sqlite_fits_to_no_other_engine() {
        let expected = "`setup` is for SQLite alone: remove it, or `engine = \"postgres\"`";
        for text in [
            r#""m", setup = a::b, engine = "postgres""#,
            r#""m", engine = "postgres", setup = a::b"#,
        ] {
            let found = errors(text);
            let missing = found.contains("needs the feature `postgres`");
            assert_eq!(missing, !cfg!(feature = "postgres"));
            assert_eq!(found.lines().last(), Some(expected));
        }
        assert_eq!(errors(r#""m", setup = a::b, engine = "sqlite""#), "");
    }

    #[test]
    fn all_errors_are_reported_at_once() {
        assert_eq!(
            errors(
                r#""m", firs = 1, first = 0, first = 2, watch = 3, numbering = "timestmp",
                   engine = "mysql", syntax = "no", crate = 7, colour = 1, lone, "#
            ),
            "unknown argument `firs`; did you mean `first`?\n\
             expected the first version, a number from 1 on\n\
             `first` is given twice\n\
             expected `true`, `false` or `\"required\"`\n\
             unknown value `timestmp`; did you mean `timestamp`?\n\
             expected `engine = \"sqlite\"` or `\"postgres\"`\n\
             expected `true` or `false`\n\
             expected the path of the runtime crate, such as `crate = my_runtime`\n\
             unknown argument `colour`; the arguments are `collations`, `crate`, `downs`, \
             `engine`, `first`, `functions`, `min_sqlite`, `numbering`, `prove`, `setup`, \
             `syntax`, `watch`\n\
             expected `lone = …`"
        );
    }

    #[test]
    fn a_call_without_a_directory_keeps_its_name() {
        let call = Call::parse(quote!(enum Schema "db"));
        assert_eq!(call.name, "Schema");
        assert!(call.errors.is_some());
        assert_eq!(
            errors(""),
            "say which directory holds the migrations: `embed_migrations!(\"migrations\")`"
        );
        assert_eq!(
            errors("migrations"),
            "expected the directory in quotes, or `enum Name in \"directory\"`"
        );
        assert_eq!(errors("enum A in 7"), "expected the directory in quotes");
        assert_eq!(
            errors("\"m\"; first = 1"),
            "expected `,`: a semicolon ends the call"
        );
        assert_eq!(
            errors("\"m\", numbering = \"timestamp\", first = 3"),
            "`first` has no meaning with `numbering = \"timestamp\"`"
        );
    }

    #[test]
    fn what_is_not_proved_needs_a_reason() {
        let read = |value: &str| {
            let call = Call::parse(format!("\"m\", prove = {value}").parse().unwrap());
            (call.arguments.unproved, call.errors.is_some())
        };
        assert_eq!(read("true"), (None, false));
        let reason = Some("it needs spatialite".to_owned());
        assert_eq!(read("false \"it needs spatialite\""), (reason, false));
        for bad in ["false", "false \" \"", "true \"why\"", "\"why\"", "0"] {
            assert_eq!(read(bad), (None, true), "{bad}");
        }
        assert_eq!(
            errors("\"m\", prove = false"),
            "expected `prove = true`, or `prove = false \"why\"`"
        );
    }

    #[test]
    fn functions_say_how_many_arguments_they_take() {
        let call = Call::parse(quote!("m", functions = "slug/1, any", collations = "de"));
        assert!(call.errors.is_none());
        let functions = [("slug".to_owned(), 1), ("any".to_owned(), -1)];
        assert_eq!(call.arguments.functions, functions);
        assert_eq!(call.arguments.collations, ["de"]);
        assert_eq!(
            errors("\"m\", functions = \"slug/x\", setup = 7"),
            "expected names with numbers of arguments, such as `functions = \"slug/1, area/2\"`\n\
             expected the path of a function, such as `setup = crate::db::setup`"
        );
    }

    #[test]
    fn the_oldest_sqlite_is_a_version() {
        let read = |value: &str| {
            let call = Call::parse(format!("\"m\", min_sqlite = {value}").parse().unwrap());
            (call.arguments.min_sqlite, call.errors.is_some())
        };
        assert_eq!(read("\"3.35\""), (Some("3.35".parse().unwrap()), false));
        assert_eq!(read("\"3.35.4\""), (Some("3.35.4".parse().unwrap()), false));
        for bad in [
            "\"3\"",
            "\"4.1\"",
            "\"3.x\"",
            "\"3.35.4.1\"",
            "\"3.1000\"",
            "3.35",
            "\"\"",
        ] {
            assert_eq!(read(bad), (None, true), "{bad}");
        }
        assert_eq!(
            errors("\"m\", min_sqlite = \"latest\""),
            "expected a version of SQLite, such as `min_sqlite = \"3.38\"`"
        );
    }
}
