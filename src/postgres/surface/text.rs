//! The texts of the functions, fitted to a server and a schema.

use crate::{
    machine::RESTORE_ATTEMPTS_MAX,
    postgres::{backup::PINNED_RUNS, capture, digest::PINNED, lock, restore::UNPROVEN_DOMAINS},
    sql::quote::{ident, literal},
};

use super::install::Callers;

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

/// Those that all schemas share.
pub fn shared(server_version: u32) -> String {
    // To compile a query on jsonb would take longer than to run it.
    let pinned = settings(PINNED.iter().copied().chain([("jit", "off")]));
    let filled = |text: &str| {
        text.replace("{pinned}", &pinned)
            .replace("{pinned_runs}", PINNED_RUNS)
            .replace("{unproven_domains}", &UNPROVEN_DOMAINS.replace("$1", "of_table"))
            .replace("{lock}", &lock::KEY.to_string())
            .replace("{attempts}", &RESTORE_ATTEMPTS_MAX.to_string())
    };
    [structure(server_version)].into_iter().chain(SHARED.iter().map(|text| filled(text))).collect()
}

/// Those that people call, in one schema. Where a role that isn't their owner may call them, they have the owner's rights.
pub fn callable(schema: &str, callers: &Callers) -> String {
    let rights = if callers.is_nobody() { "SECURITY INVOKER" } else { "SECURITY DEFINER" };
    let validation = format!("{}.validate_post_migration", ident(schema));
    include_str!("wrappers.sql")
        .replace("{rights}", rights)
        .replace("{validation}", &literal(&validation))
        .replace("{name}", &literal(schema))
        .replace("{schema}", &ident(schema))
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
        "CREATE OR REPLACE FUNCTION backstop.structure(left_out text[])\n    \
         RETURNS TABLE (class oid, object oid, kind text, schema text, name text, part_of text, owner text, grants jsonb,\n    \
         comment text, definition jsonb)\n    LANGUAGE sql STABLE {} AS $structure$\n{}$structure$;\n\
         COMMENT ON FUNCTION backstop.structure(text[]) IS\n    \
         'The structure of the database, one row an object, without the schemas that are named.';\n",
        settings(capture::pinned().into_iter()),
        queries.join("UNION ALL\n")
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
