//! The store.

use tokio_postgres::Client;

use super::{
    complete::complete,
    make::{begin, write},
    manifest::{list, manifest},
    remove::remove,
    storage::copy_relation,
};
use crate::{
    drive::{
        backups::{Backups, NewBackup, NewCopy, Reply, StoredBackup, StoredRows, TableRows},
        manifest::{CopyId, Manifest},
    },
    machine::Failure,
};

/// Backups in the database that they are of.
#[derive(Debug, Clone, Copy, Default)]
pub struct InDatabase;

impl Backups<Client> for InDatabase {
    fn begin<'a>(&'a self, session: &'a Client, new: &'a NewBackup<'a>) -> Reply<'a, String> {
        Box::pin(begin(session, new))
    }

    /// The server reads the rows itself.
    fn write<'a>(&'a self, session: &'a Client, copy: &'a NewCopy<'a>, _rows: &'a dyn TableRows) -> Reply<'a, u64> {
        Box::pin(write(session, copy))
    }

    fn read<'a>(&'a self, session: &'a Client, copy: CopyId<'a>) -> Reply<'a, Option<StoredRows<'a>>> {
        Box::pin(async move { Ok(copy_relation(session, copy).await?.map(StoredRows::Relation)) })
    }

    /// In the open transaction.
    fn complete<'a>(&'a self, session: &'a Client, manifest: &'a Manifest) -> Reply<'a, Option<Failure>> {
        Box::pin(complete(session, manifest))
    }

    fn manifest<'a>(&'a self, session: &'a Client, id: &'a str) -> Reply<'a, Manifest> {
        Box::pin(manifest(session, id))
    }

    fn list<'a>(&'a self, session: &'a Client) -> Reply<'a, Vec<StoredBackup>> {
        Box::pin(list(session))
    }

    fn remove<'a>(&'a self, session: &'a Client, id: &'a str) -> Reply<'a, ()> {
        Box::pin(remove(session, id))
    }
}
