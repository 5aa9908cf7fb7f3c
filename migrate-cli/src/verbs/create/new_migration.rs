//! The new migration: its number, paths and texts.

use super::existing::Existing;
use super::layout::{Layout, join};
use super::template;
use crate::args::Create;
use crate::directory::Directory;
use crate::failure::Failure;
use crate::output::quoted_list;
use migrate_model::{Numbering, Version};
use migrate_source::file_name::{FileKind, Role, classify, nearest_name};
use migrate_tools::now;
use std::path::{Component, Path};

pub(super) struct Request<'a> {
    pub(super) directory: Directory<'a>,
    args: &'a Create,
    name: String,
    category: Option<String>,
}

pub(super) struct NewMigration {
    pub(super) version: Version,
    /// `004_add_users`, with `_` whatever separator the file name has.
    pub(super) label: String,
    /// `004-add-users`, as in the file name.
    pub(super) stem: String,
    /// Paths relative to the directory, with their texts. The up comes first.
    pub(super) files: Vec<(String, String)>,
    pub(super) is_rust: bool,
    pub(super) has_down: bool,
    /// The category, if its folder does not exist yet.
    pub(super) new_category: Option<String>,
}

impl<'a> Request<'a> {
    pub(super) fn new(args: &'a Create, directory: Directory<'a>) -> Result<Self, Failure> {
        // The shell may have completed the name from an existing file.
        let mut stem = args.name.trim();
        for ending in [".sql", ".rs"] {
            stem = stem.strip_suffix(ending).unwrap_or(stem);
        }
        let name = nearest_name(stem).ok_or_else(|| {
            Failure::usage(format!(
                "no part of `{stem}` can be used in the name of a migration"
            ))
            .help("a name consists of the letters a to z, digits, `_` and `-`, such as `add_users`")
        })?;
        Ok(Request {
            directory,
            args,
            name,
            category: args.category.as_deref().map(category).transpose()?,
        })
    }
}

impl NewMigration {
    pub(super) fn new(
        request: &Request<'_>,
        existing: &Existing<'_>,
    ) -> Result<NewMigration, Failure> {
        let numbering = request.directory.numbering;
        let layout = Layout::of(existing);
        let version = next(numbering, existing)?;
        let digits = width(version, numbering, &layout)?;
        let number = format!("{:0digits$}", version.get());
        let words = layout.word_separator.to_string();
        let mut name = request.name.replace(['_', '-'], &words);
        // The name may include the number, because other tools require it.
        if let Some(rest) = name.strip_prefix(&format!("{number}{words}"))
            && !rest.is_empty()
        {
            name = rest.to_owned();
        }
        let stem = format!("{number}{}{name}", layout.separator);
        let category = match &request.category {
            Some(category) => category.clone(),
            None => usual_category(&layout)?,
        };
        let has_down = request.args.down || layout.has_downs;
        let files = files(request, &layout, &category, &stem, has_down);
        for (i, (path, _)) in files.iter().enumerate() {
            let is_taken_for = |role| (role == Role::Down) == (i > 0);
            check(path, &category, numbering, is_taken_for)?;
        }
        let is_new = !category.is_empty() && !existing.directory.path.join(&category).is_dir();
        Ok(NewMigration {
            version,
            label: format!("{number}_{name}"),
            stem,
            files,
            is_rust: request.args.rust,
            has_down,
            new_category: is_new.then_some(category),
        })
    }

    /// The paths of the files, for display.
    pub(super) fn paths<'a>(&'a self, directory: &'a str) -> impl Iterator<Item = String> + 'a {
        self.files.iter().map(|(path, _)| join(directory, path))
    }
}

fn files(
    request: &Request<'_>,
    layout: &Layout,
    category: &str,
    stem: &str,
    has_down: bool,
) -> Vec<(String, String)> {
    let engine = request.directory.engine;
    if request.args.rust {
        let path = join(category, &format!("{stem}.rs"));
        return vec![(path, template::rust(stem, engine, has_down))];
    }
    let up = template::up(stem, engine);
    match layout.paths(category, stem) {
        (path, None) if has_down => vec![(path, up + template::down_section())],
        (path, Some(down)) if has_down => vec![(path, up), (down, template::down_file(stem))],
        (path, _) => vec![(path, up)],
    }
}

/// The category as a path with `/`. It must lie within the directory.
fn category(path: &Path) -> Result<String, Failure> {
    let refused = |what| {
        Failure::usage(format!("the category `{}` {what}", path.display()))
            .help("name a folder of the migrations directory, relative to it: `--category schema`")
    };
    let mut category = String::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => match name.to_str() {
                Some(name) => category = join(&category, name),
                None => return Err(refused("is not UTF-8")),
            },
            Component::CurDir => {}
            _ => return Err(refused("is outside the migrations directory")),
        }
    }
    match category.split('/').count() {
        // The directory reader limits the depth, because links may form a cycle.
        7.. => Err(refused("is nested too deeply")),
        _ => Ok(category),
    }
}

/// The default category of a migration.
fn usual_category(layout: &Layout) -> Result<String, Failure> {
    let mut categories = layout.categories.iter();
    match (categories.next(), categories.next()) {
        (None, _) => Ok(String::new()),
        (Some(first), None) => Ok(first.clone()),
        (Some(first), _) if first.is_empty() => Ok(String::new()),
        (Some(first), _) => {
            let all = quoted_list(&layout.categories);
            Err(
                Failure::usage(format!("the migrations are in several categories: {all}")).help(
                    format!("choose one of them, such as with `--category {first}`"),
                ),
            )
        }
    }
}

fn next(numbering: Numbering, existing: &Existing<'_>) -> Result<Version, Failure> {
    let highest = existing.migrations.iter().map(|it| it.version.get()).max();
    let successor = highest.map(|highest| highest.saturating_add(1));
    let next = match numbering {
        // Clocks differ, and two migrations may be created in one second.
        Numbering::Timestamp => {
            let now = now().ok_or_else(|| Failure::new("the current time is not available"))?;
            now.get().max(successor.unwrap_or_default())
        }
        Numbering::Sequential { first } => successor.unwrap_or(first.get()),
    };
    Version::from_u64(next).ok_or_else(|| {
        Failure::new("the highest version is already the maximum")
            .help("give the newest migration a lower number; see `migrate renumber`")
    })
}

fn width(version: Version, numbering: Numbering, layout: &Layout) -> Result<usize, Failure> {
    let needed = version.get().to_string().len();
    match layout.digits {
        None if numbering == Numbering::Timestamp => Ok(14),
        None => Ok(needed.max(3)),
        Some(digits) if needed <= digits => Ok(digits),
        Some(digits) => Err(Failure::new(format!(
            "version {version} has {needed} digits, but the numbers here have {digits}"
        ))
        .help(format!(
            "first rename the others to {needed} digits, as in `{:0needed$}`: names must sort in \
             the order of their numbers",
            version.get() - 1
        ))),
    }
}

/// Fails if the directory reader would not recognize the file for what it is.
fn check(
    path: &str,
    category: &str,
    numbering: Numbering,
    is_right: impl Fn(Role) -> bool,
) -> Result<(), Failure> {
    let what = match classify(path, numbering == Numbering::Timestamp) {
        FileKind::Script(script) if is_right(script.role) => return Ok(()),
        FileKind::Script(_) => "is for downs",
        FileKind::Ignored => "is ignored, with everything in it",
        FileKind::Unknown(_) => "looks like the folder of a single migration",
    };
    Err(Failure::usage(format!(
        "`{category}` cannot be a category: such a folder {what}"
    ))
    .help("choose another name for the category"))
}
