//! A database made up by chance, as the statements that make it. What the server refuses is left out, so that they need not all be right.

use super::shape::{self, Shape};
use crate::support::Chance;

/// One in so many places has what not every database has.
const RARE: usize = 3;

/// The roles that statements speak of.
pub const ROLES: [&str; 3] = ["random_owner", "random_reader", "\"random Other\""];

/// A column. Names are as SQL writes them.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub shape: Shape,
    /// Whether rows leave it out: the server finds the value.
    pub given: bool,
    pub required: bool,
}

/// A table: the first column is its key.
#[derive(Debug, Clone)]
pub struct Table {
    pub schema: String,
    /// Without the schema.
    pub bare: String,
    /// With it.
    pub name: String,
    pub columns: Vec<Column>,
    pub rows: usize,
}

/// What there is to change: names as SQL writes them.
#[derive(Debug, Default)]
pub struct Place {
    pub schemas: Vec<String>,
    pub tables: Vec<Table>,
    pub enums: Vec<String>,
    pub domains: Vec<String>,
    pub composites: Vec<String>,
    /// With the types of their arguments.
    pub functions: Vec<String>,
    /// Without.
    pub trigger_functions: Vec<String>,
    pub sequences: Vec<String>,
    pub views: Vec<String>,
    pub indexes: Vec<String>,
    /// With their tables.
    pub constraints: Vec<(String, String)>,
    pub triggers: Vec<(String, String)>,
    pub policies: Vec<(String, String)>,
    /// Everything else, with its kind.
    pub rest: Vec<String>,
    /// The statements that make it.
    pub statements: Vec<String>,
    pub(super) shapes: Vec<(String, [String; 3])>,
    numbers: usize,
}

impl Place {
    /// A place of a few tables and all that belongs to them.
    pub fn make(chance: &mut Chance) -> Place {
        let mut place = Place::default();
        place.schemas(chance);
        place.types(chance);
        place.helpers(chance);
        for _ in 0..chance.between(1, 5) {
            place.table(chance);
        }
        let rare = chance.one_in(RARE);
        if rare {
            place.rarities(chance);
        }
        place.more(chance);
        place
    }

    pub(super) fn say(&mut self, statement: impl Into<String>) {
        self.statements.push(statement.into());
    }

    /// A name that nothing else has, now and then one that must be quoted.
    pub(super) fn fresh(&mut self, stem: &str, chance: &mut Chance) -> String {
        self.numbers += 1;
        let number = self.numbers;
        match chance.below(9) {
            0 => format!("\"{stem} {number}\""),
            1 => format!("\"{stem}{number}\"\"'\\;--\""),
            2 => format!("\"Ä{stem}{number}\""),
            3 => format!("{:x<63}", format!("{stem}{number}_")),
            4 => format!("\"{number}{stem}.a\""),
            _ => format!("{stem}{number}"),
        }
    }

    /// The same in one of the schemas.
    pub(super) fn named(&mut self, stem: &str, chance: &mut Chance) -> String {
        let schema = chance.pick(&self.schemas).expect("a schema").clone();
        format!("{schema}.{}", self.fresh(stem, chance))
    }

    fn schemas(&mut self, chance: &mut Chance) {
        self.schemas.push("public".to_owned());
        for _ in 0..chance.below(3) {
            let name = self.fresh("place", chance);
            self.say(format!("CREATE SCHEMA {name}"));
            self.schemas.push(name);
        }
        for _ in 0..chance.below(3) {
            let (schema, role) = (chance.pick(&self.schemas).expect("a schema").clone(), chance.word(&ROLES));
            let what = chance.word(&["SELECT ON TABLES", "ALL ON TABLES", "USAGE ON SEQUENCES", "EXECUTE ON FUNCTIONS"]);
            let inside = if chance.one_in(2) { format!("IN SCHEMA {schema}") } else { String::new() };
            self.say(format!("ALTER DEFAULT PRIVILEGES {inside} GRANT {what} TO {role}"));
        }
    }

