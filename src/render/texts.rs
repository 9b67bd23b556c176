//! Every text of a plan, rendered; every problem at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    batch,
    bounded::{self, UnderWay},
    canonical,
    diagnosis::TextSource,
    engine::{Beside, Engine},
    files::{File, PlanFiles},
    inputs::Inputs,
    language::Language,
    plan_yaml,
    problem::RenderProblem,
    reading::TemplateVariables,
    resolved::ResolvedPlan,
};
use crate::plan::{
    Backup, Batch, Check, CheckKind, Checks, Expect, FieldValue, List, Pattern, Plan, Rendered, Session, SqlSource, Step,
    Target, Template, Text, Value, Written,
};

/// Renders a plan: a pure function of the plan and its inputs.
///
/// # Errors
/// Every problem of every text, in the order of the files.
pub fn render(plan: &Plan<Written>, inputs: &Inputs) -> Result<ResolvedPlan, Vec<RenderProblem>> {
    bounded::within_bounds(plan, inputs, walked)
}

fn walked(plan: &Plan<Written>, inputs: &Inputs, under_way: &UnderWay) -> Result<ResolvedPlan, Vec<RenderProblem>> {
    let files = PlanFiles::of(plan, &inputs.files);
    let mut problems = values_missing(plan, inputs);
    let mut macros: Vec<File<'_>> = Vec::new();
    for template in &plan.templates {
        match files.get(&template.source) {
            Some(file) if macros.iter().any(|known| known.path == file.path) => {}
            Some(file) => macros.push(file),
            None => problems.push(file_missing(template)),
        }
    }
    let shown = TemplateVariables::shown(&inputs.values);
    let sent = TemplateVariables::sent(&inputs.values, &inputs.secrets);
    let declared: BTreeSet<String> = plan.vars.keys().map(ToString::to_string).collect();
    let (engine, of_macros) = Engine::new(declared, (shown, sent), &macros, under_way);
    problems.extend(of_macros);
    let mut walk = TextWalk { engine: Some(engine), files, problems };
    let rendered = walk.plan(plan);
    let mut problems = walk.problems;
    if problems.is_empty() {
        return Ok(resolved(rendered));
    }
    problems.sort_by_key(|problem| (problem.at.file, problem.at.start, problem.offset));
    problems.dedup();
    Err(problems)
}

/// A plan whose texts are final as they are written, and which names no files: one that was rendered and shown before.
pub fn as_written(plan: &Plan<Written>) -> Plan<Rendered> {
    let files = BTreeMap::new();
    TextWalk { engine: None, files: PlanFiles::of(plan, &files), problems: Vec::new() }.plan(plan)
}

fn resolved(plan: Plan<Rendered>) -> ResolvedPlan {
    ResolvedPlan {
        fingerprint: canonical::fingerprint(&plan),
        step_digests: plan.steps.iter().map(canonical::step_digest).collect(),
        shown: plan_yaml::yaml(&plan),
        plan,
    }
}

fn values_missing(plan: &Plan<Written>, inputs: &Inputs) -> Vec<RenderProblem> {
    let problem = |at, message: String, help: String| RenderProblem {
        code: "backstop::render::missing_value",
        message,
        help,
        at,
        offset: None,
        text: String::new(),
    };
    let mut problems = Vec::new();
    for (name, variable) in &plan.vars {
        match inputs.values.get(name) {
            None if variable.required => problems.push(problem(
                variable.at,
                format!("the variable `{name}` has no value"),
                format!("Give it one with `--var {name}=…`, a values file, or BACKSTOP_VAR_{name}."),
            )),
            Some(Value::Secret(_)) if !inputs.secrets.contains_key(name) => problems.push(problem(
                variable.at,
                format!("the secret `{name}` could not be found"),
                "Set the environment variable or write the file that it is to be read from.".to_owned(),
            )),
            _ => {}
        }
    }
    problems
}

fn file_missing(path: &Template) -> RenderProblem {
    let (message, help) = if path.source.contains("{{") || path.source.contains("{%") {
        ("the path of a file can't hold expressions", "Write the path as it is, relative to the plan.")
    } else {
        ("the file was not read", "Write the path of a file relative to the plan.")
    };
    RenderProblem {
        code: "backstop::render::file",
        message: format!("{message}: `{}`", path.source),
        help: help.to_owned(),
        at: path.at,
        offset: None,
        text: String::new(),
    }
}

