//! Examples: small plans for a database with `orders`, `customers` and `events`.

/// A plan that shows a rule.
#[derive(Debug, Clone, Copy)]
pub enum Example {
    /// These steps in a plan that is sound otherwise.
    Steps(&'static [ExampleStep]),
    /// A plan of its own.
    Plan(&'static str),
}

/// A step of an example.
#[derive(Debug, Clone, Copy)]
pub struct ExampleStep {
    /// Fields beside id and SQL, lines of YAML.
    pub fields: &'static str,
    /// Its SQL.
    pub sql: &'static str,
    /// The oldest version of PostgreSQL that knows the statement, where it is not known to all that plans run on: 17.
    pub since: Option<u32>,
}

impl ExampleStep {
    /// The same, of a statement that older versions don't know.
    pub(super) const fn since(self, version: u32) -> ExampleStep {
        ExampleStep { since: Some(version), ..self }
    }
}

/// A step that is nothing but SQL.
pub(super) const fn sql(sql: &'static str) -> ExampleStep {
    ExampleStep { fields: "", sql, since: None }
}

/// A step outside of any transaction.
pub(super) const fn outside(sql: &'static str) -> ExampleStep {
    ExampleStep { fields: "transaction: none", sql, since: None }
}

/// A step with further fields.
pub(super) const fn with(fields: &'static str, sql: &'static str) -> ExampleStep {
    ExampleStep { fields, sql, since: None }
}

/// What the steps of examples stand in.
const FRAME: &str = "\
format: backstop/v1
name: example
backup:
  targets: [{tables: [public.orders, public.customers, public.events]}]
checks:
  after:
    - id: orders-are-there
      row_count: {table: public.orders, at_least: 1}
steps:
";

impl Example {
    /// The whole plan, YAML.
    pub fn plan(&self) -> String {
        match self {
            Example::Plan(text) => (*text).to_owned(),
            Example::Steps(steps) => {
                let mut text = FRAME.to_owned();
                for (nth, step) in steps.iter().enumerate() {
                    text.push_str(&step.yaml(nth + 1));
                }
                text
            }
        }
    }

    /// The oldest version of PostgreSQL that knows all of it, where that is not the oldest that plans run on: 17.
    pub fn since(&self) -> Option<u32> {
        match self {
            Example::Plan(_) => None,
            Example::Steps(steps) => steps.iter().filter_map(|step| step.since).max(),
        }
    }

    /// What the manual shows: the SQL where there is nothing but SQL, the steps where they have fields, or the plan.
    pub fn shown(&self) -> (&'static str, String) {
        match self {
            Example::Plan(text) => ("yaml", (*text).trim_end().to_owned()),
            Example::Steps([only]) if only.fields.is_empty() => ("sql", only.sql.to_owned()),
            Example::Steps(steps) => {
                let steps: String = steps.iter().enumerate().map(|(nth, step)| step.yaml(nth + 1)).collect();
                ("yaml", format!("steps:\n{}", steps.trim_end()))
            }
        }
    }
}

impl ExampleStep {
    fn yaml(&self, number: usize) -> String {
        let mut text = format!("  - id: step-{number}\n");
        for line in self.fields.lines() {
            text.push_str(&format!("    {line}\n"));
        }
        text.push_str("    sql: |\n");
        for line in self.sql.lines() {
            text.push_str(&format!("      {line}\n"));
        }
        text
    }
}
