//! The schema that holds the copies, and who may read them.

use tokio_postgres::{Client, Error, error::SqlState};

use crate::{
    drive::manifest::CopyId,
    machine::Failure,
    postgres::{error_class, event_triggers::execute_without, ownership},
    sql::quote::{ident, literal, qualified},
};

/// Makes the schema where it is missing, and closes it: to everybody where it is made now, to PUBLIC where it is ours.
///
/// # Errors
/// `backstop::backup::no_schema` with what the server said, or as [`ownership::refuse_foreign`].
pub async fn ensure_schema(client: &Client, schema: &str) -> Result<(), Failure> {
    const LOOK: &str = "SELECT pg_catalog.pg_has_role(n.nspowner, 'USAGE') \
                        FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1";
    let failed = |error| {
        let mut failure = error_class::failure("backstop::backup::no_schema", &error);
        failure.message = format!("the schema {schema} for the copies could not be made: {}", failure.message);
        failure.hint(format!(
            "GRANT CREATE ON DATABASE ... to the role, or let it own the schema: CREATE SCHEMA {} AUTHORIZATION ....",
            ident(schema)
        ))
    };
    ownership::refuse_foreign(client, &[schema]).await?;
    let there = client.query_opt(LOOK, &[&schema]).await.map_err(failed)?;
    let ours = match there {
        Some(row) => row.try_get(0).map_err(failed)?,
        None => {
            execute_without(client, &format!("CREATE SCHEMA {}", ident(schema))).await.map_err(failed)?;
            close_schema(client, schema).await.map_err(failed)?;
            true
        }
    };
    if ours {
        execute_without(client, &format!("REVOKE ALL ON SCHEMA {} FROM PUBLIC", ident(schema))).await.map_err(failed)?;
    }
    Ok(())
}

/// Takes away what default privileges gave to others on a new schema.
async fn close_schema(client: &Client, schema: &str) -> Result<(), Error> {
    const GRANTEES: &str = "SELECT DISTINCT g.grantee::pg_catalog.regrole::text \
                            FROM pg_catalog.pg_namespace AS n, pg_catalog.aclexplode(n.nspacl) AS g \
                            WHERE n.nspname = $1 AND g.grantee NOT IN (0, n.nspowner)";
    for row in client.query(GRANTEES, &[&schema]).await? {
        let grantee: String = row.try_get(0)?;
        execute_without(client, &format!("REVOKE ALL ON SCHEMA {} FROM {grantee} CASCADE", ident(schema))).await?;
    }
    Ok(())
}

/// Takes away what default privileges gave to others on a new copy: it holds all rows, whatever row-level security hides.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn close_copy(client: &Client, schema: &str, copy: &str) -> Result<(), Error> {
    const GRANTEES: &str = "SELECT DISTINCT CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::pg_catalog.regrole::text END \
                            FROM pg_catalog.pg_class AS c, pg_catalog.aclexplode(c.relacl) AS g \
                            WHERE c.oid = $1::pg_catalog.text::pg_catalog.regclass AND g.grantee <> c.relowner";
    let copy = qualified(schema, copy);
    for row in client.query(GRANTEES, &[&copy]).await? {
        let grantee: String = row.try_get(0)?;
        execute_without(client, &format!("REVOKE ALL ON {copy} FROM {grantee} CASCADE")).await?;
    }
    Ok(())
}

/// Drops a copy, where it is there.
///
/// # Errors
/// The SQLSTATE that the server sent, or the loss of the connection.
pub async fn drop_copy(client: &Client, schema: &str, copy: &str) -> Result<(), Error> {
    execute_without(client, &format!("DROP TABLE IF EXISTS {}", qualified(schema, copy))).await
}

/// The quoted name of a copy, where it is there.
///
/// # Errors
/// `backstop::backup::not_read` with what the server said.
pub async fn copy_relation(client: &Client, CopyId { schema, copy, .. }: CopyId<'_>) -> Result<Option<String>, Failure> {
    let relation = qualified(schema, copy);
    let sql = format!("SELECT pg_catalog.to_regclass({}) IS NOT NULL", literal(&relation));
    let there = client.query_one(&sql, &[]).await.and_then(|row| row.try_get::<_, bool>(0));
    let there = there.map_err(|error| error_class::failure("backstop::backup::not_read", &error))?;
    Ok(there.then_some(relation))
}

/// What went wrong before anything was copied: `backstop::backup::not_prepared`, or `disk_full`.
pub fn not_prepared(error: &Error) -> Failure {
    match error.code() {
        Some(&SqlState::DISK_FULL) => disk_full(error),
        _ => error_class::failure("backstop::backup::not_prepared", error),
    }
}

fn disk_full(error: &Error) -> Failure {
    error_class::failure("backstop::backup::disk_full", error)
        .hint("Free space where the database lies, or prune old backups: `backstop backup prune`.")
}

/// What went wrong while copying, with advice by SQLSTATE.
pub fn copy_failure(what: &str, error: &Error) -> Failure {
    let failure = match error.code() {
        Some(&SqlState::DISK_FULL) => disk_full(error),
        _ => error_class::failure("backstop::backup::copy_failed", error),
    };
    let failure = Failure { message: format!("{what}: {}", failure.message), ..failure };
    match error.code() {
        Some(&SqlState::OUT_OF_MEMORY) => failure.hint(
            "Name fewer tables, use fewer workers, or raise the server's max_locks_per_transaction if it ran out of shared memory.",
        ),
        Some(&SqlState::INSUFFICIENT_PRIVILEGE) => failure.hint(
            "The role needs SELECT on every target and must see all of its rows: GRANT SELECT, and BYPASSRLS where row-level \
             security is on.",
        ),
        _ => failure,
    }
}
