//! The modules of a crate, each with the names that it defines, imports and uses.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// A path in code, without the colons.
pub(crate) type Path = Vec<String>;

/// A file, or a module within one.
#[derive(Default)]
pub(crate) struct Module {
    /// Relative to the `src` folder.
    pub(crate) file: String,
    pub(crate) parent: Option<usize>,
    pub(crate) root: usize,
    pub(crate) children: BTreeMap<String, usize>,
    /// The names of functions, types, constants and macros.
    pub(crate) items: BTreeSet<String>,
    /// What `use` brings in, by its name here.
    pub(crate) imports: BTreeMap<String, Path>,
    pub(crate) globs: Vec<Path>,
    /// The names of the imports that are exported again.
    pub(crate) exports: Vec<String>,
    /// The paths in the code, those of private imports included.
    pub(crate) paths: Vec<Path>,
    /// The first word of each path, and each single word.
    pub(crate) words: BTreeSet<String>,
}

impl Module {
    pub(crate) fn defines(&self, name: &str) -> bool {
        self.items.contains(name)
            || self.imports.contains_key(name)
            || self.children.contains_key(name)
    }
}

/// All modules of the crates in a `src` folder: of its library and its program.
pub(crate) fn modules(src: &std::path::Path) -> Vec<Module> {
    let mut reader = Reader {
        src,
        modules: Vec::new(),
    };
    for root in ["lib.rs", "main.rs"] {
        if src.join(root).exists() {
            let module = Module {
                file: root.to_owned(),
                root: reader.modules.len(),
                ..Module::default()
            };
            reader.read_file(module, "");
        }
    }
    reader.modules
}

struct Reader<'a> {
    src: &'a std::path::Path,
    modules: Vec<Module>,
}

