//! Backups in a directory: a file of rows in COPY's format for each table, and one manifest.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use backstop::{
    drive::{
        backups::{BackupStatus, Backups, NewBackup, NewCopy, Pieces, Reply, StoredBackup, StoredRows, TableRows},
        manifest::{CopyId, Manifest, TableCopy},
    },
    machine::Failure,
    postgres::backup::{InDatabase, Store},
};
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Where the backups of a scene are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    InTheDatabase,
    InADirectory,
}

impl Kept {
    /// A store, which is empty where it is none of the database.
    pub fn store(self) -> Arc<Store> {
        match self {
            Kept::InTheDatabase => Arc::new(InDatabase),
            Kept::InADirectory => Arc::new(Directory::new()),
        }
    }
}

/// Makes a test of each of these scenes for every place where backups are kept.
macro_rules! wherever_backups_are_kept {
    ($($scene:ident,)+) => {
        mod in_the_database {
            $(#[tokio::test]
            async fn $scene() {
                super::$scene($crate::support::Kept::InTheDatabase).await;
            })+
        }
        mod in_a_directory {
            $(#[tokio::test]
            async fn $scene() {
                super::$scene($crate::support::Kept::InADirectory).await;
            })+
        }
    };
}
pub(crate) use wherever_backups_are_kept;

/// Pieces are shorter than a row may be, so that they end within rows.
const PIECE_BYTES: usize = 100;

/// A store that knows nothing of the session.
#[derive(Debug)]
pub struct Directory {
    root: TempDir,
    is_forgetful: bool,
}

impl Directory {
    /// An empty one, which goes with the value.
    pub fn new() -> Self {
        Directory { root: tempfile::tempdir().expect("a directory"), is_forgetful: false }
    }

    /// One that keeps nothing of the rows that it is given.
    pub fn forgetful() -> Self {
        Directory { is_forgetful: true, ..Directory::new() }
    }

    fn of(&self, backup: &str) -> PathBuf {
        self.root.path().join(backup)
    }

    /// The file of a table's rows.
    pub fn rows(&self, manifest: &Manifest, table: &TableCopy) -> PathBuf {
        self.file(manifest.copy_id(table))
    }

