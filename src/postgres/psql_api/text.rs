//! The texts of the functions, fitted to a server and a schema.

use crate::{
    machine::RESTORE_ATTEMPTS_MAX,
    plan::SAMPLE_CELL_CHARS_MAX,
    postgres::{
        backup::PINNED_RUNS,
        capture,
        check::{FORM, NAMED_MAX},
        digest::PINNED,
        lock,
        relation::RELATIONS,
        restore::UNPROVEN_DOMAINS,
    },
    sql::{
        filled,
        quote::{ident, literal},
    },
};

use super::callers::Callers;

/// The functions of the schema `backstop`, in the order in which they need each other.
const SHARED: [&str; 7] = [
    include_str!("structure.sql"),
    include_str!("ground.sql"),
    include_str!("grants.sql"),
    include_str!("backup.sql"),
    include_str!("restore.sql"),
    include_str!("validate.sql"),
    include_str!("migrate.sql"),
];

/// What the program's sessions have from their start, and those of psql need not: how a constant and a comparison are read, and that
/// an index finds every row. To compile a query on jsonb would take longer than to run it.
const PINNED_FOR_PSQL: [(&str, &str); 4] = [
    ("standard_conforming_strings", "on"),
    ("transform_null_equals", "off"),
    ("gin_fuzzy_search_limit", "0"),
    ("jit", "off"),
];

/// Those that all schemas share.
pub fn shared(server_version: u32) -> String {
    let pinned = settings(PINNED.iter().copied().chain(PINNED_FOR_PSQL));
    let (lock, attempts) = (lock::KEY.to_string(), RESTORE_ATTEMPTS_MAX.to_string());
    let (cell_chars, named, form) = (SAMPLE_CELL_CHARS_MAX.to_string(), NAMED_MAX.to_string(), FORM.to_string());
    let looks = capture::ATTEMPTS.to_string();
    let unproven = UNPROVEN_DOMAINS.replace("$1", "of_table");
    let values = [
        ("{pinned}", pinned.as_str()),
        ("{pinned_runs}", PINNED_RUNS),
        ("{unproven_domains}", unproven.as_str()),
        ("{lock}", &lock),
        ("{holder}", lock::HOLDER),
        ("{attempts}", &attempts),
        ("{looks}", &looks),
        ("{brief}", capture::BRIEF),
        ("{relations}", RELATIONS),
        ("{cell_chars}", &cell_chars),
        ("{named}", &named),
        ("{form}", &form),
    ];
    let made = [structure(server_version), companions(server_version), own_changes(server_version)];
    made.into_iter().chain(SHARED.iter().map(|text| filled(text, &values))).collect()
}

/// Those that people call, in one schema. Where a role that isn't their owner may call them, they have the owner's rights.
pub fn callable(schema: &str, callers: &Callers) -> String {
    let rights = if callers.is_nobody() { "SECURITY INVOKER" } else { "SECURITY DEFINER" };
    let validation = literal(&format!("{}.validate_post_migration", ident(schema)));
    let (name, schema_ident) = (literal(schema), ident(schema));
    let quote = dollar_quote(&name);
    let values = [
        ("{rights}", rights),
        ("{validation}", validation.as_str()),
        ("{name}", &name),
        ("{schema}", &schema_ident),
        ("{quote}", &quote),
    ];
    filled(include_str!("wrappers.sql"), &values)
}

/// What quotes the bodies of functions that hold this text: a mark that is not in it.
fn dollar_quote(held: &str) -> String {
    let mut quote = "$backstop$".to_owned();
    let mut number = 0;
    while held.contains(quote.trim_end_matches('$')) {
        number += 1;
        quote = format!("$backstop_{number}$");
    }
    quote
}

/// The function that tells what this transaction changed in the catalog from what others did, as the program does it.
fn own_changes(server_version: u32) -> String {
    format!(
        "DROP FUNCTION IF EXISTS backstop.own_changes(oid[], oid[]), backstop.own_changes(oid[], oid[], text);\n\
         CREATE OR REPLACE FUNCTION backstop.own_changes(classes oid[], objects oid[], since text)\n    \
         RETURNS TABLE (class bigint, object bigint, is_own boolean, part text)\n    \
         LANGUAGE sql SET search_path = pg_catalog, pg_temp SET jit = off AS $own$\n{}$own$;\n\
         COMMENT ON FUNCTION backstop.own_changes(oid[], oid[], text) IS\n    \
         'Which of these catalog rows this transaction has made, changed or locked, and which others have since a snapshot.';\n",
        capture::own_changes_question(server_version)
    )
}

