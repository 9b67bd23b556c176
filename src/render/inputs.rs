//! Values for the variables of a plan, from several places.

use std::{collections::BTreeMap, fmt};

use super::{near_miss::near_miss, typed};
use crate::plan::{Place, SecretSource, Value, VarName, VarType, Variable};

/// What a plan is rendered with. Rendering reads nothing by itself: the caller does.
#[derive(Clone, Default, PartialEq)]
pub struct Inputs {
    /// The values of the variables, by name; where they come from several places, [`Inputs::builder`] brings them together.
    pub values: BTreeMap<VarName, Value>,
    /// The secrets, in clear: one for each value that is a [`Value::Secret`].
    pub secrets: BTreeMap<VarName, String>,
    /// The texts of the files that [`super::files_wanted`] lists, by path as the plan names them.
    pub files: BTreeMap<String, String>,
}

/// Without the secrets.
impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets: Vec<&VarName> = self.secrets.keys().collect();
        f.debug_struct("Inputs")
            .field("values", &self.values)
            .field("secrets", &secrets)
            .field("files", &self.files)
            .finish()
    }
}

impl Inputs {
    /// Brings values together, each call with a higher precedence than the one before: the plan's defaults, then
    /// [`InputsBuilder::values_file`], [`InputsBuilder::environment`], [`InputsBuilder::assignments`].
    pub fn builder(variables: &BTreeMap<VarName, Variable>) -> InputsBuilder<'_> {
        let defaults = variables.iter().filter_map(|(name, variable)| Some((name.clone(), variable.default.clone()?)));
        InputsBuilder { variables, values: defaults.collect(), problems: Vec::new() }
    }

    /// Where the secrets are that the caller must put into `secrets`.
    pub fn secrets_wanted(&self) -> impl Iterator<Item = (&VarName, &SecretSource)> {
        self.values.iter().filter_map(|(name, value)| match value {
            Value::Secret(source) => Some((name, source)),
            _ => None,
        })
    }
}

/// What is wrong with a value that was given. The values of secrets appear in none of its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputProblem {
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, as a fragment.
    pub message: String,
    /// What to do, as a sentence.
    pub help: String,
    /// The variable's declaration in the plan, where there is one.
    pub at: Option<Place>,
}

impl fmt::Display for InputProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InputProblem {}

/// Values that are being brought together.
pub struct InputsBuilder<'a> {
    variables: &'a BTreeMap<VarName, Variable>,
    values: BTreeMap<VarName, Value>,
    problems: Vec<InputProblem>,
}