    fn types(&mut self, chance: &mut Chance) {
        for _ in 0..chance.below(3) {
            let name = self.named("mood", chance);
            self.say(format!("CREATE TYPE {name} AS ENUM ('low', 'it''s', 'HIGH')"));
            self.shapes.push((name.clone(), ["'low'", "'it''s'", "'HIGH'"].map(str::to_owned)));
            self.enums.push(name);
        }
        for _ in 0..chance.below(3) {
            let name = self.named("dom", chance);
            let (base, check, values) = [
                ("text", "VALUE <> ''", ["'a'", "'b'", "'c'"]),
                ("varchar(20)", "VALUE IN ('a', 'b', 'c')", ["'a'", "'b'", "'c'"]),
                ("integer", "VALUE > 0", ["1", "2", "3"]),
                ("numeric(6,2)", "VALUE < 100 AND VALUE >= 0", ["1", "2.5", "0"]),
            ][chance.below(4)];
            let more = chance.word(&["", "DEFAULT NULL", ""]);
            self.say(format!("CREATE DOMAIN {name} AS {base} {more} CONSTRAINT sane CHECK ({check})"));
            self.shapes.push((name.clone(), values.map(str::to_owned)));
            self.domains.push(name);
        }
        for _ in 0..chance.below(2) {
            let name = self.named("pair", chance);
            let inner = chance.pick(&self.enums).cloned().unwrap_or_else(|| "date".to_owned());
            self.say(format!("CREATE TYPE {name} AS (a integer, b text, c {inner})"));
            self.shapes
                .push((name.clone(), ["ROW(1, 'x', NULL)", "ROW(NULL, '', NULL)", "ROW(3, 'ä,', NULL)"].map(str::to_owned)));
            self.composites.push(name);
        }
    }

    /// Functions that columns, checks and triggers use, and a sequence of nobody's.
    fn helpers(&mut self, chance: &mut Chance) {
        let name = self.named("pure", chance);
        self.say(format!("CREATE FUNCTION {name}(x text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(x)'"));
        self.functions.push(format!("{name}(text)"));
        let name = self.named("sure", chance);
        self.say(format!("CREATE FUNCTION {name}(x text, y integer DEFAULT 7) RETURNS boolean LANGUAGE plpgsql STABLE COST 5 AS 'BEGIN RETURN x IS NULL OR length(x) < 1000; END'"));
        self.functions.push(format!("{name}(text, integer)"));
        // One that gave NEW would stop the deletions of foreign keys, whose rows then break a key that counts as valid.
        for body in ["coalesce(NEW, OLD)", "NULL"] {
            let name = self.named("react", chance);
            self.say(format!("CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN {body}; END'"));
            self.trigger_functions.push(name);
        }
        for _ in 0..chance.below(3) {
            let name = self.named("seq", chance);
            let options =
                chance.word(&["", "AS integer INCREMENT -3", "START 100 CACHE 5 CYCLE MAXVALUE 900", "MINVALUE 5"]);
            self.say(format!("CREATE SEQUENCE {name} {options}"));
            if chance.one_in(2) {
                self.say(format!("SELECT nextval('{}') FROM generate_series(1, 3)", name.replace('\'', "''")));
            }
            self.sequences.push(name);
        }
    }

    /// A type for a column: the server's or one of ours.
    pub(super) fn shape(&self, chance: &mut Chance) -> Shape {
        match chance.pick(&self.shapes).cloned() {
            Some((name, values)) if chance.one_in(3) => shape::own(&name, &values, chance),
            _ => shape::plain(chance),
        }
    }

    fn table(&mut self, chance: &mut Chance) {
        let schema = chance.pick(&self.schemas).expect("a schema").clone();
        let bare = self.fresh("tab", chance);
        let name = format!("{schema}.{bare}");
        let rows = [0, 1, 7, 40][chance.below(4)];
        let mut lines = Vec::new();
        let mut columns = vec![self.key(chance, &name, &mut lines)];
        for _ in 0..chance.below(6) {
            let column = self.column(chance, &columns, &mut lines);
            columns.push(column);
        }
        let kind = if chance.one_in(8) { "UNLOGGED TABLE" } else { "TABLE" };
        let options = chance.word(&[
            "",
            "",
            " WITH (fillfactor = 70)",
            " WITH (autovacuum_enabled = false, toast.autovacuum_enabled = false)",
        ]);
        self.say(format!("CREATE {kind} {name} ({}){options}", lines.join(", ")));
        let table = Table { schema, bare, name, columns, rows };
        self.fill(&table, 1);
        self.tables.push(table);
    }

