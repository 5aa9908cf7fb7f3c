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
        let id = record.integer("version")?.to_string();
        let name = record.text("description")?;
        if !record.flag("success")? {
            return Err(Kind::Dirty(Tool::Sqlx, format!("{id} {name}")).into());
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

/// The version and the time of a row.
fn row(record: &Record<'_>, id: &'static str, time: &str) -> Result<OldRow, Error> {
    Ok(OldRow {
        id: record.text(id)?,
        applied_at: record.time(time),
        ..OldRow::default()
    })
}

pub(super) fn diesel(rows: Rows<'_>) -> Found {
    rows.read(|record| row(record, "version", "run_on"))
}

pub(super) fn sea_orm(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let mut row = row(record, "version", "applied_at")?;
        let id = row.id.strip_prefix('m').unwrap_or(&row.id);
        row.name = Some(without_number(id).to_owned());
        Ok(row)
    })
}

/// dbmate compares and sorts versions as text, and records no time.
pub(super) fn dbmate(rows: Rows<'_>) -> Found {
    rows.read(|record| row(record, "version", "applied_at"))
}

pub(super) fn names(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let mut row = row(record, "name", "applied_at")?;
        row.name = Some(without_number(stem(&row.id)).to_owned());
        Ok(row)
    })
}

pub(super) fn archon(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        let mut row = row(record, "migration_name", "applied_at")?;
        row.name = Some(without_number(stem(&row.id)).to_owned());
        // Files that record themselves write no checksum.
        row.checksum = digits(record)?.map(OldChecksum::Md5);
        Ok(row)
    })
}

pub(super) fn numbered(rows: Rows<'_>) -> Found {
    rows.read(|record| {
        Ok(OldRow {
            name: record.optional_text("name")?,
            execution_ms: milliseconds(record, "execution_time_ms"),
            checksum: digits(record)?.map(OldChecksum::Sha256),
            ..row(record, "version", "applied_at")?
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
    while let Some((number, name)) = rest.split_once(['_', '-']) {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        rest = name;
    }
    rest
}
