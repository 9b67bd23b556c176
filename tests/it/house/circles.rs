//! Circles of files inside a room: each file that is in one can be understood only with all the others of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{code, leading_name, sources};

/// The names of a module's path, without `crate`.
type Path = Vec<String>;

/// Which file uses which other one, and what of it.
type Edges = BTreeMap<(Path, Path), BTreeSet<String>>;

/// The files of a room that others of it are reached from and that are reached from them.
type Circle = Vec<String>;

/// A name that a module has by `use`, and what it leads to: a path that ends with `*` for all that is there.
#[derive(Debug)]
struct Import {
    name: String,
    leads_to: Path,
}

/// One file.
#[derive(Debug, Default)]
struct Module {
    imports: Vec<Import>,
    /// Paths that its code names, imports with them.
    named: Vec<Path>,
    defined: BTreeSet<String>,
}

/// How many re-exports lead from a name to its definition at most.
const REEXPORTS_MAX: usize = 8;

#[test]
fn no_files_of_a_room_stand_in_a_circle() {
    let texts: BTreeMap<Path, String> =
        sources().iter().map(|(path, text)| (module_path(path), format!("{}\n", code(text)))).collect();
    assert!(texts.len() > 600, "the scan reads {} files: it misses some", texts.len());
    let edges = edges(&modules(&texts));
    assert!(edges.len() > 1_500, "the scan finds {} imports inside rooms: it misses some", edges.len());
    let found: Vec<String> = circles(&edges).iter().map(|circle| described(circle, &edges)).collect();
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn circles_are_found_through_faces_braces_and_globs() {
    let texts = [
        ("a", "mod b;\nmod c;\nmod d;\npub use b::{Foo as Fu, x};\npub use c::*;\n"),
        ("a::b", "use super::{Bar, d};\npub struct Foo;\n"),
        ("a::c", "pub struct Bar(crate::a::Fu);\n"),
        ("a::d", "use crate::z::Far;\nfn x() { \"super::c::Bar\"; }\n"),
        ("z", "use crate::a::d;\n"),
    ];
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Path>();
    let edges = edges(&modules(&texts.iter().map(|(at, text)| (path(at), (*text).to_owned())).collect()));
    let of = |from: &str, to: &str| edges.contains_key(&(path(from), path(to)));
    assert!(of("a::b", "a::c") && of("a::c", "a::b") && of("a::b", "a::d"), "{edges:?}");
    assert_eq!(edges.len(), 3, "what leads to another room is no edge: {edges:?}");
    assert_eq!(circles(&edges), [["a::b", "a::c"]]);
}

fn described(circle: &Circle, edges: &Edges) -> String {
    let inside = |path: &Path| circle.contains(&path.join("::"));
    let lines = edges.iter().filter(|((from, to), _)| inside(from) && inside(to));
    let line = |((from, to), names): (&(Path, Path), &BTreeSet<String>)| {
        format!("    {} uses {}: {}", from.join("::"), to.join("::"), names.iter().cloned().collect::<Vec<_>>().join(", "))
    };
    format!("{}:\n{}", circle.join(", "), lines.map(line).collect::<Vec<_>>().join("\n"))
}

fn module_path(file: &std::path::Path) -> Path {
    file.with_extension("").components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect()
}

fn modules(texts: &BTreeMap<Path, String>) -> BTreeMap<Path, Module> {
    texts.iter().map(|(at, text)| (at.clone(), module(at, &without_literals(text), texts))).collect()
}

fn module(at: &Path, code: &str, all: &BTreeMap<Path, String>) -> Module {
    let mut module = Module { defined: defined(code), ..Module::default() };
    for (start, _) in code.match_indices("use ").filter(|(start, _)| is_statement(code, *start)) {
        for leaf in leaves(&code[start + "use ".len()..]) {
            let Some(leads_to) = absolute(at, &leaf.path, all) else { continue };
            module.imports.push(Import { name: leaf.name, leads_to });
        }
    }
    for root in ["crate::", "super::", "self::"] {
        for (start, _) in code.match_indices(root).filter(|(start, _)| is_root(code, *start)) {
            module.named.extend(leaves(&code[start..]).iter().filter_map(|leaf| absolute(at, &leaf.path, all)));
        }
    }
    module.named.extend(module.imports.iter().map(|import| import.leads_to.clone()));
    module
}

/// Whether `use` at a place begins a statement, behind nothing but a visibility.
fn is_statement(code: &str, start: usize) -> bool {
    let line = code[..start].rsplit('\n').next().unwrap_or_default().trim();
    line.is_empty() || line.starts_with("pub") && !line.contains([' ', '='])
}

fn is_root(code: &str, start: usize) -> bool {
    !code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
}

fn without_literals(code: &str) -> String {
    let mut text = code.to_owned();
    for literal in super::sql_texts::rust_literals(code).iter().filter(|literal| literal.contains("::")) {
        text = text.replace(literal.as_str(), "");
    }
    text
}

/// Names of what a file defines, its modules not among them.
fn defined(code: &str) -> BTreeSet<String> {
    const KINDS: [&str; 9] = ["struct ", "enum ", "fn ", "trait ", "type ", "const ", "static ", "union ", "macro_rules! "];
    let named = |kind: &&str| code.match_indices(*kind).map(|(at, _)| leading_name(&code[at + kind.len()..])).collect();
    KINDS.iter().flat_map(|kind| -> Vec<String> { named(kind) }).collect()
}

/// One name of a `use` tree, as it is written.
struct Leaf {
    path: Path,
    name: String,
}

/// What a path, or a tree of them, names.
fn leaves(text: &str) -> Vec<Leaf> {
    let mut found = Vec::new();
    tree(text, &Path::new(), &mut found);
    found
}

/// Reads one tree, and says what follows it.
fn tree<'a>(text: &'a str, prefix: &Path, found: &mut Vec<Leaf>) -> &'a str {
    let mut path = prefix.clone();
    let mut rest = text.trim_start();
    loop {
        if let Some(list) = rest.strip_prefix('{') {
            let mut rest = list.trim_start();
            while !rest.is_empty() && !rest.starts_with('}') {
                rest = tree(rest, &path, found).trim_start().trim_start_matches(',').trim_start();
            }
            return rest.strip_prefix('}').unwrap_or(rest);
        }
        let name = if rest.starts_with('*') { "*".to_owned() } else { leading_name(rest) };
        rest = &rest[name.len()..];
        if name.is_empty() {
            rest = rest.char_indices().nth(1).map_or("", |(next, _)| &rest[next..]);
        }
        if !name.is_empty() && (name != "self" || path.is_empty()) {
            path.push(name);
        }
        match rest.strip_prefix("::") {
            Some(more) if more.starts_with(|c: char| c.is_alphanumeric() || "_*{".contains(c)) => rest = more,
            _ => break,
        }
    }
    let renamed = rest.strip_prefix(" as ").map(leading_name);
    if let Some(name) = &renamed {
        rest = &rest[" as ".len() + name.len()..];
    }
    let name = renamed.or_else(|| path.last().cloned()).unwrap_or_default();
    found.push(Leaf { path, name });
    rest
}

