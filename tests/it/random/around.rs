//! What stands around the tables: foreign keys, indexes, views, triggers, policies, comments, grants.

use super::place::{Column, Place, ROLES, Table};
use crate::support::Chance;

impl Place {
    /// More of everything, in an order in which it can be made.
    pub(super) fn more(&mut self, chance: &mut Chance) {
        for _ in 0..self.tables.len() * 2 {
            match chance.below(3) {
                0 => self.reference(chance),
                1 => self.constraint(chance),
                _ => self.index(chance),
            }
        }
        for _ in 0..chance.below(4) {
            self.view(chance);
        }
        for _ in 0..chance.below(3) {
            self.reader(chance);
        }
        for _ in 0..chance.below(4) {
            self.trigger(chance);
        }
        for _ in 0..chance.below(4) {
            self.policy(chance);
        }
        for _ in 0..chance.below(12) {
            self.detail(chance);
        }
        for _ in 0..chance.below(4) {
            self.history(chance);
        }
    }

    pub(super) fn any_table(&self, chance: &mut Chance) -> Table {
        chance.pick(&self.tables).expect("a table").clone()
    }

    pub(super) fn any_column(&self, table: &Table, chance: &mut Chance) -> Column {
        chance.pick(&table.columns).expect("a column").clone()
    }

    /// A foreign key, from a column of its own to the key of any table, itself included: cycles come by themselves.
    pub(super) fn reference(&mut self, chance: &mut Chance) {
        let (from, to) = (self.any_table(chance), self.any_table(chance));
        let key = &to.columns[0];
        let column = self.fresh("ref", chance);
        let kind = &key.shape.name;
        self.say(format!("ALTER TABLE {} ADD COLUMN {column} {kind}", from.name));
        if !chance.one_in(3) {
            self.say(format!(
                "UPDATE {} SET {column} = (SELECT min({}::text) FROM {})::{kind}",
                from.name, key.name, to.name
            ));
        } else if chance.one_in(3) {
            self.say(format!(
                "UPDATE {} SET {column} = (SELECT o.{} FROM {} AS o ORDER BY o.{} LIMIT 1)",
                from.name, key.name, to.name, key.name
            ));
        }
        let constraint = self.fresh("fk", chance);
        let action = chance.word(&[
            "",
            "ON DELETE CASCADE",
            "ON DELETE SET NULL ON UPDATE CASCADE",
            "ON DELETE SET DEFAULT",
            "MATCH FULL",
        ]);
        let when = chance.word(&["", "", "DEFERRABLE", "DEFERRABLE INITIALLY DEFERRED", "NOT VALID"]);
        self.say(format!(
            "ALTER TABLE {} ADD CONSTRAINT {constraint} FOREIGN KEY ({column}) REFERENCES {} ({}) {action} {when}",
            from.name, to.name, key.name
        ));
        self.constraints.push((from.name.clone(), constraint));
        let shape = key.shape.clone();
        if let Some(table) = self.tables.iter_mut().find(|table| table.name == from.name) {
            table.columns.push(Column { name: column, shape, given: true, required: false });
        }
    }

    pub(super) fn constraint(&mut self, chance: &mut Chance) {
        let table = self.any_table(chance);
        let column = self.any_column(&table, chance);
        let constraint = self.fresh("check", chance);
        let function = self.functions[1].trim_end_matches("(text, integer)").to_owned();
        let (name, sure) = (&column.name, format!("{function}({}::text)", column.name));
        let what = match chance.below(7) {
            0 => format!("CHECK ({name} IS NOT NULL OR {name} IS NULL)"),
            1 => format!("CHECK ({sure}) NO INHERIT"),
            2 => format!("CHECK ({name}::text <> 'never') NOT VALID"),
            3 => format!("CHECK (({name}::varchar(30)) IN ('a', 'b') OR true)"),
            4 => format!(
                "UNIQUE ({name}, {}) {}",
                table.columns[0].name,
                chance.word(&["", "DEFERRABLE INITIALLY DEFERRED", "WITH (fillfactor = 90)"])
            ),
            5 => format!("EXCLUDE USING btree ({name} WITH =) WHERE ({} IS NULL)", table.columns[0].name),
            _ => format!("CHECK (length({name}::text) BETWEEN 0 AND 100000)"),
        };
        self.say(format!("ALTER TABLE {} ADD CONSTRAINT {constraint} {what}", table.name));
        self.constraints.push((table.name, constraint));
    }

