//! How queries are sent: all at once, and prepared where the session keeps them.

use futures_util::future::try_join_all;
use tokio_postgres::{
    Client, Error, Row,
    types::{ToSql, Type},
};

use super::{
    prepared::Prepared,
    versions::VersionsReport,
    watched::{ReadableCatalogs, question, watched},
};

/// A value, and what it is for the server.
pub(super) type Given<'a> = (&'a (dyn ToSql + Sync), Type);

/// Who asks.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) client: &'a Client,
    /// The schemas to leave out.
    pub(super) left_out: &'a Vec<String>,
    /// Where queries are kept prepared.
    pub(super) prepared: Option<&'a Prepared>,
    /// Whether it waits for locks of others as long as the session does.
    pub(super) waits: bool,
}

impl Asking<'_> {
    pub(super) async fn one(&self, text: &str, with: &[Given<'_>]) -> Result<Vec<Row>, Error> {
        let Some(prepared) = self.prepared else { return self.client.query_typed(text, with).await };
        let (values, types): (Vec<&(dyn ToSql + Sync)>, Vec<Type>) = with.iter().cloned().unzip();
        let statement = prepared.statement(self.client, text, &types).await?;
        self.client.query(&statement, &values).await
    }

    /// The answers of queries that take nothing but the schemas to leave out.
    pub(super) async fn objects(&self, texts: &[String]) -> Result<Vec<Row>, Error> {
        let answers = texts.iter().map(|text| async move { self.one(text, &[(self.left_out, Type::TEXT_ARRAY)]).await });
        Ok(try_join_all(answers).await?.into_iter().flatten().collect())
    }

    /// The answers of queries that give some objects alone, by their numbers.
    pub(super) async fn some(&self, asked: &[(String, Vec<u32>)]) -> Result<Vec<Row>, Error> {
        let answers = asked.iter().map(|(text, oids)| async move {
            self.one(text, &[(self.left_out, Type::TEXT_ARRAY), (oids, Type::OID_ARRAY)]).await
        });
        Ok(try_join_all(answers).await?.into_iter().flatten().collect())
    }

    /// Which row versions the catalogs hold that were not settled at a point, and all of those in some catalogs.
    pub(super) async fn report(
        &self,
        since: i64,
        all_of: &Vec<i32>,
        catalogs: ReadableCatalogs,
    ) -> Result<VersionsReport, Error> {
        let rows = self.one(&question(catalogs), &[(&since, Type::INT8), (all_of, Type::INT4_ARRAY)]).await?;
        VersionsReport::of(&rows, catalogs)
    }

    /// The row versions of all catalogs now.
    pub(super) async fn first_report(&self, catalogs: ReadableCatalogs) -> Result<VersionsReport, Error> {
        self.report(0, &watched(catalogs.version).map(|(place, _)| place).collect(), catalogs).await
    }

    /// What of the catalogs this role may read on this server.
    pub(super) async fn readable(&self) -> Result<ReadableCatalogs, Error> {
        const QUESTION: &str = "SELECT pg_catalog.current_setting('server_version_num')::int4, \
                                pg_catalog.has_column_privilege('pg_catalog.pg_subscription', 'subconninfo', 'SELECT')";
        let row = self.client.query_typed_one(QUESTION, &[]).await?;
        Ok(ReadableCatalogs {
            version: u32::try_from(row.try_get::<_, i32>(0)?).unwrap_or_default(),
            has_connections: row.try_get(1)?,
        })
    }
}
