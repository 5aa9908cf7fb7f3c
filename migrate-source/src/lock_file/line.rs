//! One line of a lock file.

use super::{Entry, Frozen};
use crate::file_name::version_of_stem;
use crate::text::shortened;
use migrate_model::Checksum;

/// Parses one line, and returns the chain value if it is frozen.
///
/// # Errors
///
/// Returns a message that says what is wrong with the line.
pub(super) fn read(line: &str) -> Result<(Entry, Option<Checksum>), String> {
    if line.is_empty() {
        return Err("this line is empty".to_owned());
    }
    if line.starts_with('#') {
        return Err("only the first line is a comment".to_owned());
    }
    let fields: Vec<&str> = line.split(' ').collect();
    if fields.contains(&"") || line.contains('\t') {
        return Err(
            "the fields of a line are separated by one space, and there is none at its end".into(),
        );
    }
    let stem = fields[0];
    let Some(version) = version_of_stem(stem) else {
        return Err(format!(
            "`{}` is not the number and name of a migration",
            shortened(stem)
        ));
    };
    let entry = |frozen| Entry {
        stem: stem.to_owned(),
        version,
        frozen,
    };
    match fields[1..] {
        ["draft"] => Ok((entry(None), None)),
        [up, "frozen", down, chain] => {
            let up = checksum(up)?;
            let down = match field(down, "down=")? {
                "none" => None,
                down => Some(checksum(down)?),
            };
            let chain = checksum(field(chain, "chain=")?)?;
            Ok((entry(Some(Frozen { up, down })), Some(chain)))
        }
        _ => Err("this is neither a draft nor a frozen migration".to_owned()),
    }
}

fn field<'a>(text: &'a str, key: &str) -> Result<&'a str, String> {
    text.strip_prefix(key)
        .ok_or_else(|| format!("`{}` should start with `{key}`", shortened(text)))
}

fn checksum(text: &str) -> Result<Checksum, String> {
    Checksum::parse(text).ok_or_else(|| {
        format!(
            "`{}` is not a checksum: `sha256:` and 64 digits or letters from `a` to `f`",
            shortened(text)
        )
    })
}