    pub(super) fn index(&mut self, chance: &mut Chance) {
        let table = self.any_table(chance);
        let (one, other) = (self.any_column(&table, chance), self.any_column(&table, chance));
        let name = self.fresh("idx", chance);
        let what = match chance.below(6) {
            0 => format!("({} DESC NULLS LAST) INCLUDE ({})", one.name, other.name),
            1 => format!("(lower({}::text), {})", one.name, other.name),
            2 => format!("USING hash ({})", one.name),
            3 => format!("({}) WHERE {} IS NOT NULL", one.name, other.name),
            4 => format!("({}) WITH (fillfactor = 60)", one.name),
            _ => format!("({}, {})", one.name, other.name),
        };
        let unique = if chance.one_in(8) { "UNIQUE" } else { "" };
        self.say(format!("CREATE {unique} INDEX {name} ON {} {what}", table.name));
        let name = format!("{}.{name}", table.schema);
        match chance.below(8) {
            0 => self.say(format!("ALTER TABLE {} REPLICA IDENTITY {}", table.name, chance.word(&["FULL", "NOTHING"]))),
            1 => self.say(format!("CLUSTER {} USING {}", table.name, name.rsplit_once('.').map_or("", |(_, bare)| bare))),
            2 => self.say(format!("ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 77")),
            _ => (),
        }
        self.indexes.push(name);
    }

    pub(super) fn view(&mut self, chance: &mut Chance) {
        let name = self.named("view", chance);
        let table = self.any_table(chance);
        let column = self.any_column(&table, chance);
        let query = match (chance.below(5), chance.pick(&self.views).cloned()) {
            (0, Some(view)) => format!("SELECT v.*, 1 AS more FROM {view} AS v"),
            (1, Some(view)) => format!("SELECT count(*) AS n FROM {view} UNION ALL SELECT NULL"),
            (2, _) => format!("SELECT t.* FROM {} AS t WHERE t.{} IS NOT NULL", table.name, column.name),
            (3, _) => {
                let other = self.any_table(chance);
                format!(
                    "SELECT a.{} AS x, b.{} AS y, a AS whole FROM {} AS a LEFT JOIN {} AS b ON a.{}::text = b.{}::text",
                    column.name, other.columns[0].name, table.name, other.name, table.columns[0].name, other.columns[0].name
                )
            }
            _ => format!("SELECT {}, 'x'::varchar AS fix FROM {}", column.name, table.name),
        };
        let options = chance.word(&["", "", "WITH (security_barrier = true)"]);
        self.say(format!("CREATE VIEW {name} {options} AS {query}"));
        self.views.push(name);
    }

    /// A function that reads a table or takes its rows.
    pub(super) fn reader(&mut self, chance: &mut Chance) {
        let (name, table) = (self.named("read", chance), self.any_table(chance));
        let (arguments, rest) = match chance.below(5) {
            0 => (table.name.clone(), "RETURNS boolean LANGUAGE sql AS 'SELECT $1 IS NULL'".to_owned()),
            1 => (
                String::new(),
                format!(
                    "RETURNS SETOF {} LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $f$ SELECT * FROM {} $f$",
                    table.name, table.name
                ),
            ),
            2 => {
                (String::new(), format!("RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM {}; END", table.name))
            }
            3 => (
                "integer".to_owned(),
                format!("RETURNS void LANGUAGE plpgsql AS $f$ DECLARE r {}%ROWTYPE; BEGIN NULL; END $f$", table.name),
            ),
            _ => (
                String::new(),
                "RETURNS TABLE (a integer, b text) LANGUAGE sql STABLE ROWS 5 AS $f$ SELECT 1, '' $f$".to_owned(),
            ),
        };
        self.say(format!("CREATE FUNCTION {name}({arguments}) {rest}"));
        self.functions.push(format!("{name}({arguments})"));
    }