impl Reader<'_> {
    /// Adds a module that is a file; its children are in `folder`.
    fn read_file(&mut self, module: Module, folder: &str) -> usize {
        let text = fs::read_to_string(self.src.join(&module.file)).unwrap();
        let tokens = text.parse().unwrap();
        self.read(module, tokens, folder)
    }

    fn read(&mut self, module: Module, tokens: TokenStream, folder: &str) -> usize {
        let at = self.modules.len();
        self.modules.push(module);
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        self.read_code(at, &trees, folder, true);
        at
    }

    /// Reads items or, deeper, the code of an item.
    fn read_code(&mut self, at: usize, trees: &[TokenTree], folder: &str, is_top: bool) {
        let mut next = 0;
        let mut is_public = false;
        while let Some(tree) = trees.get(next) {
            if let Some(length) = attribute(&trees[next..]) {
                let is_test = is_for_tests(&trees[next + length - 1]);
                next += length;
                if is_test {
                    next += item_length(&trees[next..]);
                }
                continue;
            }
            let TokenTree::Ident(word) = tree else {
                if let TokenTree::Group(group) = tree {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.read_code(at, &inner, folder, false);
                    // `pub(crate)` is public too.
                    is_public &= group.delimiter() == Delimiter::Parenthesis;
                }
                next += 1;
                continue;
            };
            let word = word.to_string();
            match word.as_str() {
                "pub" => {
                    is_public = true;
                    next += 1;
                    continue;
                }
                "mod" => next += self.read_module(at, &trees[next..], folder),
                "use" => {
                    // Without a semicolon it is `impl Trait + use<'a>`.
                    let end = trees[next..].iter().position(is_semicolon).unwrap_or(1);
                    self.read_use(at, &[], &trees[next + 1..next + end], is_public);
                    next += end;
                }
                "fn" | "struct" | "enum" | "union" | "trait" | "type" | "const" | "static"
                | "macro_rules"
                    if is_top =>
                {
                    let name = trees[next + 1..].iter().take(2).find_map(ident);
                    self.modules[at].items.extend(name);
                    next += 1;
                }
                _ => {
                    next +=
                        self.read_path(at, &trees[next..], next > 0 && is_dot(&trees[next - 1]));
                }
            }
            is_public = false;
        }
    }

    /// `mod name;` and `mod name { … }`; returns how many tokens it has.
    fn read_module(&mut self, at: usize, trees: &[TokenTree], folder: &str) -> usize {
        let (Some(name), Some(body)) = (trees.get(1).and_then(ident), trees.get(2)) else {
            return 1;
        };
        let below = format!("{folder}{name}/");
        let mut module = Module {
            parent: Some(at),
            root: self.modules[at].root,
            ..Module::default()
        };
        let child = if let TokenTree::Group(group) = body {
            module.file.clone_from(&self.modules[at].file);
            self.read(module, group.stream(), &below)
        } else {
            module.file = format!("{folder}{name}.rs");
            self.read_file(module, &below)
        };
        self.modules[at].children.insert(name, child);
        3
    }

    /// The tree of a `use`.
    fn read_use(&mut self, at: usize, before: &[String], trees: &[TokenTree], is_public: bool) {
        let module = &mut self.modules[at];
        let mut path = before.to_vec();
        let mut name = None;
        for (next, tree) in trees.iter().enumerate() {
            match tree {
                TokenTree::Ident(word) if word == "as" => {
                    name = trees.get(next + 1).and_then(ident);
                    break;
                }
                TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(sign) if sign.as_char() == '*' => return module.globs.push(path),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let parts = inner
                        .split(|it| matches!(it, TokenTree::Punct(sign) if sign.as_char() == ','));
                    for part in parts.filter(|part| !part.is_empty()) {
                        self.read_use(at, &path, part, is_public);
                    }
                    return;
                }
                _ => {}
            }
        }
        let Some(name) = name.or_else(|| path.last().cloned()) else {
            return;
        };
        if is_public {
            module.exports.push(name.clone());
        } else {
            module.paths.push(path.clone());
        }
        module.imports.entry(name).or_insert(path);
    }

    /// A path, or a single word; returns how many tokens it has.
    fn read_path(&mut self, at: usize, trees: &[TokenTree], is_field: bool) -> usize {
        let mut path: Path = trees.first().and_then(ident).into_iter().collect();
        let mut length = 1;
        while let Some(word) = trees.get(length + 2).and_then(ident)
            && is_colon(&trees[length])
            && is_colon(&trees[length + 1])
        {
            path.push(word);
            length += 3;
        }
        if !is_field {
            self.modules[at].words.insert(path[0].clone());
        }
        if path.len() > 1 {
            self.modules[at].paths.push(path);
        }
        length
    }
}

/// How many tokens an attribute has, if there is one.
fn attribute(trees: &[TokenTree]) -> Option<usize> {
    let is = |at: usize, sign: char| matches!(trees.get(at), Some(TokenTree::Punct(it)) if it.as_char() == sign);
    let length = if is(1, '!') { 3 } else { 2 };
    let is_group = matches!(trees.get(length - 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket);
    (is(0, '#') && is_group).then_some(length)
}

fn is_for_tests(attribute: &TokenTree) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text.starts_with("[cfg(test") || text.starts_with("[cfg(all(test")
}

/// How many tokens an item has: up to a semicolon, or a group in braces.
fn item_length(trees: &[TokenTree]) -> usize {
    let is_last = |tree: &TokenTree| {
        is_semicolon(tree)
            || matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
    };
    trees
        .iter()
        .position(is_last)
        .map_or(trees.len(), |at| at + 1)
}

fn ident(tree: &TokenTree) -> Option<String> {
    match tree {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    }
}

fn is_semicolon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(sign) if sign.as_char() == ';')
}

fn is_colon(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(sign) if sign.as_char() == ':')
}

/// The dot before a field or a method; two make a range.
fn is_dot(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Punct(sign) if sign.as_char() == '.' && sign.spacing() == Spacing::Alone)
}