impl InputsBuilder<'_> {
    /// The values of a file that `--values` names.
    pub fn values_file(mut self, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        for (name, value) in values {
            self.give(&name, "the values file", |kind| typed::checked(kind, value));
        }
        self
    }

    /// The values that a repository gives to all plans in one of its environments. Names that this plan doesn't declare are
    /// other plans'.
    pub fn of_repository(mut self, environment: &str, values: impl IntoIterator<Item = (String, Value)>) -> Self {
        let origin = format!("the environment `{environment}`");
        for (name, value) in values {
            if VarName::parse(&name).is_ok_and(|name| self.variables.contains_key(&name)) {
                self.give(&name, &origin, |kind| typed::checked(kind, value));
            }
        }
        self
    }

    /// Environment variables without their `BACKSTOP_VAR_`, as texts. Their names may be in capitals.
    pub fn environment(mut self, values: impl IntoIterator<Item = (String, String)>) -> Self {
        for (name, text) in values {
            let origin = format!("BACKSTOP_VAR_{name}");
            let declared = self.declared_in_any_case(&name).map(VarName::to_string);
            self.give(&declared.unwrap_or(name), &origin, |kind| typed::parsed(kind, &text));
        }
        self
    }

    /// Texts of the form `NAME=VALUE`.
    pub fn assignments<T: AsRef<str>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        for text in texts {
            match text.as_ref().split_once('=') {
                Some((name, value)) => self.give(name.trim(), "--var", |kind| typed::parsed(kind, value)),
                // The text isn't shown: it may be a secret that slipped in here.
                None => self.problems.push(InputProblem {
                    code: "backstop::render::assignment",
                    message: "a value of --var has no `=`".to_owned(),
                    help: "Write `--var NAME=VALUE`.".to_owned(),
                    at: None,
                }),
            }
        }
        self
    }

    /// The values, without secrets and files.
    ///
    /// # Errors
    /// Everything that was wrong, missing values included.
    pub fn build(mut self) -> Result<Inputs, Vec<InputProblem>> {
        for (name, variable) in self.variables {
            if variable.required && !self.values.contains_key(name) {
                self.problems.push(missing(name, variable));
            }
        }
        if self.problems.is_empty() { Ok(Inputs { values: self.values, ..Inputs::default() }) } else { Err(self.problems) }
    }

    /// The values, and for what has none something that stands for it: so that a plan can be looked at that nobody means to run.
    /// Secrets stand for themselves by their names. Gives the names of the variables that have no value of their own.
    ///
    /// # Errors
    /// Everything that was wrong with the values that were given.
    pub fn stand_in(mut self, which: StandIn) -> Result<(Inputs, Vec<VarName>), Vec<InputProblem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let mut without = Vec::new();
        for (name, variable) in self.variables {
            let is_meant = variable.required || which == StandIn::All;
            if is_meant && !self.values.contains_key(name) {
                self.values.insert(name.clone(), stand_in(name, variable.kind));
                without.push(name.clone());
            }
        }
        let mut inputs = Inputs { values: self.values, ..Inputs::default() };
        let secrets = inputs.secrets_wanted().map(|(name, _)| (name.clone(), format!("***{name}***")));
        inputs.secrets = secrets.collect();
        Ok((inputs, without))
    }

    fn give(&mut self, name: &str, origin: &str, read: impl FnOnce(VarType) -> Result<Value, typed::Mismatch>) {
        let found = VarName::parse(name).ok().and_then(|name| self.variables.get_key_value(&name));
        let Some((name, variable)) = found else {
            self.problems.push(self.unknown(name, origin));
            return;
        };
        match read(variable.kind) {
            Ok(value) => {
                self.values.insert(name.clone(), value);
            }
            Err(mismatch) => self.problems.push(InputProblem {
                code: "backstop::render::wrong_type",
                message: format!("the value of `{name}` from {origin} {}", mismatch.message),
                help: mismatch.help.to_owned(),
                at: Some(variable.at),
            }),
        }
    }

    fn declared_in_any_case(&self, name: &str) -> Option<&VarName> {
        let mut found = self.variables.keys().filter(|declared| declared.as_str().eq_ignore_ascii_case(name));
        let exact = self.variables.keys().find(|declared| declared.as_str() == name);
        match (exact, found.next(), found.next()) {
            (Some(exact), _, _) => Some(exact),
            (None, Some(only), None) => Some(only),
            _ => None,
        }
    }

    fn unknown(&self, name: &str, origin: &str) -> InputProblem {
        let declared = self.variables.keys().map(VarName::as_str);
        InputProblem {
            code: "backstop::render::unknown_variable",
            message: format!("the plan declares no variable `{name}`, which {origin} gives a value to"),
            help: near_miss(name, declared).unwrap_or_else(|| "Declare it in `vars`, or don't give it.".to_owned()),
            at: None,
        }
    }
}

/// Which variables get something that stands for their value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandIn {
    /// Those that must have one.
    Required,
    /// All that have none.
    All,
}

/// What stands for a value: its name where that can be, and else the least that is valid.
fn stand_in(name: &VarName, kind: VarType) -> Value {
    let text = Value::String(format!("<{name}>"));
    match kind {
        VarType::String => text,
        VarType::Integer => Value::Integer(1),
        VarType::Number => Value::Number(1.0),
        VarType::Boolean => Value::Boolean(true),
        VarType::List => Value::List(vec![text]),
        VarType::Secret => Value::Secret(SecretSource::Env(name.to_string())),
    }
}

