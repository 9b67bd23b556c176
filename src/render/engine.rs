//! The template engine, set up so that rendering is a pure and bounded function.

use std::collections::BTreeSet;

use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, Value, syntax::SyntaxConfig, value::ValueKind};

use super::{
    bounded::UnderWay,
    diagnosis::{Diagnosis, ROOT, TextSource},
    files::File,
    filters, interpolations,
    language::Language,
    problem::{RenderProblem, ValueRefusal},
    reading::TemplateVariables,
    scalar,
};
use crate::{
    plan::{BatchBound, FILE_BYTES_MAX, Text},
    secrets,
};

/// Most instructions that the rendering of one text may take.
const FUEL: u64 = 2_000_000;
/// How deep blocks, macros and includes may nest; a macro counts for several.
const RECURSION_MAX: usize = 200;
const SQL: &str = "sql";

/// What templates know beside the plan's variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// The bounds of a batch, by name: what they are is known when the batch is.
    Batch,
}

/// Renders the texts of one plan.
pub(super) struct Engine<'a> {
    sql: Environment<'a>,
    plain: Environment<'a>,
    shown: TemplateVariables,
    /// Where there are secrets.
    sent: Option<TemplateVariables>,
    diagnosis: Diagnosis<'a>,
    /// Whether a macro file can't be used; then texts are looked at but not rendered, because those that import it would fail
    /// for no reason of their own.
    is_broken: bool,
    under_way: &'a UnderWay,
}

impl<'a> Engine<'a> {
    /// The engine, and the problems of the macro files.
    pub(super) fn new(
        declared: BTreeSet<String>,
        (shown, sent): (TemplateVariables, Option<TemplateVariables>),
        macros: &[File<'a>],
        under_way: &'a UnderWay,
    ) -> (Self, Vec<RenderProblem>) {
        if let Some(first) = macros.first() {
            under_way.at(first.at);
        }
        let diagnosis = Diagnosis::new(declared, macros);
        let (sql, problems) = environment(Language::Sql, macros, &diagnosis);
        let (plain, _) = environment(Language::Plain, macros, &diagnosis);
        let is_broken = !problems.is_empty();
        (Engine { sql, plain, shown, sent, diagnosis, is_broken, under_way }, problems)
    }

    /// Renders a text.
    ///
    /// # Errors
    /// All undefined names that can be told without rendering, or else the first problem that rendering meets.
    pub(super) fn text(&self, source: TextSource<'_>, language: Language) -> Result<Text, Vec<RenderProblem>> {
        self.text_beside(source, language, Beside::Nothing)
    }

    /// The same of a text that knows more than the plan's variables.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub(super) fn text_beside(
        &self,
        source: TextSource<'_>,
        language: Language,
        beside: Beside,
    ) -> Result<Text, Vec<RenderProblem>> {
        self.under_way.at(source.at);
        if interpolations::holds_marks(source.text) {
            return Err(vec![self.diagnosis.noncharacter(source)]);
        }
        let environment = self.environment(language);
        let template = environment
            .template_from_named_str(ROOT, source.text)
            .map_err(|error| vec![self.diagnosis.of(&error, source)])?;
        let mut names = template.undeclared_variables(false);
        if beside == Beside::Batch {
            names.remove(BATCH);
        }
        let undefined = self.diagnosis.undefined_names(names, source);
        if !undefined.is_empty() {
            return Err(undefined);
        }
        if self.is_broken {
            return Ok(Text::plain(""));
        }
        let read = |reading: &TemplateVariables| {
            let mut out = Bounded::default();
            template.render_captured_to(context(reading, beside), &mut out)?;
            Ok(out.into_text())
        };
        let marked = read(&self.shown).map_err(|error| vec![self.diagnosis.of(&error, source)])?;
        let shown = interpolations::closed(&marked)
            .map_err(|interpolation| vec![self.diagnosis.interpolation(&interpolation, source)])?;
        let Some(in_clear) = &self.sent else { return Ok(Text::plain(shown)) };
        // Nothing of what goes wrong here may be told: it comes from the secrets.
        let sent = read(in_clear).ok().and_then(|sent| {
            keep_derived(&marked, &sent);
            interpolations::closed(&sent).ok()
        });
        let sent = sent.ok_or_else(|| vec![self.diagnosis.secret(source)])?;
        Ok(Text::redacted(shown, sent))
    }

