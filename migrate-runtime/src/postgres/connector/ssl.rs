//! `sslmode` and `sslrootcert`. They are taken out of the URL, because
//! tokio-postgres rejects the modes that verify.

use crate::error::ConnectKind;
use std::path::PathBuf;
use tokio_postgres::config::SslMode;

/// How a connection is encrypted and verified.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::postgres) struct Ssl {
    pub(in crate::postgres) mode: Mode,
    pub(in crate::postgres) roots: Roots,
}

/// The modes of libpq. Its `allow` is `prefer` here: both connect if it is
/// possible, and neither promises anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::postgres) enum Mode {
    Disable,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The trusted authorities.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::postgres) enum Roots {
    System,
    File(PathBuf),
}

impl Ssl {
    /// The settings of a configuration of tokio-postgres, which cannot ask for
    /// verification.
    pub(super) fn of(mode: SslMode) -> Ssl {
        Ssl {
            mode: match mode {
                SslMode::Disable => Mode::Disable,
                SslMode::Prefer => Mode::Prefer,
                // The type may get more modes, which would promise more.
                _ => Mode::Require,
            },
            roots: Roots::System,
        }
    }

    /// From the values of `sslmode` and `sslrootcert`.
    fn from_values(mode: Option<&str>, roots: Option<&str>) -> Result<Ssl, ConnectKind> {
        let system = roots == Some("system");
        let mode = match mode {
            // libpq: `system` implies `verify-full`, and weaker modes are refused,
            // because anyone can get a certificate from a public authority.
            None if system => Mode::VerifyFull,
            None | Some("prefer" | "allow") => Mode::Prefer,
            Some("disable") => Mode::Disable,
            Some("require") => Mode::Require,
            Some("verify-ca") => Mode::VerifyCa,
            Some("verify-full") => Mode::VerifyFull,
            Some(other) => {
                return Err(ConnectKind::unusable(format!(
                    "`sslmode={other}` is not one of `disable`, `allow`, `prefer`, `require`, \
                     `verify-ca` and `verify-full`; use one of them"
                )));
            }
        };
        if system && mode != Mode::VerifyFull {
            return Err(ConnectKind::unusable(
                "`sslrootcert=system` needs `sslmode=verify-full`, because anyone can get a \
                 certificate from a public authority; use that mode, or name a file",
            ));
        }
        let mode = match mode {
            // libpq: with a root certificate `require` verifies as `verify-ca` does.
            Mode::Require if roots.is_some() => Mode::VerifyCa,
            mode => mode,
        };
        let roots = match roots {
            Some(path) if !system => Roots::File(PathBuf::from(path)),
            _ => Roots::System,
        };
        Ok(Ssl { mode, roots })
    }
}

/// Splits a connection string into what tokio-postgres understands and the
/// settings of TLS.
pub(super) fn take(text: &str) -> Result<(String, Ssl), ConnectKind> {
    let (rest, taken) = if ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
    {
        from_url(text)?
    } else {
        from_pairs(text)
    };
    let last = |key: &str| taken.iter().rfind(|(k, _)| k == key).map(|(_, v)| &**v);
    let ssl = Ssl::from_values(last("sslmode"), last("sslrootcert"))?;
    Ok((rest, ssl))
}

fn is_ours(key: &str) -> bool {
    matches!(key, "sslmode" | "sslrootcert")
}

type Taken = Vec<(String, String)>;

fn from_url(url: &str) -> Result<(String, Taken), ConnectKind> {
    // A password may contain any character but `@`, so the query is searched
    // for after it.
    let host = url.find('@').map_or(0, |at| at + 1);
    let Some(query) = url[host..].find('?').map(|at| host + at) else {
        return Ok((url.to_owned(), Taken::new()));
    };
    let mut taken = Taken::new();
    let mut kept = Vec::new();
    for part in url[query + 1..].split('&') {
        match part.split_once('=') {
            Some((key, value)) if is_ours(key) => {
                let value = decode(value).ok_or_else(|| {
                    ConnectKind::unusable(format!(
                        "the value of `{key}` in the URL is not valid UTF-8; write characters \
                         other than letters and digits as `%20`"
                    ))
                })?;
                taken.push((key.to_owned(), value));
            }
            _ => kept.push(part),
        }
    }
    let rest = if kept.is_empty() {
        url[..query].to_owned()
    } else {
        format!("{}?{}", &url[..query], kept.join("&"))
    };
    Ok((rest, taken))
}

