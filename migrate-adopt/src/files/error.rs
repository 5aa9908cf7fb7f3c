//! The error of reading, converting or writing a directory.

use crate::Tool;
use crate::plan::listed_up_to;
use migrate_runtime::__private::error::{Explained, Reason};
use migrate_tools::{ErrorParts, explained_error};
use std::fmt;

/// The maximum number of files in a message.
const MOST_FILES: usize = 8;

/// The reason why a directory was not read, converted or written.
///
/// `Display` names the files, the reason and what to do. The error of the system
/// or the database, if there is one, is also the
/// [`source`](std::error::Error::source); [`message`](Error::message) omits it.
pub struct Error(Box<ErrorParts<Kind>>);

explained_error!(Error, Kind);

#[derive(Debug)]
pub(crate) enum Kind {
    Unreadable(String),
    /// The file, and the offset of the first invalid byte.
    NotUtf8(String, usize),
    Nul(String),
    /// Some migrations are programs.
    Programs(Tool, Vec<String>),
    /// The migrations of the tool are always programs.
    OnlyPrograms(Tool),
    Converted {
        directory: String,
        file: String,
        tool: String,
    },
    Nothing {
        tool: Tool,
        directory: String,
        example: &'static str,
    },
    /// Two files have this version.
    SameVersion(String, [String; 2]),
    /// Two repeatable migrations, which have no version, have this description.
    SameDescription(String, [String; 2]),
    /// A file whose markers of the tool are misplaced, and how.
    Marks(String, &'static str),
    /// The files of an application with a counter do not begin with 1.
    NoBase(u64),
    Unspeakable(String),
    InTheWay(String),
    Unwritten(String),
    UnreadableSchema,
    NoSchema,
}

impl Error {
    /// Whether some migrations are programs, which cannot be converted.
    pub fn is_program(&self) -> bool {
        matches!(self.0.kind, Kind::Programs(..) | Kind::OnlyPrograms(_))
    }

    /// Whether the directory is already converted.
    pub fn is_converted(&self) -> bool {
        matches!(self.0.kind, Kind::Converted { .. })
    }

    /// Whether there is no migration of the tool.
    pub fn is_nothing(&self) -> bool {
        matches!(self.0.kind, Kind::Nothing { .. } | Kind::NoSchema)
    }

    /// Whether a file is not text.
    pub fn is_not_text(&self) -> bool {
        matches!(self.0.kind, Kind::NotUtf8(..) | Kind::Nul(_))
    }

    /// Whether existing files are in the way of the new ones. Nothing was
    /// written in that case.
    pub fn is_in_the_way(&self) -> bool {
        matches!(self.0.kind, Kind::InTheWay(_))
    }
}

impl Explained for Error {
    fn write(&self, f: &mut fmt::Formatter<'_>, reason: &Reason<'_>) -> fmt::Result {
        match &self.0.kind {
            Kind::Unreadable(path) => {
                write!(
                    f,
                    "`{path}` cannot be read{reason}; correct the path, or make it readable"
                )
            }
            Kind::NotUtf8(file, offset) => write!(
                f,
                "`{file}` is not UTF-8, from byte {} on; save it as UTF-8",
                offset + 1
            ),
            Kind::Nul(file) => write!(
                f,
                "`{file}` contains a NUL byte; save it as UTF-8 (an editor may have written UTF-16)"
            ),
            Kind::Programs(tool, files) => write!(
                f,
                "{} cannot be converted: these are programs; write each as SQL under the same \
                 version and convert again (a file without a statement becomes an `empty` \
                 migration, which an `NNN_name.rs` can replace), or squash the schema of a \
                 database migrated by {tool}",
                listed_up_to(MOST_FILES, files)
            ),
            Kind::OnlyPrograms(tool) => write!(
                f,
                "the migrations of {tool} are programs, which cannot be converted; squash them: \
                 the schema that they have created in a database becomes one migration"
            ),
            Kind::Converted {
                directory,
                file,
                tool,
            } => write!(
                f,
                "`{directory}` is already converted: `{file}` says that it was adopted from \
                 {tool}; there is nothing to do"
            ),
            Kind::Nothing {
                tool,
                directory,
                example,
            } => write!(
                f,
                "there is no migration of {tool} in `{directory}`: its files are named like \
                 `{example}`; correct the directory, or the tool"
            ),
            Kind::SameVersion(id, files) => {
                let [one, other] = files;
                write!(
                    f,
                    "`{one}` and `{other}` have the same version `{id}`; give one of them another, \
                     or merge them"
                )?;
                if files.iter().any(|file| file.ends_with(".down.sql")) {
                    f.write_str("; if one undoes the other, they belong to another tool")
                } else {
                    Ok(())
                }
            }
            Kind::SameDescription(description, files) => write!(
                f,
                "`{}` and `{}` have the same description `{description}`; give one of them \
                 another, or merge them",
                files[0], files[1]
            ),
            Kind::Marks(file, what) => write!(f, "`{file}` {what}"),
            Kind::NoBase(first) => {
                let last = match first - 1 {
                    1 => String::new(),
                    last => format!(" to `{last:03}_….sql`"),
                };
                write!(
                    f,
                    "the first file has the version {first}, and no file contains what the \
                     application created before: a new database would not have it; write that as \
                     `001_….sql`{last} next to the other files, then convert"
                )
            }
            Kind::Unspeakable(file) => write!(
                f,
                "the version of `{file}` contains a double quote, which a header cannot contain; \
                 rename it"
            ),
            Kind::InTheWay(what) | Kind::Unwritten(what) => reason.write_into(f, what),
            Kind::UnreadableSchema => f.write_str("the database failed while reading its schema"),
            Kind::NoSchema => f.write_str(
                "the database has no tables to squash; name the database that the old \
                 migrations were applied to",
            ),
        }?;
        reason.write_rest(f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}