    /// Renders a text that may be one expression whose value is a list.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub(super) fn list(&self, source: TextSource<'_>) -> Result<Vec<Text>, Vec<RenderProblem>> {
        self.under_way.at(source.at);
        let Some((expression, start)) = whole_expression(source.text) else {
            return Ok(vec![self.text(source, Language::Plain)?]);
        };
        let Ok(compiled) = self.plain.compile_expression(expression) else {
            return Ok(vec![self.text(source, Language::Plain)?]);
        };
        let undefined = self.diagnosis.undefined_names(compiled.undeclared_variables(false), source);
        if !undefined.is_empty() {
            return Err(undefined);
        }
        if self.is_broken {
            return Ok(Vec::new());
        }
        let read = |reading: &TemplateVariables| items(&compiled.eval(reading.context())?);
        let shown = read(&self.shown).map_err(|error| vec![self.diagnosis.of_expression(&error, source, start)])?;
        let Some(secrets) = &self.sent else { return Ok(shown.into_iter().map(Text::plain).collect()) };
        match read(secrets) {
            Ok(sent) if sent.len() == shown.len() => {
                Ok(shown.into_iter().zip(sent).map(|(shown, sent)| Text::redacted(shown, sent)).collect())
            }
            _ => Err(vec![self.diagnosis.secret(source)]),
        }
    }

    fn environment(&self, language: Language) -> &Environment<'a> {
        match language {
            Language::Sql => &self.sql,
            Language::Plain => &self.plain,
        }
    }
}

/// Shortest text that a template makes of a secret and that is a secret by itself.
const DERIVED_CHARS_MIN: usize = 6;

/// What filters made of secrets is as secret: `{{ password | upper | literal }}`. It is found where both readings differ.
fn keep_derived(shown: &str, sent: &str) {
    for (shown, sent) in interpolations::values(shown).zip(interpolations::values(sent)) {
        let constant = sent.trim();
        let escaped = constant.strip_prefix("E'").is_some();
        let inside = constant.trim_start_matches('E').trim_matches(['\'', '"']).replace("''", "'");
        let inside = if escaped { inside.replace("\\\\", "\\") } else { inside };
        if shown != sent && inside.chars().count() >= DERIVED_CHARS_MIN && inside.parse::<f64>().is_err() {
            secrets::keep(&inside);
        }
    }
}

/// How templates call what they know of a batch.
const BATCH: &str = "batch";

fn context(reading: &TemplateVariables, beside: Beside) -> Value {
    match beside {
        Beside::Nothing => reading.context(),
        Beside::Batch => {
            let bound = |bound: BatchBound| Value::from_safe_string(bound.placeholder().to_owned());
            let bounds = [("first", bound(BatchBound::First)), ("last", bound(BatchBound::Last))];
            reading.context_with(BATCH, Value::from_pairs(bounds))
        }
    }
}

fn environment<'a>(
    language: Language,
    macros: &[File<'a>],
    diagnosis: &Diagnosis<'a>,
) -> (Environment<'a>, Vec<RenderProblem>) {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION_MAX);
    // Blocks keep the line breaks after them: one that vanished could put a statement behind a `--` comment.
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|_| AutoEscape::Custom(SQL.into()));
    environment.set_formatter(move |out, state, value| {
        let text = match language {
            Language::Sql => sql_text(value, state.auto_escape())?,
            Language::Plain => plain_text(value)?,
        };
        out.write_str(&text).map_err(Error::from)
    });
    filters::add_to(&mut environment, language);
    let mut problems = Vec::new();
    for file in macros {
        let source = TextSource { text: file.text, at: file.at };
        if interpolations::holds_marks(file.text) {
            problems.push(diagnosis.noncharacter(source));
        } else if let Err(error) = environment.add_template(file.path, file.text) {
            problems.push(diagnosis.of(&error, source));
        } else if let Some(name) = diagnosis.alias(file.path) {
            // It has just been read, so it can be read again.
            problems.extend(environment.add_template(name, file.text).err().map(|error| diagnosis.of(&error, source)));
        }
    }
    (environment, problems)
}