/// Decodes `%20` and the like.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape = match tail {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        (rest, ()) = match escape {
            Some((high, low)) => (&tail[2..], bytes.push(high << 4 | low)),
            None => (tail, bytes.push(*first)),
        };
    }
    String::from_utf8(bytes).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Parses `key=value` pairs by the rules of libpq: values with spaces are
/// enclosed in `'`, and a backslash escapes the next character. Text that
/// breaks the rules is kept, so that tokio-postgres reports it.
fn from_pairs(text: &str) -> (String, Taken) {
    let mut taken = Taken::new();
    let mut kept = String::new();
    let mut rest = text;
    while let Some((pair, key, value, tail)) = next_pair(rest) {
        if is_ours(key) {
            taken.push((key.to_owned(), value));
        } else {
            kept.push_str(pair);
        }
        rest = tail;
    }
    kept.push_str(rest);
    (kept, taken)
}

/// The text of the first pair with the spaces before it, its key, its value,
/// and the rest.
fn next_pair(text: &str) -> Option<(&str, &str, String, &str)> {
    let (key, after) = text.split_once('=')?;
    let key = key.trim();
    if key.contains(char::is_whitespace) {
        return None;
    }
    let after = after.trim_start();
    let (quoted, body) = match after.strip_prefix('\'') {
        Some(body) => (true, body),
        None => (false, after),
    };
    let mut value = String::new();
    let mut characters = body.char_indices();
    let end = loop {
        match characters.next() {
            Some((_, '\\')) => value.extend(characters.next().map(|(_, c)| c)),
            Some((at, '\'')) if quoted => break at + 1,
            Some((at, c)) if !quoted && c.is_whitespace() => break at,
            Some((_, c)) => value.push(c),
            None if quoted => return None,
            None => break body.len(),
        }
    };
    let tail = &body[end..];
    Some((&text[..text.len() - tail.len()], key, value, tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, rest: &str, mode: Mode, roots: Option<&str>) {
        let roots = roots.map_or(Roots::System, |path| Roots::File(PathBuf::from(path)));
        let (seen, ssl) = take(text).unwrap();
        assert_eq!((seen.as_str(), ssl), (rest, Ssl { mode, roots }), "{text}");
    }

    #[test]
    fn of_urls() {
        use Mode::*;
        check("postgres://h/d", "postgres://h/d", Prefer, None);
        check(
            "postgresql://h?sslmode=allow",
            "postgresql://h",
            Prefer,
            None,
        );
        check(
            "postgres://h/d?sslmode=disable&user=a",
            "postgres://h/d?user=a",
            Disable,
            None,
        );
        check(
            "postgres://u:a?sslmode=x@h/d?user=a&sslrootcert=%2Fa%20b+c%&sslmode=verify-ca",
            "postgres://u:a?sslmode=x@h/d?user=a",
            VerifyCa,
            Some("/a b+c%"),
        );
        // The last one counts, as in libpq.
        check(
            "postgres://h?sslmode=disable&sslmode=require",
            "postgres://h",
            Require,
            None,
        );
        check(
            "postgres://h?sslmode=require&sslrootcert=a",
            "postgres://h",
            VerifyCa,
            Some("a"),
        );
        check(
            "postgres://h?sslrootcert=system",
            "postgres://h",
            VerifyFull,
            None,
        );
    }

    #[test]
    fn of_pairs() {
        use Mode::*;
        check("host=h user=a", "host=h user=a", Prefer, None);
        check("host=h sslmode=require", "host=h", Require, None);
        check(
            r"password='it\'s sslmode=x' sslmode = 'verify-full' sslrootcert='a b\\c' user=b",
            r"password='it\'s sslmode=x' user=b",
            VerifyFull,
            Some(r"a b\c"),
        );
        check(r"sslrootcert=a\ b user=x", " user=x", Prefer, Some("a b"));
        // Text that is not a list of pairs is left for tokio-postgres to
        // refuse.
        for text in ["sslmode", "a b=c sslmode=require", "sslmode='require", "x"] {
            check(text, text, Prefer, None);
        }
    }

    #[test]
    fn modes_that_promise_too_little() {
        for text in [
            "postgres://h?sslmode=verify",
            "postgres://h?sslmode=",
            "postgres://h?sslmode=verify-ca&sslrootcert=system",
            "sslrootcert=system host=h sslmode=prefer",
        ] {
            assert!(take(text).is_err(), "{text}");
        }
    }
}
