//! What migrations do to objects with odd names.

use super::migrations::Migration;

/// Those for what `museum_odd.sql` holds.
pub const MIGRATIONS_ODD: &[Migration] = &[
    ("drop the odd", "DROP SCHEMA \"s\"\"$$--\\'\nü\" CASCADE; DROP PUBLICATION \"pu\"\"$$--\\'\nü\""),
    ("drop an odd table", "DROP TABLE \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" CASCADE"),
    (
        "odd rows",
        "DELETE FROM \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" WHERE \"v\"\"$$--\\'\nü\" = 'a'; UPDATE \"s\"\"$$--\\'\nü\".\"t4\"\"$$--\\'\nü\" SET b = 'x'; REFRESH MATERIALIZED VIEW \"s\"\"$$--\\'\nü\".\"m\"\"$$--\\'\nü\"",
    ),
    (
        "odd parts",
        "ALTER TABLE \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" DROP CONSTRAINT \"k\"\"$$--\\'\nü\"; DROP POLICY \"po\"\"$$--\\'\nü\" ON \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\"; DROP TRIGGER \"tr\"\"$$--\\'\nü\" ON \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\";\nDROP RULE \"ru\"\"$$--\\'\nü\" ON \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\"; DROP STATISTICS \"s\"\"$$--\\'\nü\".\"st\"\"$$--\\'\nü\"; ALTER PUBLICATION \"pu\"\"$$--\\'\nü\" DROP TABLE \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\"; DROP INDEX \"s\"\"$$--\\'\nü\".\"x\"\"$$--\\'\nü\", \"s\"\"$$--\\'\nü\".\"mx\"\"$$--\\'\nü\";\nALTER TABLE \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" ALTER \"n\"\"$$--\\'\nü\" DROP DEFAULT; ALTER TABLE \"s\"\"$$--\\'\nü\".\"t3\"\"$$--\\'\nü\" DROP CONSTRAINT \"fk\"\"$$--\\'\nü\"",
    ),
    (
        "odd comments",
        "COMMENT ON SCHEMA \"s\"\"$$--\\'\nü\" IS NULL; COMMENT ON COLUMN \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\".\"v\"\"$$--\\'\nü\" IS NULL; COMMENT ON PUBLICATION \"pu\"\"$$--\\'\nü\" IS 'x'; COMMENT ON RULE \"ru\"\"$$--\\'\nü\" ON \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" IS NULL;\nALTER TYPE \"s\"\"$$--\\'\nü\".\"e\"\"$$--\\'\nü\" RENAME VALUE 'a' TO 'b'; ALTER TABLE \"s\"\"$$--\\'\nü\".\"t3\"\"$$--\\'\nü\" ENABLE TRIGGER ALL; REVOKE ALL (\"v\"\"$$--\\'\nü\") ON \"s\"\"$$--\\'\nü\".\"t2\"\"$$--\\'\nü\" FROM \"museum Reader\";\nCREATE OR REPLACE FUNCTION \"s\"\"$$--\\'\nü\".\"f\"\"$$--\\'\nü\"(\"x\"\"$$--\\'\nü\" integer, y text DEFAULT '$$') RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1'",
    ),
    ("drop the long", "DROP SCHEMA \"schema of sixty-three bytes, which is all that a name can ever \" CASCADE"),
    (
        "retype in the long",
        "DROP VIEW \"schema of sixty-three bytes, which is all that a name can ever \".\"w1 of sixty-three bytes, which is all that a name can ever have\" CASCADE; ALTER TABLE \"schema of sixty-three bytes, which is all that a name can ever \".\"t3 of sixty-three bytes, which is all that a name can ever have\" DROP CONSTRAINT \"fk of sixty-three bytes, which is all that a name can ever have\"; ALTER TABLE \"schema of sixty-three bytes, which is all that a name can ever \".\"t2 of sixty-three bytes, which is all that a name can ever have\" DROP \"g of sixty-three bytes, which is all that a name can ever have \", ALTER \"i of sixty-three bytes, which is all that a name can ever have \" TYPE bigint",
    ),
];
