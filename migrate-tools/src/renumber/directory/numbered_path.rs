//! The path from which a file's number and name are read.

use migrate_source::file_name::looks_numbered;

/// The path from which a file's number and name are read: its own, unless its folder
/// begins with a number and is not the folder of one migration.
pub(super) fn numbered_path(path: &str) -> String {
    let Some((folders, file)) = path.rsplit_once('/') else {
        return path.to_owned();
    };
    let lower = file.to_ascii_lowercase();
    if matches!(lower.as_str(), "up.sql" | "down.sql") {
        return format!("{folders}/{lower}");
    }
    let (parent, folder) = match folders.rsplit_once('/') {
        Some((parent, folder)) => (format!("{parent}/"), folder),
        None => (String::new(), folders),
    };
    if !looks_numbered(folder) {
        return path.to_owned();
    }
    if file == "migration.sql" {
        // The layout of Prisma.
        format!("{folders}/up.sql")
    } else if lower.ends_with(".sql") || lower.ends_with(".rs") {
        format!("{parent}{}/{file}", without_number(folder))
    } else {
        path.to_owned()
    }
}

/// The name of a folder for many migrations, without the number at its beginning. The
/// result is never a folder that is ignored.
fn without_number(folder: &str) -> String {
    let mut rest = folder;
    while looks_numbered(rest) {
        rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        rest = &rest[1..];
    }
    match rest {
        "" | "archive" => format!("folder_{folder}"),
        _ if rest.starts_with('.') => format!("folder_{folder}"),
        _ => rest.to_owned(),
    }
}