    fn file(&self, id: CopyId<'_>) -> PathBuf {
        let letter = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02x}"),
        };
        self.of(id.backup).join(format!("{}.copy", id.copy.bytes().map(letter).collect::<String>()))
    }

    fn begin(&self, new: &NewBackup<'_>) -> Result<String, Failure> {
        let now = Timestamp::now();
        for later in 0..60 {
            let moment = now + SignedDuration::from_secs(later);
            let id = moment.strftime("%Y_%m_%d_%H_%M_%S").to_string();
            match fs::create_dir(self.of(&id)) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                made => {
                    made.map_err(failed)?;
                    let begun = json!({
                        "begun": {"schema": new.schema, "plan": new.plan, "run": new.run, "at": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ").to_string()}
                    });
                    self.put(&id, &begun)?;
                    return Ok(id);
                }
            }
        }
        Err(Failure::permanent("backstop::backup::not_prepared", "no id is free"))
    }

    fn put(&self, id: &str, manifest: &Value) -> Result<(), Failure> {
        let (new, place) = (self.of(id).join("manifest.new"), self.of(id).join("manifest.json"));
        fs::write(&new, manifest.to_string()).and_then(|()| fs::rename(new, place)).map_err(failed)
    }

    fn get(&self, id: &str) -> Result<Value, Failure> {
        match fs::read(self.of(id).join("manifest.json")) {
            Ok(text) => Ok(serde_json::from_slice(&text).expect("a manifest")),
            Err(_) => Err(Failure::permanent("backstop::backup::unknown", format!("there is no backup {id}"))),
        }
    }

    fn complete(&self, manifest: &Manifest) -> Result<Option<Failure>, Failure> {
        let mut value = self.get(&manifest.id)?;
        value["complete"] = serde_json::to_value(manifest).expect("a manifest");
        self.put(&manifest.id, &value).map(|()| None)
    }

    fn manifest(&self, id: &str) -> Result<Manifest, Failure> {
        match self.get(id)?.get_mut("complete").map(Value::take) {
            Some(manifest) => Ok(serde_json::from_value(manifest).expect("a manifest")),
            None => Err(Failure::permanent("backstop::backup::incomplete", format!("the backup {id} was never finished"))),
        }
    }

    fn list(&self) -> Result<Vec<StoredBackup>, Failure> {
        let mut backups = Vec::new();
        for entry in fs::read_dir(self.root.path()).map_err(failed)? {
            let id = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let value = self.get(&id)?;
            let begun = |field: &str| value["begun"][field].as_str().map(str::to_owned);
            let manifest = self.manifest(&id).ok();
            let tables = manifest.iter().flat_map(|manifest| &manifest.tables);
            backups.push(StoredBackup {
                schema: begun("schema").expect("a schema"),
                plan: begun("plan").expect("a plan"),
                run: begun("run"),
                created_at: begun("at").expect("a moment"),
                status: if manifest.is_some() { BackupStatus::Complete } else { BackupStatus::Partial },
                tables: tables.clone().count() as u64,
                rows: tables.clone().map(|table| table.content.rows).sum(),
                bytes: tables.map(|table| table.bytes).sum(),
                id,
            });
        }
        backups.sort_by(|a, b| (&b.created_at, &b.id).cmp(&(&a.created_at, &a.id)));
        Ok(backups)
    }

    async fn write(&self, id: CopyId<'_>, rows: &dyn TableRows) -> Result<u64, Failure> {
        let mut file = File::create_new(self.file(id)).map_err(failed)?;
        let mut pieces = rows.pieces().await?;
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if !self.is_forgetful {
                file.write_all(&piece).map_err(failed)?;
            }
        }
        file.sync_all().and_then(|()| file.metadata()).map(|metadata| metadata.len()).map_err(failed)
    }
}

fn read(path: &Path) -> Result<Option<StoredRows<'static>>, Failure> {
    match File::open(path) {
        Ok(file) => {
            let pieces = stream::try_unfold(file, |mut file| async move {
                let mut piece = vec![0; PIECE_BYTES];
                let bytes = file.read(&mut piece).map_err(failed)?;
                piece.truncate(bytes);
                Ok((bytes > 0).then_some((piece, file)))
            });
            Ok(Some(StoredRows::Pieces(Box::pin(pieces) as Pieces<'_>)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

fn failed(error: std::io::Error) -> Failure {
    Failure::permanent("backstop::backup::not_read", error.to_string())
}

impl<S: ?Sized + Sync> Backups<S> for Directory {
    fn begin<'a>(&'a self, _: &'a S, new: &'a NewBackup<'a>) -> Reply<'a, String> {
        Box::pin(async move { self.begin(new) })
    }

    fn write<'a>(&'a self, _: &'a S, copy: &'a NewCopy<'a>, rows: &'a dyn TableRows) -> Reply<'a, u64> {
        Box::pin(self.write(copy.id, rows))
    }

    fn read<'a>(&'a self, _: &'a S, copy: CopyId<'a>) -> Reply<'a, Option<StoredRows<'a>>> {
        Box::pin(async move { read(&self.file(copy)) })
    }

    fn complete<'a>(&'a self, _: &'a S, manifest: &'a Manifest) -> Reply<'a, Option<Failure>> {
        Box::pin(async move { self.complete(manifest) })
    }

    fn manifest<'a>(&'a self, _: &'a S, id: &'a str) -> Reply<'a, Manifest> {
        Box::pin(async move { self.manifest(id) })
    }

    fn list<'a>(&'a self, _: &'a S) -> Reply<'a, Vec<StoredBackup>> {
        Box::pin(async move { self.list() })
    }

    fn remove<'a>(&'a self, _: &'a S, id: &'a str) -> Reply<'a, ()> {
        Box::pin(async move {
            match fs::remove_dir_all(self.of(id)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
                _ => Ok(()),
            }
        })
    }
}
