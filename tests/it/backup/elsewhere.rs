//! A backup that is kept elsewhere answers as one in the database does.

use std::{fs, sync::Arc};

use backstop::{
    catalog::OthersWork,
    drive::manifest::Manifest,
    machine::{Fidelity, TrialForm},
    plan::Sequences,
    postgres::{
        backup,
        connection::{ConnectOptions, connect},
        difference::{By, since},
        interrupt::interruption,
        later_writes::LaterWrites,
        restore::{RestoreRequest, RestoreScope, preview},
        trial::{RestoreInto, TrialRequest, into_database, trial_restore},
    },
};
use tokio_postgres::Client;

use super::harness::{Database, IMPATIENT, ask};
use crate::support::{Directory, Kept};

/// Names that no file has as they are, values that COPY must escape, types of the application, no columns, and a foreign key to a
/// table that no backup holds.
const PLACE: &str = r#"CREATE TYPE state AS ENUM ('new', 'pa\id');
    CREATE TABLE "a/b ü" (id int PRIMARY KEY, state state, note text, twice int GENERATED ALWAYS AS (id * 2) STORED, kind regclass);
    INSERT INTO "a/b ü" (id, state, note, kind)
        SELECT i, 'pa\id', E'\\N\t' || i || E'\n\\.\n' || CASE WHEN i % 3 = 0 THEN NULL ELSE '' END, 'pg_class' FROM generate_series(1, 40) AS i;
    CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES; INSERT INTO bare DEFAULT VALUES;
    CREATE TABLE loose (n numeric, b bytea, f float8, at timestamptz);
    INSERT INTO loose VALUES (1.00, '\x00ff', '-0', 'infinity'), (1.00, '\x00ff', '-0', 'infinity'), (NULL, NULL, 'NaN', NULL);
    CREATE TABLE outside (id int REFERENCES "a/b ü")"#;
const TABLES: [&str; 3] = ["a/b ü", "bare", "loose"];

async fn backed_up(store: Arc<backup::Store>) -> (Database, Client, Manifest) {
    let database = Database::with(store).await;
    database.run(PLACE).await;
    let taken = database.back_up(&TABLES).await;
    let client = database.session().await;
    let manifest = backup::read(&*database.store, &client, &taken.id).await.unwrap();
    assert_eq!(
        Manifest { paths: taken.paths.clone(), ..manifest.clone() },
        taken,
        "what a store gives back is what it was given"
    );
    (database, client, manifest)
}