    pub(super) fn trigger(&mut self, chance: &mut Chance) {
        let table = self.any_table(chance);
        let column = self.any_column(&table, chance);
        let name = self.fresh("trig", chance);
        let picked = chance.pick(&self.trigger_functions).expect("a function").clone();
        let (kind, rest) = match chance.below(6) {
            0 => (
                "TRIGGER",
                format!("BEFORE INSERT OR UPDATE ON {} FOR EACH ROW WHEN (NEW.{} IS NOT NULL)", table.name, column.name),
            ),
            1 => ("TRIGGER", format!("AFTER UPDATE OF {} ON {} FOR EACH ROW", column.name, table.name)),
            2 => ("TRIGGER", format!("AFTER DELETE ON {} REFERENCING OLD TABLE AS gone FOR EACH STATEMENT", table.name)),
            3 => {
                ("CONSTRAINT TRIGGER", format!("AFTER INSERT ON {} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW", table.name))
            }
            4 => ("TRIGGER", format!("BEFORE TRUNCATE ON {} FOR EACH STATEMENT", table.name)),
            _ => ("TRIGGER", format!("BEFORE DELETE ON {} FOR EACH ROW", table.name)),
        };
        // One that gave NULL would stop what foreign keys do, and leave rows that break a key that counts as valid.
        let function = if rest.starts_with("BEFORE") { self.trigger_functions[0].clone() } else { picked };
        let argument = chance.word(&["", "'a', 'it''s'"]);
        self.say(format!("CREATE {kind} {name} {rest} EXECUTE FUNCTION {function}({argument})"));
        match chance.below(6) {
            0 => self.say(format!("ALTER TABLE {} DISABLE TRIGGER {name}", table.name)),
            1 => {
                self.say(format!("ALTER TABLE {} ENABLE {} TRIGGER {name}", table.name, chance.word(&["ALWAYS", "REPLICA"])))
            }
            _ => (),
        }
        self.triggers.push((table.name, name));
    }

    pub(super) fn policy(&mut self, chance: &mut Chance) {
        let (table, other) = (self.any_table(chance), self.any_table(chance));
        let column = self.any_column(&table, chance);
        let name = self.fresh("pol", chance);
        let using = match chance.below(4) {
            0 => format!(
                "EXISTS (SELECT FROM {} AS o WHERE o.{}::text = {}::text)",
                other.name, other.columns[0].name, column.name
            ),
            1 => format!("{}({}::text)", self.functions[1].trim_end_matches("(text, integer)"), column.name),
            2 => format!("{}::varchar(9) IN ('a', 'b')", column.name),
            _ => format!("{} IS NOT NULL AND current_user <> 'x'", column.name),
        };
        let (kind, role) =
            (chance.word(&["", "AS RESTRICTIVE"]), chance.word(&["PUBLIC", ROLES[1], ROLES[2], "CURRENT_USER"]));
        let rest = match chance.below(3) {
            0 => format!("FOR SELECT TO {role} USING ({using})"),
            1 => format!("FOR INSERT TO {role} WITH CHECK ({using})"),
            _ => format!("TO {role}, {} USING ({using}) WITH CHECK (true)", ROLES[0]),
        };
        self.say(format!("CREATE POLICY {name} ON {} {kind} {rest}", table.name));
        if !chance.one_in(3) {
            self.say(format!("ALTER TABLE {} ENABLE ROW LEVEL SECURITY", table.name));
        }
        self.policies.push((table.name, name));
    }

