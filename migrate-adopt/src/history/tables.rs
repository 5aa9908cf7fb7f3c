//! Histories with one row for each applied migration.

use super::applied::OldRow;
use super::record::{Record, Rows};
use crate::Tool;
use crate::checksum::OldChecksum;
use crate::error::{Error, Kind};

type Found = Result<Vec<OldRow>, Error>;

/// refinery stores the checksum as text and parses it.
pub(super) fn refinery(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let text = record.text("checksum")?;
        let Ok(checksum) = text.parse() else {
            return Err(record.damaged("checksum", "a whole number"));
        };
        Ok(OldRow {
            id: record.integer("version")?.to_string(),
            name: record.optional_text("name")?,
            applied_at: record.time("applied_on"),
            checksum: Some(OldChecksum::Sip(checksum)),
            ..OldRow::default()
        })
    })
}

pub(super) fn sqlx(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let (id, name) = (
            record.integer("version")?.to_string(),
            record.text("description")?,
        );
        if !record.flag("success")? {
            return Err(Kind::Dirty {
                tool: Tool::Sqlx,
                migration: format!("{id} {name}"),
            }
            .into());
        }
        Ok(OldRow {
            id,
            name: Some(name),
            applied_at: record.time("installed_on"),
            // Nanoseconds; -1 if not measured.
            execution_ms: milliseconds(record, "execution_time").map(|nanos| nanos / 1_000_000),
            checksum: Some(OldChecksum::Sha384(record.bytes("checksum")?)),
            ..OldRow::default()
        })
    })
}

pub(super) fn diesel(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        Ok(OldRow {
            id: record.text("version")?,
            applied_at: record.time("run_on"),
            ..OldRow::default()
        })
    })
}

pub(super) fn sea_orm(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let id = record.text("version")?;
        Ok(OldRow {
            name: Some(without_number(id.strip_prefix('m').unwrap_or(&id)).to_owned()),
            id,
            applied_at: record.time("applied_at"),
            ..OldRow::default()
        })
    })
}

/// dbmate compares and sorts versions as text.
pub(super) fn dbmate(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        Ok(OldRow {
            id: record.text("version")?,
            ..OldRow::default()
        })
    })
}

pub(super) fn names(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let id = record.text("name")?;
        Ok(OldRow {
            name: Some(without_number(stem(&id)).to_owned()),
            id,
            applied_at: record.time("applied_at"),
            ..OldRow::default()
        })
    })
}

pub(super) fn archon(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let id = record.text("migration_name")?;
        Ok(OldRow {
            name: Some(without_number(stem(&id)).to_owned()),
            id,
            applied_at: record.time("applied_at"),
            // Files that record themselves write no checksum.
            checksum: digits(record)?.map(OldChecksum::Md5),
            ..OldRow::default()
        })
    })
}

pub(super) fn numbered(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        Ok(OldRow {
            id: record.text("version")?,
            name: record.optional_text("name")?,
            applied_at: record.time("applied_at"),
            execution_ms: milliseconds(record, "execution_time_ms"),
            checksum: digits(record)?.map(OldChecksum::Sha256),
            ..OldRow::default()
        })
    })
}

fn digits(record: &Record<'_>) -> Result<Option<String>, Error> {
    let digits = record.optional_text("checksum")?;
    Ok(digits.filter(|digits| !digits.is_empty()))
}

/// A duration; a negative number means that it was not measured.
pub(super) fn milliseconds(record: &Record<'_>, column: &str) -> Option<u64> {
    u64::try_from(record.number(column)?).ok()
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".sql").unwrap_or(name)
}

/// The part of a name after its leading numbers: `create_table` for
/// `20220101_000001_create_table`.
fn without_number(name: &str) -> &str {
    let mut rest = name;
    while let Some((number, behind)) = rest.split_once(['_', '-']) {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        rest = behind;
    }
    rest
}
