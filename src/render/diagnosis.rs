//! Errors of the template engine → problems with a place and a way out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use minijinja::{Error, ErrorKind};

use super::{
    expressions::{expressions, is_inside},
    files::File,
    filters,
    interpolations::Interpolation,
    near_miss::near_miss,
    problem::{RenderProblem, ValueRefusal},
};
use crate::{plan::Place, sql};

/// Most characters of an expression that a message shows.
const EXPRESSION_CHARS_MAX: usize = 60;
/// What every template knows besides the variables.
const GLOBALS: [&str; 9] = ["range", "dict", "namespace", "loop", "caller", "self", "super", "varargs", "kwargs"];

/// How the engine calls the text that is being rendered; no path has a line break in it.
pub(super) const ROOT: &str = "\n";

/// A text that is rendered: a template of the plan, or a file.
#[derive(Clone, Copy)]
pub(super) struct TextSource<'t> {
    pub(super) text: &'t str,
    pub(super) at: Place,
}

/// What is needed to say what is wrong, and where.
pub(super) struct Diagnosis<'a> {
    /// Variables that are declared.
    names: BTreeSet<String>,
    /// Macro files by path and by file name.
    macros: BTreeMap<&'a str, File<'a>>,
    /// The file name of a macro file, where no other has the same.
    aliases: BTreeMap<&'a str, &'a str>,
}

impl<'a> Diagnosis<'a> {
    pub(super) fn new(names: BTreeSet<String>, files: &[File<'a>]) -> Self {
        let mut macros: BTreeMap<_, _> = files.iter().map(|file| (file.path, *file)).collect();
        let mut aliases = BTreeMap::new();
        for file in files {
            let name = file_name(file.path);
            let is_shared = files.iter().any(|other| other.path != file.path && file_name(other.path) == name);
            if !is_shared && !macros.contains_key(name) {
                macros.insert(name, *file);
                aliases.insert(file.path, name);
            }
        }
        Diagnosis { names, macros, aliases }
    }

    /// The second name that a macro file can be imported by.
    pub(super) fn alias(&self, path: &str) -> Option<&'a str> {
        self.aliases.get(path).copied()
    }

    /// What an error of the engine means.
    pub(super) fn of(&self, error: &Error, source: TextSource<'_>) -> RenderProblem {
        let error = innermost(error);
        let source = match error.name() {
            Some(name) if name != ROOT => self.macros.get(name).map_or(source, |f| TextSource { text: f.text, at: f.at }),
            _ => source,
        };
        self.problem(error, source, error.range())
    }

    /// What an error of an expression means that begins at `start` of the text.
    pub(super) fn of_expression(&self, error: &Error, source: TextSource<'_>, start: usize) -> RenderProblem {
        let error = innermost(error);
        let range = error.range().map(|range| range.start + start..range.end + start);
        // What fails after the evaluation has no range of its own.
        self.problem(error, source, Some(range.unwrap_or(start..source.text.len())))
    }

    /// Names that no template can know.
    pub(super) fn undefined_names(&self, names: HashSet<String>, source: TextSource<'_>) -> Vec<RenderProblem> {
        let unknown = |name: &String| !self.names.contains(name) && !GLOBALS.contains(&name.as_str());
        let names: BTreeSet<String> = names.into_iter().filter(unknown).collect();
        let mut problems = Vec::new();
        for name in names {
            if let Some(offset) = first_use(source.text, &name) {
                problems.push(RenderProblem { offset: Some(offset), ..self.undefined(&name, source) });
            }
        }
        problems
    }

    /// A value that ends what it stands in.
    pub(super) fn interpolation(&self, interpolation: &Interpolation, source: TextSource<'_>) -> RenderProblem {
        let shown = sql::excerpt(&interpolation.text, interpolation.offset);
        RenderProblem {
            code: "backstop::render::breaks_out",
            message: format!("a quoted value stands in {}, and would end it:\n{shown}", interpolation.inside),
            help:
                "`ident` and `literal` bring their own quotes: take away those around the expression, and let no value into \
                   comments."
                    .to_owned(),
            at: source.at,
            text: source.text.to_owned(),
            offset: None,
        }
    }

    /// A text that can't be rendered with the secrets in clear. It says nothing of why.
    pub(super) fn secret(&self, source: TextSource<'_>) -> RenderProblem {
        RenderProblem {
            code: "backstop::render::secret",
            message: "can't be rendered with the value of a secret".to_owned(),
            help: "Look at the secrets that this text uses: the value of one doesn't fit where it stands, or decides over what \
                   is rendered."
                .to_owned(),
            at: source.at,
            text: source.text.to_owned(),
            offset: None,
        }
    }

    /// A text with one of the characters that mark values.
    pub(super) fn noncharacter(&self, source: TextSource<'_>) -> RenderProblem {
        RenderProblem {
            code: "backstop::render::noncharacter",
            message: "holds U+FDD0 or U+FDD1, which are no characters".to_owned(),
            help: "Take them away.".to_owned(),
            at: source.at,
            text: source.text.to_owned(),
            offset: source.text.find(['\u{fdd0}', '\u{fdd1}']),
        }
    }