/// What may enter SQL: numbers, booleans, and texts that a filter has made safe.
fn sql_text(value: &Value, escape: &AutoEscape) -> Result<String, Error> {
    if *escape != AutoEscape::Custom(SQL.into()) {
        return Err(ValueRefusal::error(
            "backstop::render::autoescape",
            "stands in an `autoescape` block, which SQL has no use for",
            "Take the block away; `ident`, `literal`, `literals` and `raw` say what a value is.",
        ));
    }
    match value.kind() {
        ValueKind::Undefined => Ok(String::new()),
        ValueKind::Bool => Ok(scalar::boolean(value).to_owned()),
        ValueKind::Number => scalar::number(value),
        ValueKind::String if value.is_safe() => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::String => Err(ValueRefusal::error(
            "backstop::render::unquoted",
            "is a text that enters SQL without saying what it is",
            "Add `| ident` for a name, `| literal` for a constant, or `| raw` where it is SQL itself.",
        )),
        ValueKind::None => Err(ValueRefusal::error(
            "backstop::render::unquoted",
            "is null, which enters SQL only through a filter",
            "Add `| literal` to write NULL.",
        )),
        ValueKind::Seq | ValueKind::Iterable => Err(ValueRefusal::error(
            "backstop::render::list_as_text",
            "is a list where one value is wanted",
            "Add `| literals` for constants with commas between, or go through it with `{% for … %}`.",
        )),
        kind => Err(not_text(kind)),
    }
}

/// What may enter any other text: all that has one plain form.
fn plain_text(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Undefined => Ok(String::new()),
        ValueKind::Bool => Ok(scalar::boolean(value).to_owned()),
        ValueKind::Number => Ok(value.to_string()),
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Seq | ValueKind::Iterable => Err(ValueRefusal::error(
            "backstop::render::list_as_text",
            "is a list where one value is wanted",
            "Give the list as the whole value (`tables: \"{{ names }}\"`), or join it with `| join(', ')`.",
        )),
        kind => Err(not_text(kind)),
    }
}

fn not_text(kind: ValueKind) -> Error {
    let help = "Give a text, a number or a boolean, or go through it with `{% for … %}`.";
    ValueRefusal::error("backstop::render::not_text", format!("is a {kind} where one value is wanted"), help)
}

fn items(value: &Value) -> Result<Vec<String>, Error> {
    match value.kind() {
        ValueKind::Undefined => Err(Error::from(minijinja::ErrorKind::UndefinedError)),
        ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.map(|item| plain_text(&item)).collect(),
        _ => Ok(vec![plain_text(value)?]),
    }
}

/// The expression, where the text is nothing but one, and the byte where it begins.
fn whole_expression(text: &str) -> Option<(&str, usize)> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inside = inside.strip_prefix(['-', '+']).unwrap_or(inside);
    let inside = inside.strip_suffix(['-', '+']).unwrap_or(inside);
    let start = inside.as_ptr() as usize - text.as_ptr() as usize;
    Some((inside, start))
}

/// Takes up to [`FILE_BYTES_MAX`] bytes.
#[derive(Default)]
struct Bounded(Vec<u8>);

impl Bounded {
    fn into_text(self) -> String {
        String::from_utf8(self.0).unwrap_or_default()
    }
}

impl std::io::Write for &mut Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > FILE_BYTES_MAX {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