/// A path as the crate sees it; nothing for what is in no module of it.
fn absolute(at: &Path, path: &Path, all: &BTreeMap<Path, String>) -> Option<Path> {
    let (first, rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Path::new(),
        "self" => at.clone(),
        "super" => at[..at.len() - 1].to_vec(),
        name => {
            let child = [at.as_slice(), &[name.to_owned()]].concat();
            return all.contains_key(&child).then(|| [child.as_slice(), rest].concat());
        }
    };
    for name in rest {
        if name == "super" { drop(base.pop()) } else { base.push(name.clone()) }
    }
    Some(base)
}

/// The module in which what a path names is defined.
fn definition(path: &Path, modules: &BTreeMap<Path, Module>, reexports: usize) -> Option<Path> {
    let at = (0..=path.len()).rev().map(|length| path[..length].to_vec()).find(|at| modules.contains_key(at))?;
    let module = &modules[&at];
    let Some(name) = path.get(at.len()).filter(|name| !module.defined.contains(*name)) else { return Some(at) };
    if reexports == REEXPORTS_MAX {
        return None;
    }
    let one = module.imports.iter().filter(|import| import.name == *name).map(|import| import.leads_to.clone());
    let globs = module.imports.iter().filter(|import| import.name == "*").filter_map(|import| {
        let inside = import.leads_to[..import.leads_to.len() - 1].to_vec();
        modules.get(&inside)?.defined.contains(name).then_some(inside)
    });
    let leads_to = one.chain(globs).next()?;
    let whole = [leads_to.as_slice(), &path[at.len() + 1..]].concat();
    definition(&whole, modules, reexports + 1)
}

/// Which file uses which other of its room. Faces hold nothing of their own, and use nothing.
fn edges(modules: &BTreeMap<Path, Module>) -> Edges {
    let is_face = |at: &Path| modules.keys().any(|other| other.len() > at.len() && other.starts_with(at));
    let mut edges = Edges::new();
    for (from, module) in modules.iter().filter(|(at, _)| !is_face(at)) {
        for path in &module.named {
            let Some(to) = definition(path, modules, 0) else { continue };
            if to != *from && to.first() == from.first() {
                edges.entry((from.clone(), to)).or_default().extend(path.last().cloned());
            }
        }
    }
    edges
}

/// Files that reach each other, by what all of them reach.
fn circles(edges: &Edges) -> Vec<Circle> {
    let mut next: BTreeMap<&Path, Vec<&Path>> = BTreeMap::new();
    for (from, to) in edges.keys() {
        next.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&Path, BTreeSet<&Path>> = next.keys().map(|from| (*from, reached_from(from, &next))).collect();
    let mut found: Vec<Circle> = Vec::new();
    for (from, reach) in &reached {
        let mutual = reach.iter().filter(|to| reached.get(*to).is_some_and(|back| back.contains(from)));
        let circle: Circle = mutual.map(|path| path.join("::")).collect();
        if !circle.is_empty() && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

fn reached_from<'a>(from: &Path, next: &BTreeMap<&Path, Vec<&'a Path>>) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&'a Path> = next.get(from).cloned().unwrap_or_default();
    while let Some(at) = open.pop() {
        if reached.insert(at) {
            open.extend(next.get(at).into_iter().flatten());
        }
    }
    reached
}