    fn problem(&self, error: &Error, source: TextSource<'_>, range: Option<std::ops::Range<usize>>) -> RenderProblem {
        let range = range.map(|range| with_input(source.text, range));
        let expression = range.clone().and_then(|range| source.text.get(range)).map(short);
        let subject = expression.as_deref().unwrap_or("an expression");
        let problem = |code, message: String, help: String| RenderProblem {
            code,
            message,
            help,
            at: source.at,
            text: source.text.to_owned(),
            offset: range.as_ref().map(|range| range.start),
        };
        if let Some(refused) = refused(error) {
            return problem(refused.code, format!("`{subject}` {}", refused.message), refused.help.clone());
        }
        match error.kind() {
            ErrorKind::UndefinedError => {
                let undefined = self.undefined(subject.split('|').next().unwrap_or(subject).trim(), source);
                RenderProblem { offset: range.map(|range| range.start), ..undefined }
            }
            ErrorKind::OutOfFuel => problem(
                "backstop::render::endless",
                "takes too long to render".to_owned(),
                "Look for a loop over too many items, or a macro that calls itself for ever.".to_owned(),
            ),
            ErrorKind::WriteFailure => problem(
                "backstop::render::too_long",
                format!("renders to more than {} MiB", crate::plan::FILE_BYTES_MAX >> 20),
                "Let the server make the rows (generate_series), or divide the step.".to_owned(),
            ),
            ErrorKind::UnknownFilter => {
                let name = error.detail().unwrap_or_default();
                let name = name.split_whitespace().nth(1).unwrap_or_default();
                let help = near_miss(name, filters::NAMES)
                    .unwrap_or_else(|| "In SQL there are `ident`, `literal`, `literals` and `raw`.".to_owned());
                problem("backstop::render::unknown_filter", format!("no filter is called `{name}`"), help)
            }
            ErrorKind::TemplateNotFound => problem("backstop::render::unknown_file", detail(error), self.importable()),
            ErrorKind::SyntaxError | ErrorKind::BadEscape => problem(
                "backstop::render::syntax",
                detail(error),
                "See https://docs.rs/minijinja/3/minijinja/syntax/ for the language of templates.".to_owned(),
            ),
            _ => problem(
                "backstop::render::failed",
                format!("`{subject}`: {}", detail(error)),
                "Correct the expression, or the value of the variable.".to_owned(),
            ),
        }
    }

    fn undefined(&self, name: &str, source: TextSource<'_>) -> RenderProblem {
        let help = if self.names.contains(name) {
            format!("Give the variable a value (`--var {name}=…`) or a default in `vars`.")
        } else {
            let names = self.names.iter().map(String::as_str);
            near_miss(name, names).unwrap_or_else(|| "Declare it in `vars`.".to_owned())
        };
        let message = format!("`{name}` is not defined");
        RenderProblem {
            code: "backstop::render::undefined",
            message,
            help,
            at: source.at,
            offset: None,
            text: source.text.to_owned(),
        }
    }

    fn importable(&self) -> String {
        match self.macros.keys().next() {
            None => "List the file under `templates`.".to_owned(),
            Some(_) => {
                let names: Vec<String> = self.macros.keys().map(|name| format!("`{name}`")).collect();
                format!("List the file under `templates`; those that are listed are {}.", names.join(", "))
            }
        }
    }
}

/// The error that all began with: those of included files and macros come wrapped.
fn innermost(error: &Error) -> &Error {
    let mut innermost = error;
    while let Some(source) = std::error::Error::source(innermost).and_then(|source| source.downcast_ref::<Error>()) {
        if source.name().is_none() {
            break;
        }
        innermost = source;
    }
    innermost
}

fn refused(error: &Error) -> Option<&ValueRefusal> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        source = error.source();
    }
    None
}

/// The range of a filter with what the filter is given.
fn with_input(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let before = text.get(..range.start).unwrap_or_default();
    let open = before.rfind("{{").max(before.rfind("{%"));
    match open {
        Some(open) if before.trim_end().ends_with('|') => {
            let inside = before[open + 2..].trim_start_matches(['-', '+']).trim_start();
            before.len() - inside.len()..range.end
        }
        _ => range,
    }
}

fn detail(error: &Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

fn short(expression: &str) -> String {
    let line = expression.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXPRESSION_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// Where the name is used first. None where a `set` may have given it a value: rendering will tell.
fn first_use(text: &str, name: &str) -> Option<usize> {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let expressions = expressions(text);
    let mut first = None;
    for (at, _) in text.match_indices(name) {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        if before.ends_with(is_word) || after.starts_with(is_word) {
            continue;
        }
        let before = before.trim_end();
        if ["set", ","].iter().any(|word| before.ends_with(word)) {
            return None;
        }
        if first.is_none() && is_inside(&expressions, at) && !before.ends_with(['.', '|', '\'', '"']) {
            first = Some(at);
        }
    }
    first
}