fn missing(name: &VarName, variable: &Variable) -> InputProblem {
    let example = match variable.kind {
        VarType::Secret => "env:NAME",
        _ => "VALUE",
    };
    InputProblem {
        code: "backstop::render::missing_value",
        message: format!("the variable `{name}` has no value"),
        help: format!("Give it one with `--var {name}={example}`, a values file, or BACKSTOP_VAR_{name}."),
        at: Some(variable.at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> BTreeMap<VarName, Variable> {
        [
            ("role", VarType::String, None, true),
            ("batch_size", VarType::Integer, Some(Value::Integer(5)), false),
            ("tables", VarType::List, None, false),
            ("password", VarType::Secret, None, false),
        ]
        .into_iter()
        .map(|(name, kind, default, required)| {
            let variable = Variable { kind, default, required, description: None, at: Place::default() };
            (VarName::parse(name).unwrap(), variable)
        })
        .collect()
    }

    fn texts(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    #[test]
    fn later_places_win() {
        let variables = variables();
        let size = |inputs: Inputs| inputs.values[&VarName::parse("batch_size").unwrap()].clone();
        let file = || vec![("batch_size".to_owned(), Value::Integer(6)), ("role".to_owned(), Value::String("a".to_owned()))];
        let of_file = Inputs::builder(&variables).values_file(file());
        assert_eq!(size(of_file.build().unwrap()), Value::Integer(6));
        let of_environment = Inputs::builder(&variables).values_file(file()).environment(texts(&[("BATCH_SIZE", "7")]));
        assert_eq!(size(of_environment.build().unwrap()), Value::Integer(7));
        let all = Inputs::builder(&variables).values_file(file()).environment(texts(&[("batch_size", "7")]));
        assert_eq!(size(all.assignments(["batch_size=8"]).build().unwrap()), Value::Integer(8));
        let defaults = Inputs::builder(&variables).assignments(["role=a=b"]).build().unwrap();
        assert_eq!(defaults.values[&VarName::parse("role").unwrap()], Value::String("a=b".to_owned()));
        assert_eq!(size(defaults), Value::Integer(5));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let variables = variables();
        let problems = Inputs::builder(&variables)
            .environment(texts(&[("BATCH_SISE", "7")]))
            .assignments(["batch_size=many", "nonsense", "password=hunter2"])
            .build()
            .unwrap_err();
        let codes: Vec<_> = problems.iter().map(|problem| problem.code.rsplit("::").next().unwrap()).collect();
        assert_eq!(codes, ["unknown_variable", "wrong_type", "assignment", "wrong_type", "missing_value"]);
        assert_eq!(problems[0].help, "Did you mean `batch_size`?");
        assert!(!format!("{problems:?}").contains("hunter2"));
    }

    #[test]
    fn what_has_no_value_can_be_looked_at() {
        let variables = variables();
        let (inputs, without) = Inputs::builder(&variables).stand_in(StandIn::Required).unwrap();
        assert_eq!(without, [VarName::parse("role").unwrap()]);
        assert_eq!(inputs.values[&without[0]], Value::String("<role>".to_owned()));
        let (inputs, without) = Inputs::builder(&variables).assignments(["role=api"]).stand_in(StandIn::All).unwrap();
        let names: Vec<&str> = without.iter().map(VarName::as_str).collect();
        assert_eq!(names, ["password", "tables"]);
        assert_eq!(inputs.secrets[&VarName::parse("password").unwrap()], "***password***");
        assert!(Inputs::builder(&variables).assignments(["batch_size=x"]).stand_in(StandIn::All).is_err());
    }

    #[test]
    fn secrets_are_references() {
        let variables = variables();
        let inputs = Inputs::builder(&variables).assignments(["role=r", "password=env:PG_PASS"]).build().unwrap();
        let wanted: Vec<_> = inputs.secrets_wanted().collect();
        assert_eq!(wanted, [(&VarName::parse("password").unwrap(), &SecretSource::Env("PG_PASS".to_owned()))]);
        let secrets = BTreeMap::from([(VarName::parse("password").unwrap(), "hunter2".to_owned())]);
        assert!(!format!("{:?}", Inputs { secrets, ..inputs }).contains("hunter2"));
    }
}