    /// A comment, a grant, an owner, an option.
    pub(super) fn detail(&mut self, chance: &mut Chance) {
        let table = self.any_table(chance);
        let column = self.any_column(&table, chance);
        let role = chance.word(&ROLES);
        let object = self.any_object(chance);
        let statement = match chance.below(12) {
            0 => format!("COMMENT ON COLUMN {}.{} IS 'it''s \\ {}'", table.name, column.name, chance.below(9)),
            1 | 2 => format!("COMMENT ON {object} IS 'said {}'", chance.below(9)),
            3 => format!("GRANT SELECT, INSERT ON {} TO {role} {}", table.name, chance.word(&["", "WITH GRANT OPTION"])),
            4 => format!("GRANT UPDATE ({}) ON {} TO {role}", column.name, table.name),
            5 => format!("GRANT {} ON {object} TO {role}", chance.word(&["ALL", "USAGE", "EXECUTE", "SELECT"])),
            6 => format!("ALTER {object} OWNER TO {role}"),
            7 => format!(
                "REVOKE {} ON {object} FROM PUBLIC, CURRENT_USER",
                chance.word(&["ALL", "USAGE", "EXECUTE", "SELECT"])
            ),
            8 => format!("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS {}", table.name, column.name, chance.below(200)),
            9 => format!(
                "ALTER TABLE {} ALTER COLUMN {} SET STORAGE {}",
                table.name,
                column.name,
                chance.word(&["EXTERNAL", "MAIN", "PLAIN"])
            ),
            10 => format!("ALTER TABLE {} ALTER COLUMN {} SET (n_distinct = -0.3)", table.name, column.name),
            _ => format!("ALTER TABLE {} {} ROW LEVEL SECURITY", table.name, chance.word(&["ENABLE", "FORCE"])),
        };
        if let Some(role) =
            statement.split_once(" OWNER TO ").map(|(_, role)| role).filter(|_| object.starts_with("MATERIALIZED"))
        {
            // Who owns a materialized view must be able to fill it; a run that could not refuses beforehand.
            for table in self.tables.iter().map(|table| table.name.clone()).chain(self.views.clone()).collect::<Vec<_>>() {
                self.say(format!("GRANT SELECT ON {table} TO {role}"));
            }
        }
        self.say(statement);
    }

    /// Something with its kind, as statements name it.
    pub(super) fn any_object(&self, chance: &mut Chance) -> String {
        let on = |(table, name): &(String, String)| format!("{name} ON {table}");
        let found = match chance.below(15) {
            0 => chance.pick(&self.schemas).map(|name| format!("SCHEMA {name}")),
            1 => chance.pick(&self.enums).map(|name| format!("TYPE {name}")),
            2 => chance.pick(&self.domains).map(|name| format!("DOMAIN {name}")),
            3 => chance.pick(&self.composites).map(|name| format!("TYPE {name}")),
            4 => chance.pick(&self.functions).map(|name| format!("FUNCTION {name}")),
            5 => chance.pick(&self.trigger_functions).map(|name| format!("FUNCTION {name}()")),
            6 => chance.pick(&self.sequences).map(|name| format!("SEQUENCE {name}")),
            7 => chance.pick(&self.views).map(|name| format!("VIEW {name}")),
            8 => chance.pick(&self.indexes).map(|name| format!("INDEX {name}")),
            9 => chance.pick(&self.constraints).map(|pair| format!("CONSTRAINT {}", on(pair))),
            10 => chance.pick(&self.triggers).map(|pair| format!("TRIGGER {}", on(pair))),
            11 => chance.pick(&self.policies).map(|pair| format!("POLICY {}", on(pair))),
            12 | 13 => chance.pick(&self.rest).cloned(),
            _ => None,
        };
        found.unwrap_or_else(|| format!("TABLE {}", self.any_table(chance).name))
    }

    /// What the past left: holes of dropped columns, deleted rows, sequences that have moved.
    fn history(&mut self, chance: &mut Chance) {
        let table = self.any_table(chance);
        let key = table.columns[0].name.clone();
        match chance.below(5) {
            0 => {
                self.say(format!("ALTER TABLE {} ADD COLUMN gone integer DEFAULT 5", table.name));
                self.say(format!("ALTER TABLE {} DROP COLUMN gone", table.name));
            }
            1 => self.say(format!("DELETE FROM {} WHERE {key}::text LIKE '%2%'", table.name)),
            2 => self.say(format!("UPDATE {} SET {key} = {key}", table.name)),
            3 => self.say(format!("ALTER TABLE {} ADD COLUMN late timestamptz DEFAULT '2020-01-01'", table.name)),
            _ => self.fill(&table, 100),
        }
    }
}