    fn key(&mut self, chance: &mut Chance, table: &str, lines: &mut Vec<String>) -> Column {
        let name = self.fresh("id", chance);
        let (shape, kind) = match chance.below(4) {
            0 => (self::shape_of("integer"), "serial".to_owned()),
            1 => (
                self::shape_of("bigint"),
                format!(
                    "bigint GENERATED {} AS IDENTITY {}",
                    chance.word(&["ALWAYS", "BY DEFAULT"]),
                    chance.word(&["", "(START 50 INCREMENT 7)"])
                ),
            ),
            _ => {
                let shape = shape::key(chance);
                let name = shape.name.clone();
                (shape, name)
            }
        };
        let word = chance.word(&[
            "PRIMARY KEY",
            "PRIMARY KEY",
            "PRIMARY KEY",
            "PRIMARY KEY",
            "UNIQUE",
            "UNIQUE",
            "NOT NULL UNIQUE DEFERRABLE",
        ]);
        let constraint = self.fresh("key", chance);
        lines.push(format!(
            "{name} {kind} {}CONSTRAINT {constraint} {}",
            if word.starts_with("NOT") { "NOT NULL " } else { "" },
            word.trim_start_matches("NOT NULL ")
        ));
        self.constraints.push((table.to_owned(), constraint));
        Column { name, given: kind.contains("serial") || kind.contains("IDENTITY"), shape, required: true }
    }

    fn column(&mut self, chance: &mut Chance, before: &[Column], lines: &mut Vec<String>) -> Column {
        let name = self.fresh("col", chance);
        let texts: Vec<&Column> = before.iter().filter(|column| column.shape.name == "text" && !column.given).collect();
        if let Some(source) = chance.pick(&texts).filter(|_| chance.one_in(2)) {
            let function = self.functions[0].trim_end_matches("(text)").to_owned();
            lines.push(format!("{name} text GENERATED ALWAYS AS ({function}({}) || '!') STORED", source.name));
            return Column { name, shape: self::shape_of("text"), given: true, required: false };
        }
        let shape = self.shape(chance);
        let required = chance.one_in(3);
        let mut line = format!("{name} {}", shape.name);
        if let Some(default) = shape.default.as_ref().filter(|_| chance.one_in(2)) {
            line.push_str(&format!(" DEFAULT {default}"));
        } else if let Some(sequence) = chance.pick(&self.sequences).filter(|_| shape.name == "bigint") {
            line.push_str(&format!(" DEFAULT nextval('{}')", sequence.replace('\'', "''")));
        }
        if required {
            line.push_str(" NOT NULL");
        }
        lines.push(line);
        Column { name, shape, given: false, required }
    }

    /// Rows from this number on, with NULL now and then.
    pub(super) fn fill(&mut self, table: &Table, first: usize) {
        let stored: Vec<&Column> = table.columns.iter().filter(|column| !column.given).collect();
        let value = |(number, column): (usize, &&Column)| match column.required {
            true => column.shape.value.clone(),
            false => format!("CASE WHEN i % 5 = {} THEN NULL ELSE {} END", number % 5, column.shape.value),
        };
        let names: Vec<&str> = stored.iter().map(|column| column.name.as_str()).collect();
        let values: Vec<String> = stored.iter().enumerate().map(value).collect();
        let last = first + table.rows;
        self.say(match stored.is_empty() {
            true => format!("INSERT INTO {} DEFAULT VALUES", table.name),
            false => format!(
                "INSERT INTO {} ({}) SELECT {} FROM generate_series({first}, {last} - 1) AS i",
                table.name,
                names.join(", "),
                values.join(", ")
            ),
        });
    }
}

fn shape_of(name: &str) -> Shape {
    Shape { name: name.to_owned(), value: "i".to_owned(), default: None }
}
