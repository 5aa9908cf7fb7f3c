//! Finding the functions of a migration in Rust.
//!
//! The check reads tokens only: a parser of the whole language would cost every user its build
//! time, and the compiler parses the file anyway.

mod token;

use migrate_scan::Engine;
use token::{Token, items};

/// A Rust file with the function that applies the migration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RustFile {
    /// Whether it also has the function that undoes the migration.
    pub has_down: bool,
}

/// A problem of a Rust file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RustProblem {
    /// It has no function `up`.
    NoUp,
    /// The function of this name is not `pub`.
    Private(&'static str),
    /// The function of this name takes no argument, or returns nothing.
    Signature(&'static str),
    /// The function of this name is `async`, which is not supported on SQLite.
    Async(&'static str),
    /// The function of this name is not `async`, which is required on PostgreSQL.
    NotAsync(&'static str),
    /// It starts with `//!` or `#![…]`, which an included file cannot have.
    InnerAttribute,
}

/// Checks the functions of a migration among the items of a file. They must be `async` on
/// PostgreSQL, and must not be on SQLite.
///
/// ```
/// use migrate_scan::Engine;
/// use migrate_source::rust_file::RustProblem;
/// use migrate_source::rust_file::check;
///
/// let up = "pub fn up(tx: &Transaction<'_>) -> Result<()> { Ok(()) }";
/// assert_eq!(check(up, Engine::Sqlite).map(|file| file.has_down), Ok(false));
/// assert_eq!(check(up, Engine::Postgres), Err(RustProblem::NotAsync("up")));
/// assert_eq!(check("// fn up", Engine::Sqlite), Err(RustProblem::NoUp));
/// ```
///
/// # Errors
///
/// Returns the first problem. A text that is not valid Rust is accepted, because the compiler
/// reports its errors better.
pub fn check(text: &str, engine: Engine) -> Result<RustFile, RustProblem> {
    let Some(tokens) = items(text) else {
        return Ok(RustFile::default());
    };
    if matches!(tokens[..], [Token::Punct('#'), Token::Punct('!'), ..]) {
        return Err(RustProblem::InnerAttribute);
    }
    find(&tokens, "up").map_or(Err(RustProblem::NoUp), |up| up.check("up", engine))?;
    let down = find(&tokens, "down");
    if let Some(down) = &down {
        down.check("down", engine)?;
    }
    Ok(RustFile {
        has_down: down.is_some(),
    })
}

/// The properties of a function, as far as its tokens show them.
struct Function {
    is_public: bool,
    is_async: bool,
    /// Whether it takes an argument and returns a value. The compiler would report this without
    /// naming the file.
    has_signature: bool,
}

impl Function {
    fn check(&self, name: &'static str, engine: Engine) -> Result<(), RustProblem> {
        let problem = match (self.is_async, engine) {
            _ if !self.is_public => RustProblem::Private(name),
            _ if !self.has_signature => RustProblem::Signature(name),
            (true, Engine::Sqlite) => RustProblem::Async(name),
            (false, Engine::Postgres) => RustProblem::NotAsync(name),
            (false, Engine::Sqlite) | (true, Engine::Postgres) => return Ok(()),
        };
        Err(problem)
    }
}

/// Finds the function of this name. Functions inside other items are in groups, which are not
/// searched.
fn find(tokens: &[Token<'_>], name: &str) -> Option<Function> {
    let at = tokens
        .windows(2)
        .position(|pair| pair == [Token::Word("fn"), Token::Word(name)])?;
    // Between the visibility and `fn` there can only be words such as `const`, and the
    // parentheses of `pub(crate)`.
    let before = tokens[..at]
        .iter()
        .rev()
        .take_while(|token| matches!(token, Token::Word(_) | Token::Text | Token::Group('(', _)));
    let has = |word: &'static str| before.clone().any(|token| *token == Token::Word(word));
    let has_signature = match tokens.get(at + 2) {
        Some(Token::Group('(', is_empty)) => {
            !is_empty && tokens.get(at + 3) == Some(&Token::Punct('-'))
        }
        // Generic parameters come first; the compiler checks the rest.
        _ => true,
    };
    Some(Function {
        is_public: has("pub"),
        is_async: has("async"),
        has_signature,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_down(text: &str) -> bool {
        check(text, Engine::Sqlite).unwrap().has_down
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
            ("pub /* fn */ fn\n// it\ndown(_: &Tx<'_>) -> R {}", true),
            ("fn x() { fn down() {} } mod x { pub fn down() {} }", false),
            ("const X: &str = \"fn down\"; // pub fn down() {}", false),
            (
                "const X: &str = r#\"\" fn down \"#; /* /* */ fn down */",
                false,
            ),
            (
                "const X: char = '\"'; pub fn down(_: T) -> R {} // \"",
                true,
            ),
            ("const X: char = '\\''; pub fn down(_: T) -> R {}", true),
            ("const X: &[u8] = b\"\\\"fn down\";", false),
            ("const X: char = '{'; pub fn down(_: T) -> R {}", true),
            ("pub fn r#fn() {} pub fn down(_: T) -> R {}", true),
            ("fn grün<'é>() {} pub fn down(_: T) -> R {}", true),
        ] {
            assert_eq!(has_down(&format!("{UP} {rest}")), has, "{rest}");
        }
        assert!(!has_down("pub(crate) fn up(tx: &Tx<'_>) -> R {}"));
    }

    #[test]
    fn what_is_missing_is_reported() {
        use RustProblem::{InnerAttribute, NoUp, Private, Signature};
        for (text, problem) in [
            ("", NoUp),
            ("pub fn upp() {}", NoUp),
            ("pub mod x { pub fn up() {} }", NoUp),
            ("fn up(tx: T) -> R {}", Private("up")),
            ("/// Docs.\nfn up(tx: T) -> R {}", Private("up")),
            ("pub struct A; fn up(tx: T) -> R {}", Private("up")),
            ("pub mod x {} fn up(tx: T) -> R {}", Private("up")),
            (
                "pub fn up(tx: T) -> R {} fn down(tx: T) -> R {}",
                Private("down"),
            ),
            ("pub fn up() -> R {}", Signature("up")),
            ("pub fn up(/* tx */) -> R {}", Signature("up")),
            ("pub fn up(tx: T) {}", Signature("up")),
            (
                "pub fn up(tx: T) -> R {} pub fn down() {}",
                Signature("down"),
            ),
            ("//! Docs.\npub fn up(tx: T) -> R {}", InnerAttribute),
            ("/*! Docs. */ pub fn up(tx: T) -> R {}", InnerAttribute),
            (
                "// x\n#![allow(x)] pub fn up(tx: T) -> R {}",
                InnerAttribute,
            ),
        ] {
            assert_eq!(check(text, Engine::Sqlite), Err(problem), "{text}");
        }
        // Arguments may be in brackets of their own.
        assert!(check("pub fn up((tx): (T)) -> R {}", Engine::Sqlite).is_ok());
    }

    #[test]
    fn functions_are_async_on_one_engine_and_not_on_the_other() {
        use RustProblem::{Async, NotAsync, Private};
        const UP: &str = "pub async fn up(tx: &Tx<'_>) -> R {}";
        for (text, problem) in [
            ("pub fn up(tx: &Tx<'_>) -> R {}", NotAsync("up")),
            ("async fn up(tx: &Tx<'_>) -> R {}", Private("up")),
            (
                "async fn x() {} pub fn up(tx: &Tx<'_>) -> R {}",
                NotAsync("up"),
            ),
            (
                "pub async fn up(tx: T) -> R {} pub fn down(tx: T) -> R {}",
                NotAsync("down"),
            ),
        ] {
            assert_eq!(check(text, Engine::Postgres), Err(problem), "{text}");
        }
        assert_eq!(check(UP, Engine::Sqlite), Err(Async("up")));
        let down = format!("{UP} pub(crate) async unsafe fn down(tx: &Tx<'_>) -> R {{}}");
        assert_eq!(
            check(&down, Engine::Postgres).map(|it| it.has_down),
            Ok(true)
        );
    }

    #[test]
    fn a_file_that_is_not_rust_is_left_to_the_compiler() {
        for text in [
            "pub fn up( {",
            "}",
            "(]",
            "\"",
            "'\\",
            "/* /* */",
            "r#\"\"",
            "b'",
            "pub fn up(",
        ] {
            assert_eq!(
                check(text, Engine::Sqlite),
                Ok(RustFile::default()),
                "{text}"
            );
        }
    }

    #[test]
    fn any_beginning_of_a_file_can_be_read() {
        let text = "/*é*/ pub fn up<'é>(tx: &'_ T) -> R { r##\"é\"#\"##; b'\\'' \"\\é\" } r#é";
        for (at, _) in text.char_indices() {
            let _ = check(&text[..at], Engine::Sqlite);
            let _ = check(&text[at..], Engine::Sqlite);
        }
    }
}
