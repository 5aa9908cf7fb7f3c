//! References between the files of a crate: paths in its code, followed through
//! re-exports to the file that defines the item.
//!
//! Not counted are `mod` lines, re-exports that a file does not use itself, comments,
//! and modules for tests. Names that a macro builds are not seen.

use crate::modules::{Module, Path, modules};
use std::collections::{BTreeMap, BTreeSet};

/// Each file of a crate, with the files that it refers to.
pub(crate) type Files = BTreeMap<String, BTreeSet<String>>;

/// What a path leads to: an item in a module, or a module.
enum Target {
    Item(usize),
    Module(usize),
}

/// The references between the files of a `src` folder.
pub(crate) fn references(src: &std::path::Path) -> Files {
    let modules = Modules(modules(src));
    let mut files = Files::new();
    for (at, module) in modules.0.iter().enumerate() {
        let own = files.entry(module.file.clone()).or_default();
        let used = module.exports.iter();
        let used = used.filter(|name| module.words.contains(*name));
        let used = used.map(|name| &module.imports[name]);
        for path in module.paths.iter().chain(used) {
            own.extend(modules.file_of(at, path));
        }
        for word in &module.words {
            if !module.defines(word) {
                own.extend(modules.file_by_glob(at, word));
            }
        }
        own.remove(&module.file);
    }
    files
}

struct Modules(Vec<Module>);

/// The steps on the way to an item; re-exports can form circles too.
type Seen = BTreeSet<(usize, Path)>;

impl Modules {
    fn file_of(&self, from: usize, path: &[String]) -> Option<String> {
        match self.resolve(from, path, &mut Seen::new())? {
            Target::Item(module) => Some(self.0[module].file.clone()),
            Target::Module(_) => None,
        }
    }

    fn file_by_glob(&self, from: usize, word: &str) -> Option<String> {
        match self.by_glob(from, &[word.to_owned()], &mut Seen::new())? {
            Target::Item(module) => Some(self.0[module].file.clone()),
            Target::Module(_) => None,
        }
    }

    /// Follows a path as the code of a module has it.
    fn resolve(&self, from: usize, path: &[String], seen: &mut Seen) -> Option<Target> {
        if !seen.insert((from, path.to_vec())) {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(self.0[from].root, rest, seen),
            "self" => self.walk(from, rest, seen),
            "super" => self.walk(self.0[from].parent?, rest, seen),
            "Self" | "" => None,
            _ => self.named(from, path, seen),
        }
    }

    /// Follows a path within a module. What is not found there comes from a macro.
    fn walk(&self, module: usize, path: &[String], seen: &mut Seen) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else {
            return Some(Target::Module(module));
        };
        match first.as_str() {
            "super" => self.walk(self.0[module].parent?, rest, seen),
            "self" => self.walk(module, rest, seen),
            // What it defines and leads nowhere is of another crate.
            name if self.0[module].defines(name) => self.named(module, path, seen),
            _ => self
                .by_glob(module, path, seen)
                .or(Some(Target::Item(module))),
        }
    }

    /// Follows a path that begins with a name that a module knows.
    fn named(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Target> {
        let module = &self.0[at];
        let (first, rest) = path.split_first()?;
        if let Some(child) = module.children.get(first) {
            return self.walk(*child, rest, seen);
        }
        if module.items.contains(first) {
            return Some(Target::Item(at));
        }
        let Some(import) = module.imports.get(first) else {
            return self.by_glob(at, path, seen);
        };
        // Of another crate.
        if import.len() == 1 && import[0] == *first {
            return None;
        }
        match self.resolve(at, import, seen)? {
            Target::Module(module) => self.walk(module, rest, seen),
            item @ Target::Item(_) => Some(item),
        }
    }

    fn by_glob(&self, at: usize, path: &[String], seen: &mut Seen) -> Option<Target> {
        self.0[at].globs.iter().find_map(|glob| {
            let Target::Module(module) = self.resolve(at, glob, seen)? else {
                return None;
            };
            self.named(module, path, seen)
        })
    }
}
