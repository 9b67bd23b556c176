//! A disk of a few megabytes.

use std::{
    fs,
    fs::File,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{TestDatabase, psql, server};

const BALLAST: &str = "ballast";
/// What the server says when its disk is full.
const SAYS: &str = "could not extend file: No space left on device";
/// Rows that fill the journal's last pages; the run of theirs does not exist.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
const BALLAST_EVENTS_MAX: u32 = 100_000;

/// A disk of a few megabytes on which a database's new tables lie, the journal among them: a tablespace on a file system of its
/// own where this user may mount one, else a server that says what it would say then to all who are no superusers.
pub enum SmallDisk {
    Real { mount: PathBuf, tablespace: String },
    Played,
}

impl SmallDisk {
    /// For tables that are made from now on.
    pub fn of(database: &TestDatabase, megabytes: u32) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let tablespace = format!("small_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mount = std::env::temp_dir().join(format!("backstop-{tablespace}"));
        fs::create_dir_all(&mount).unwrap();
        let size = format!("size={megabytes}m,mode=0777");
        if !succeeds(Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&mount)) {
            fs::remove_dir(&mount).unwrap();
            play(database);
            return SmallDisk::Played;
        }
        let (space, owner) = (mount.join("space"), database.one("SHOW data_directory"));
        fs::create_dir(&space).unwrap();
        assert!(succeeds(Command::new("chown").arg(format!("--reference={owner}")).arg(&space)));
        database.execute(&format!("CREATE TABLESPACE {tablespace} LOCATION '{}'", space.display()));
        database.execute(&format!("GRANT CREATE ON TABLESPACE {tablespace} TO PUBLIC"));
        database.execute(&format!("ALTER DATABASE \"{}\" SET default_tablespace = '{tablespace}'", database.name));
        SmallDisk::Real { mount, tablespace }
    }

    /// Leaves so many kilobytes.
    pub fn fill(&self, database: &TestDatabase, but: u64) {
        match self {
            SmallDisk::Real { mount, .. } => {
                let mut ballast = File::create(mount.join(BALLAST)).unwrap();
                let kilobyte = [0; 1024];
                let mut written: u64 = 0;
                while ballast.write_all(&kilobyte).is_ok() {
                    written += 1;
                }
                ballast.set_len(written.saturating_sub(but) * 1024).unwrap();
            }
            SmallDisk::Played => database.execute("INSERT INTO played.full_disk VALUES (1)"),
        }
    }

    /// Leaves nothing, not even in the pages that the journal has already.
    pub fn fill_journal(&self, database: &TestDatabase) {
        self.fill(database, 0);
        match self {
            SmallDisk::Real { .. } => {
                for event in 1..BALLAST_EVENTS_MAX {
                    let row = format!(
                        "SET session_replication_role = replica;
                         INSERT INTO backstop.events (run, seq, actor, kind, event) VALUES ('{NOBODY}', {event}, '', '', '{{}}')"
                    );
                    if let Err(said) = psql(&database.url, &row) {
                        assert!(said.contains("No space left"), "{said}");
                        return;
                    }
                }
                panic!("the journal has no end");
            }
            SmallDisk::Played => database.execute(&format!(
                "CREATE FUNCTION played.no_event() RETURNS trigger LANGUAGE plpgsql AS
                     $$ BEGIN RAISE '{SAYS}' USING ERRCODE = '53100'; END $$;
                 CREATE TRIGGER full_disk BEFORE INSERT ON backstop.events FOR EACH ROW EXECUTE FUNCTION played.no_event()"
            )),
        }
    }

    /// Makes space.
    pub fn free(&self, database: &TestDatabase) {
        match self {
            SmallDisk::Real { mount, .. } => {
                fs::remove_file(mount.join(BALLAST)).unwrap();
                let events =
                    format!("SET session_replication_role = replica; DELETE FROM backstop.events WHERE run = '{NOBODY}'");
                if database.one("SELECT to_regclass('backstop.events') IS NOT NULL") == "t" {
                    database.psql(&events);
                }
            }
            SmallDisk::Played => {
                database.execute("DELETE FROM played.full_disk");
                if database.one("SELECT to_regprocedure('played.no_event()') IS NOT NULL") == "t" {
                    database.execute("DROP FUNCTION played.no_event() CASCADE");
                }
            }
        }
    }

    /// Gives everything back, after the last database that uses it is gone.
    pub fn remove(self) {
        if let SmallDisk::Real { tablespace, .. } = &self {
            psql(&server().url, &format!("DROP TABLESPACE {tablespace}")).unwrap();
        }
    }
}

/// While the disk is full, whatever makes or rewrites a table says so; what is backstop's own finds space. Superusers would switch it off.
fn play(database: &TestDatabase) {
    database.execute(&format!(
        "CREATE SCHEMA played;
         CREATE TABLE played.full_disk (n int);
         CREATE FUNCTION played.no_space() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             IF EXISTS (SELECT FROM played.full_disk)
                AND EXISTS (SELECT FROM pg_event_trigger_ddl_commands() AS c WHERE c.object_identity NOT LIKE '%backstop%') THEN
                 RAISE '{SAYS}' USING ERRCODE = '53100';
             END IF;
         END $$;
         CREATE EVENT TRIGGER full_disk ON ddl_command_end WHEN TAG IN ('CREATE TABLE AS', 'ALTER TABLE')
         EXECUTE FUNCTION played.no_space()"
    ));
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let SmallDisk::Real { mount, .. } = self {
            // Lazily: where the test failed, the server still has files open in it.
            succeeds(Command::new("umount").arg("-l").arg(&*mount));
            let _ = fs::remove_dir(mount);
        }
    }
}

fn succeeds(command: &mut Command) -> bool {
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