struct TextWalk<'a> {
    /// None where texts are final as they are written.
    engine: Option<Engine<'a>>,
    files: PlanFiles<'a>,
    problems: Vec<RenderProblem>,
}

impl TextWalk<'_> {
    fn plan(&mut self, plan: &Plan<Written>) -> Plan<Rendered> {
        Plan {
            name: plan.name.clone(),
            name_at: plan.name_at,
            description: plan.description.clone(),
            owner: plan.owner.clone(),
            links: plan.links.clone(),
            requires: plan.requires.clone(),
            repeat: plan.repeat,
            transaction: plan.transaction,
            vars: plan.vars.clone(),
            templates: plan.templates.clone(),
            session: self.session(&plan.session),
            backup: self.backup(&plan.backup),
            checks: Checks {
                before: self.checks(&plan.checks.before),
                unchanged: self.checks(&plan.checks.unchanged),
                after: self.checks(&plan.checks.after),
            },
            steps: plan.steps.iter().map(|step| self.step(step)).collect(),
            rollback: plan.rollback,
            lint: plan.lint.clone(),
        }
    }

    fn session(&mut self, session: &Session<Written>) -> Session<Rendered> {
        Session {
            lock_timeout: session.lock_timeout,
            statement_timeout: session.statement_timeout,
            idle_in_transaction_session_timeout: session.idle_in_transaction_session_timeout,
            search_path: self.list(&session.search_path),
        }
    }

    fn backup(&mut self, backup: &Backup<Written>) -> Backup<Rendered> {
        let target = |walk: &mut Self, target: &Target<Written>| Target {
            tables: walk.list(&target.tables),
            exclude: walk.list(&target.exclude),
            at: target.at,
        };
        Backup {
            schema: self.text(&backup.schema),
            keep: backup.keep,
            writers: backup.writers,
            sequences: backup.sequences,
            verify: backup.verify,
            targets: backup.targets.iter().map(|written| target(self, written)).collect(),
            allow_uncovered: self.list(&backup.allow_uncovered),
            execute_role: self.maybe(backup.execute_role.as_ref()),
            admin_role: self.maybe(backup.admin_role.as_ref()),
        }
    }

    fn checks(&mut self, checks: &[Check<Written>]) -> Vec<Check<Rendered>> {
        let check = |walk: &mut Self, check: &Check<Written>| Check {
            id: check.id.clone(),
            at: check.at,
            kind: walk.check_kind(&check.kind),
            severity: check.severity,
            hint: check.hint.clone(),
        };
        checks.iter().map(|written| check(self, written)).collect()
    }

    fn check_kind(&mut self, kind: &CheckKind<Written>) -> CheckKind<Rendered> {
        let fields = kind.fields.iter().map(|(name, value)| (*name, self.field(value))).collect();
        CheckKind { name: kind.name, fields }
    }

    fn field(&mut self, value: &FieldValue<Written>) -> FieldValue<Rendered> {
        match value {
            FieldValue::Absent => FieldValue::Absent,
            FieldValue::Tables(list) => FieldValue::Tables(self.list(list)),
            FieldValue::Objects(list) => FieldValue::Objects(self.list(list)),
            FieldValue::Texts(list) => FieldValue::Texts(self.list(list)),
            FieldValue::Table(text) => FieldValue::Table(self.text(text)),
            FieldValue::Text(text) => FieldValue::Text(self.text(text)),
            FieldValue::Word(word) => FieldValue::Word(word),
            FieldValue::Flag(yes) => FieldValue::Flag(*yes),
            FieldValue::Count(number) => FieldValue::Count(*number),
            FieldValue::Bounds(bounds) => FieldValue::Bounds(*bounds),
            FieldValue::Pattern(pattern) => FieldValue::Pattern(self.pattern(pattern)),
            FieldValue::Query(sql) => FieldValue::Query(self.sql(sql)),
            FieldValue::Expect(expect) => FieldValue::Expect(self.expect(expect)),
        }
    }

    fn pattern(&mut self, pattern: &Pattern<Written>) -> Pattern<Rendered> {
        match pattern {
            Pattern::Uuid => Pattern::Uuid,
            Pattern::Email => Pattern::Email,
            Pattern::Regex(regex) => Pattern::Regex(self.text(regex)),
        }
    }

    fn expect(&mut self, expect: &Expect<Written>) -> Expect<Rendered> {
        match expect {
            Expect::Rows(bounds) => Expect::Rows(*bounds),
            Expect::Value(value) => Expect::Value(self.text(value)),
            Expect::Number(bounds) => Expect::Number(*bounds),
        }
    }

    fn step(&mut self, step: &Step<Written>) -> Step<Rendered> {
        Step {
            id: step.id.clone(),
            at: step.at,
            description: step.description.clone(),
            sql: self.step_sql(step),
            transaction: step.transaction,
            batch: step.batch.as_ref().map(|batch| self.batch(batch)),
            retry: step.retry,
            expect_rows: step.expect_rows,
            checks: step.checks.clone(),
            undo: step.undo.as_ref().map(|sql| self.sql(sql)),
            probe: step.probe.as_ref().map(|sql| self.sql(sql)),
            lock_timeout: step.lock_timeout,
            statement_timeout: step.statement_timeout,
            lint: step.lint.clone(),
        }
    }

    fn step_sql(&mut self, step: &Step<Written>) -> Text {
        let beside = if step.batch.is_some() { Beside::Batch } else { Beside::Nothing };
        let source = match &step.sql {
            SqlSource::Inline(template) => source(template),
            SqlSource::File(path) => match self.files.get(&path.source) {
                Some(file) => TextSource { text: file.text, at: file.at },
                None => {
                    self.problems.push(file_missing(path));
                    return Text::plain("");
                }
            },
        };
        let Some(engine) = &self.engine else { return Text::plain(source.text) };
        let rendered = engine.text_beside(source, Language::Sql, beside);
        let rendered = rendered.and_then(|text| match beside {
            Beside::Batch => batch::bounded(text, source.at),
            Beside::Nothing => Ok(text),
        });
        self.kept(rendered, Text::plain(""))
    }

    fn batch(&mut self, batch: &Batch<Written>) -> Batch<Rendered> {
        let size = self.text(&batch.size);
        let rows = batch::rows(&size, batch.size.at).map_err(|problem| vec![problem]);
        Batch {
            at: batch.at,
            table: self.text(&batch.table),
            key: self.text(&batch.key),
            size: self.kept(rows, Batch::<Rendered>::SIZE),
            target: batch.target,
            max_lag: batch.max_lag,
        }
    }

    fn sql(&mut self, template: &Template) -> Text {
        let Some(engine) = &self.engine else { return Text::plain(template.source.as_str()) };
        let rendered = engine.text(source(template), Language::Sql);
        self.kept(rendered, Text::plain(""))
    }

    fn text(&mut self, template: &Template) -> Text {
        let Some(engine) = &self.engine else { return Text::plain(template.source.as_str()) };
        let rendered = engine.text(source(template), Language::Plain);
        self.kept(rendered, Text::plain(""))
    }

    fn maybe(&mut self, template: Option<&Template>) -> Option<Text> {
        template.map(|template| self.text(template))
    }

    fn list(&mut self, list: &List) -> Vec<Text> {
        match list {
            List::Items(items) => items.iter().map(|item| self.text(item)).collect(),
            List::Whole(template) => {
                let Some(engine) = &self.engine else { return vec![Text::plain(template.source.as_str())] };
                let rendered = engine.list(source(template));
                self.kept(rendered, Vec::new())
            }
        }
    }

    /// The value, or its problems kept for later and something in its place.
    fn kept<T>(&mut self, rendered: Result<T, Vec<RenderProblem>>, instead: T) -> T {
        rendered.unwrap_or_else(|problems| {
            self.problems.extend(problems);
            instead
        })
    }
}

fn source(template: &Template) -> TextSource<'_> {
    TextSource { text: &template.source, at: template.at }
}