#[tokio::test]
async fn it_is_verified_compared_and_looked_at_in_the_same_words() {
    let mut answers = Vec::new();
    for kept in [Kept::InTheDatabase, Kept::InADirectory] {
        let (database, client, manifest) = backed_up(kept.store()).await;
        let verified = backup::verify(&*database.store, &client, &manifest.id).await.unwrap();
        assert_eq!((verified.tables, verified.rows, verified.problems), (3, 45, Vec::new()));
        let migration = r#"INSERT INTO "a/b ü" (id) VALUES (99); INSERT INTO outside VALUES (99);
            UPDATE "a/b ü" SET note = 'x' WHERE id < 4; DELETE FROM loose WHERE n IS NULL; DELETE FROM bare"#;
        database.run(migration).await;
        let differences = since(&*database.store, &client, &manifest).await.unwrap();
        let by: Vec<By> = differences.tables.iter().map(|table| table.by).collect();
        assert_eq!(by, [By::Key, By::Multiset, By::Multiset]);
        let order = RestoreRequest {
            manifest: &manifest,
            store: &*database.store,
            changed: RestoreScope::Beneath,
            others: OthersWork::Tables,
            sequences: Sequences::Forward,
            run: None,
            later_writes: LaterWrites::Spare,
            patience: IMPATIENT,
            fidelity: Fidelity::Exact,
            memory: None,
        };
        let looked = preview(&client, &order).await.unwrap();
        assert_eq!(looked.misfits.iter().map(|misfit| misfit.rows).collect::<Vec<_>>(), [1]);
        assert_eq!(ask(&client, "SELECT 1 FROM pg_class WHERE relnamespace = pg_my_temp_schema()").await.len(), 0);
        answers.push((differences, looked.structure, looked.tables, looked.misfits));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn its_restore_can_be_tried_and_made_in_another_database() {
    let (database, _, manifest) = backed_up(Kept::InADirectory.store()).await;
    let options = ConnectOptions::from_url(&crate::support::server().url_of(&database.name)).unwrap();
    let (_interrupter, interruption) = interruption();
    let live = connect(&options, "backstop tests").await.unwrap();
    let setting = |options| TrialRequest {
        manifest: &manifest,
        store: &*database.store,
        options,
        live: &live.client,
        cancel: live.cancel(),
        interruption: &interruption,
    };
    let trial = trial_restore(&setting(&options)).await.unwrap();
    assert_eq!((trial.form, trial.tables, trial.rows), (TrialForm::Database, 2, 5), "{trial:?}");

    let role = database.role();
    database.run(&format!("CREATE ROLE {role} LOGIN")).await;
    let url = crate::support::server().url_of(&database.name);
    let host = url.rsplit_once('@').map_or_else(|| url.split_once("://").unwrap().1, |(_, host)| host);
    let lesser = ConnectOptions::from_url(&format!("postgresql://{role}@{host}")).unwrap();
    let trial = trial_restore(&setting(&lesser)).await.unwrap();
    assert_eq!((trial.form, trial.tables, trial.rows), (TrialForm::Schema, 3, 45), "{trial:?}");
    database.run(&format!("DROP ROLE {role}")).await;

    let other = format!("{}_other", database.name);
    let into = RestoreInto {
        manifest: &manifest,
        store: &*database.store,
        options: &options,
        live: &live.client,
        cancel: live.cancel(),
        database: &other,
        interruption: &interruption,
    };
    let filled = into_database(&into).await.unwrap();
    assert_eq!((filled.made, filled.tables, filled.rows), (true, 3, 45), "{filled:?}");
    database.run(&format!("DROP DATABASE {other}")).await;
}

#[tokio::test]
async fn rows_that_were_tampered_with_are_named() {
    let directory = Arc::new(Directory::new());
    let (database, client, manifest) = backed_up(directory.clone()).await;
    let file =
        |table: &str| directory.rows(&manifest, manifest.tables.iter().find(|copy| copy.name == table).expect("a copy"));
    let rows = fs::read_to_string(file("a/b ü")).unwrap();
    fs::write(file("a/b ü"), rows.replacen("\\t7\\n", "\\t8\\n", 1)).unwrap();
    fs::write(file("bare"), "what is this?\n").unwrap();
    fs::remove_file(file("loose")).unwrap();
    let found = backup::verify(&*database.store, &client, &manifest.id).await.unwrap();
    assert_eq!(found.problems.len(), 3, "{found:?}");
    assert!(found.problems[0].contains("the copy of public.a/b ü, was changed"), "{found:?}");
    assert!(found.problems[1].contains("the copy of public.bare, can't be read"), "{found:?}");
    assert!(found.problems[2].contains("the copy of public.loose, is gone"), "{found:?}");
    database.run("TRUNCATE loose").await;
    let order = RestoreRequest {
        manifest: &manifest,
        store: &*database.store,
        changed: RestoreScope::Beneath,
        others: OthersWork::Tables,
        sequences: Sequences::Forward,
        run: None,
        later_writes: LaterWrites::Spare,
        patience: IMPATIENT,
        fidelity: Fidelity::Exact,
        memory: None,
    };
    let failure = backstop::postgres::restore::restore(&client, &order).await.unwrap_err();
    assert_eq!(failure.code, "backstop::restore::copy_missing");
    assert_eq!(database.ask("SELECT count(*) FROM loose").await, [Some("0".to_owned())]);
}

#[tokio::test]
async fn a_store_that_loses_rows_is_found_out_before_the_backup_counts() {
    let database = Database::with(Arc::new(Directory::forgetful())).await;
    database.run("CREATE TABLE a (n int); INSERT INTO a VALUES (1)").await;
    let failure = database.take(&[database.session().await], &["a"]).await.unwrap_err();
    assert_eq!(failure.code, "backstop::backup::copy_differs");
    assert_eq!(database.traces().await, (0, 0));
}
