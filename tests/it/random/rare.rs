//! Kinds that not every database has: partitions and heirs, materialized views, rules, statistics, publications, ranges, aggregates.

use super::{
    place::{Column, Place, Table},
    shape::Shape,
};
use crate::support::Chance;

impl Place {
    /// A few of them.
    pub(super) fn rarities(&mut self, chance: &mut Chance) {
        for _ in 0..chance.between(1, 5) {
            match chance.below(9) {
                0 => self.partitioned(chance),
                1 => self.heir(chance),
                2 | 3 => self.materialized_view(chance),
                4 => self.rule(chance),
                5 => self.statistics(chance),
                6 => self.publication(chance),
                7 => self.range(chance),
                _ => self.aggregate(chance),
            }
        }
    }

    fn partitioned(&mut self, chance: &mut Chance) {
        let schema = chance.pick(&self.schemas).expect("a schema").clone();
        let bare = self.fresh("part", chance);
        let name = format!("{schema}.{bare}");
        let (by, bounds) = match chance.below(3) {
            0 => ("RANGE (n)", ["FROM (MINVALUE) TO (10)", "FROM (10) TO (30)", "FROM (30) TO (1000)"]),
            1 => ("LIST (n)", ["IN (1, 2, 3, 4, 5)", "IN (6, NULL)", ""]),
            _ => (
                "HASH (n)",
                ["WITH (MODULUS 3, REMAINDER 0)", "WITH (MODULUS 3, REMAINDER 1)", "WITH (MODULUS 3, REMAINDER 2)"],
            ),
        };
        let kind = chance.word(&["", "DEFAULT 'x'", "NOT NULL DEFAULT 'y'"]);
        self.say(format!("CREATE TABLE {name} (n integer, t text {kind}, at timestamptz DEFAULT now()) PARTITION BY {by}"));
        for (number, bound) in bounds.iter().enumerate() {
            let partition = format!("{schema}.{}", self.fresh("leaf", chance));
            let values = if bound.is_empty() { "DEFAULT".to_owned() } else { format!("FOR VALUES {bound}") };
            self.say(match number {
                // Attached, its columns stand in another order and have a hole.
                1 => format!(
                    "CREATE TABLE {partition} (t text {kind}, gone int, at timestamptz DEFAULT now(), n integer); \
                     ALTER TABLE {partition} DROP COLUMN gone; ALTER TABLE {name} ATTACH PARTITION {partition} {values}"
                ),
                _ => format!("CREATE TABLE {partition} PARTITION OF {name} {values}"),
            });
        }
        if chance.one_in(2) {
            let key = self.fresh("pkey", chance);
            self.say(format!("ALTER TABLE {name} ADD CONSTRAINT {key} UNIQUE (n, t)"));
        }
        self.say(format!("INSERT INTO {name} (n, t) SELECT i, 'x' || i FROM generate_series(1, 40) AS i"));
        let column = |name: &str, kind: &str, value: &str| Column {
            name: name.to_owned(),
            shape: Shape { name: kind.to_owned(), value: value.to_owned(), default: None },
            given: false,
            required: false,
        };
        let columns = vec![column("n", "integer", "i"), column("t", "text", "'x' || i")];
        self.tables.push(Table { schema, bare, name, columns, rows: 40 });
    }

    fn heir(&mut self, chance: &mut Chance) {
        let parent = self.any_table(chance);
        let name = self.named("heir", chance);
        let own = self.fresh("own", chance);
        self.say(format!("CREATE TABLE {name} ({own} integer DEFAULT 3) INHERITS ({})", parent.name));
        self.say(format!("INSERT INTO {name} SELECT t.* FROM ONLY {} AS t", parent.name));
    }

    fn materialized_view(&mut self, chance: &mut Chance) {
        let (name, table) = (self.named("mat", chance), self.any_table(chance));
        let column = self.any_column(&table, chance);
        let source = chance.pick(&self.views).cloned().filter(|_| chance.one_in(3)).unwrap_or_else(|| table.name.clone());
        let populated = chance.word(&["WITH DATA", "WITH DATA", "WITH NO DATA"]);
        self.say(match source == table.name {
            true => format!(
                "CREATE MATERIALIZED VIEW {name} AS SELECT {0}, count(*) AS many FROM {source} GROUP BY {0} {populated}",
                column.name
            ),
            false => format!("CREATE MATERIALIZED VIEW {name} AS SELECT v FROM {source} AS v {populated}"),
        });
        if chance.one_in(2) {
            let index = self.fresh("matidx", chance);
            self.say(format!("CREATE INDEX {index} ON {name} (many)"));
        }
        if chance.one_in(3) {
            self.say(format!("DELETE FROM {} WHERE {}::text LIKE '%3%'", table.name, table.columns[0].name));
        }
        self.rest.push(format!("MATERIALIZED VIEW {name}"));
    }

    fn rule(&mut self, chance: &mut Chance) {
        let (name, table) = (self.fresh("rule", chance), self.any_table(chance));
        let what = match chance.below(3) {
            0 => format!("ON DELETE TO {} WHERE false DO INSTEAD NOTHING", table.name),
            1 => format!("ON UPDATE TO {} DO ALSO NOTIFY changed", table.name),
            _ => format!("ON INSERT TO {} WHERE false DO ALSO SELECT 1", table.name),
        };
        self.say(format!("CREATE RULE {name} AS {what}"));
        if chance.one_in(3) {
            self.say(format!("ALTER TABLE {} {} RULE {name}", table.name, chance.word(&["DISABLE", "ENABLE ALWAYS"])));
        }
        self.rest.push(format!("RULE {name} ON {}", table.name));
    }

    fn statistics(&mut self, chance: &mut Chance) {
        let (name, table) = (self.named("stat", chance), self.any_table(chance));
        let (one, other) = (self.any_column(&table, chance), self.any_column(&table, chance));
        self.say(format!(
            "CREATE STATISTICS {name} {} ON {}, {} FROM {}",
            chance.word(&["", "(ndistinct)", "(mcv, dependencies)"]),
            one.name,
            other.name,
            table.name
        ));
        if chance.one_in(2) {
            self.say(format!("ALTER STATISTICS {name} SET STATISTICS 42"));
        }
        self.rest.push(format!("STATISTICS {name}"));
    }

    fn publication(&mut self, chance: &mut Chance) {
        let (name, table) = (self.fresh("pub", chance), self.any_table(chance));
        let options = chance.word(&["", "WITH (publish = 'insert, delete')", "WITH (publish_via_partition_root = true)"]);
        self.say(format!("CREATE PUBLICATION {name} FOR TABLE {} {options}", table.name));
        self.rest.push(format!("PUBLICATION {name}"));
    }

    fn range(&mut self, chance: &mut Chance) {
        let name = self.named("span", chance);
        self.say(format!("CREATE TYPE {name} AS RANGE (subtype = float8, subtype_diff = float8mi)"));
        let table = self.any_table(chance);
        let column = self.fresh("spancol", chance);
        self.say(format!("ALTER TABLE {} ADD COLUMN {column} {name} DEFAULT '[1,2)'", table.name));
        self.rest.push(format!("TYPE {name}"));
    }

    fn aggregate(&mut self, chance: &mut Chance) {
        let name = self.named("aggr", chance);
        self.say(format!("CREATE AGGREGATE {name} (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0')"));
        let (view, table) = (self.named("aggview", chance), self.any_table(chance));
        self.say(format!("CREATE VIEW {view} AS SELECT {name}(1) AS sum FROM {}", table.name));
        self.views.push(view);
        self.rest.push(format!("AGGREGATE {name}(integer)"));
    }
}