/// The function that reads the structure, made of the queries that the program asks itself.
fn structure(server_version: u32) -> String {
    let queries: Vec<String> = capture::objects(server_version)
        .iter()
        .map(|query| {
            format!(
                "SELECT q.class::oid, q.oid::oid, q.kind::text, q.schema::text, q.name::text, q.\"of\"::text, q.owner::text,\n       \
                 q.grants::jsonb, q.comment::text, q.definition::jsonb\nFROM (\n{query}) AS q\n"
            )
        })
        .collect();
    format!(
        "CREATE OR REPLACE FUNCTION backstop.structure_at_once(left_out text[])\n    \
         RETURNS TABLE (class oid, object oid, kind text, schema text, name text, part_of text, owner text, grants jsonb,\n    \
         comment text, definition jsonb)\n    LANGUAGE sql STABLE {} AS $structure$\n{}$structure$;\n\
         COMMENT ON FUNCTION backstop.structure_at_once(text[]) IS\n    \
         'The structure of the database, one row an object, or an error where others change it meanwhile.';\n",
        settings(capture::pinned().into_iter()),
        queries.join("UNION ALL\n")
    )
}

/// The function that reads what came along with objects, likewise.
fn companions(server_version: u32) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION backstop.companions() RETURNS jsonb\n    LANGUAGE sql STABLE {} AS $companions$\n\
         SELECT coalesce(jsonb_object_agg(concat(q.noun, ' ', q.identity), jsonb_strip_nulls(jsonb_build_object(\n       \
         'owner', q.owner, 'own_owner', q.own_owner, 'grants', q.grants::jsonb, 'comment', q.comment))), '{{}}')\nFROM (\n{}) AS q\n\
         $companions$;\n\
         COMMENT ON FUNCTION backstop.companions() IS\n    'What the server made along with objects, and people have changed since.';\n",
        settings(capture::pinned().into_iter()),
        capture::companions(server_version)
    )
}

/// SET clauses of a function. Its own search path ends where no temporary object can stand before the server's.
fn settings<'s>(pinned: impl Iterator<Item = (&'s str, &'s str)>) -> String {
    let clause = |(name, value): (&str, &str)| match name {
        "search_path" => "SET search_path = pg_catalog, pg_temp".to_owned(),
        _ => format!("SET {} = {}", ident(name), literal(value)),
    };
    pinned.map(clause).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ObjectKind;

    #[test]
    fn kinds_that_are_put_right_while_they_stand_are_kinds() {
        let lists: Vec<&str> =
            include_str!("restore.sql").split("backstop.straighten_all(was, scope, ARRAY[").skip(1).collect();
        assert_eq!(lists.len(), 2);
        for list in lists {
            let (list, _) = list.split_once(']').unwrap();
            for word in list.split(", ").map(|word| word.trim_matches('\'')) {
                assert!(ObjectKind::ALL.iter().any(|kind| kind.word() == word), "{word}");
            }
        }
    }

    #[test]
    fn a_schema_of_any_name_stays_inside_of_its_quotes() {
        for schema in
            ["plain", "{name}", "{schema}{rights}", "a'b\\", "$$", "$backstop$", "$backstop_1$ $backstop$", "\"; DROP"]
        {
            let text = callable(schema, &Callers::default());
            let quote = dollar_quote(&literal(schema));
            assert!(!literal(schema).contains(&quote), "{schema}");
            let bodies = text.matches(&quote).count();
            assert_eq!(bodies, 14, "{schema}: seven functions, each in its quotes");
            assert!(text.contains(&format!("FUNCTION {}.list_backups()", ident(schema))), "{schema}");
            assert!(!text.contains("{rights}") || schema.contains("{rights}"), "{schema}");
        }
    }
}
