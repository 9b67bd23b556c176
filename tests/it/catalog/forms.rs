//! Every form of the statements that change a database, as the manual's synopses have them, applied to the museum and taken back.
//!
//! What a form is applied to comes from the catalogs (`objects.sql`). Each case is a transaction that is rolled back: the form, the
//! way back from it, and a comparison by the catalogs alone. A form may be restored, refused before anything is touched, or be
//! no valid statement for the object; a way back that fails or leads elsewhere is a fault.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use super::{
    Chance, museum,
    server::Database,
    way_back::{Backup, NoWayBack},
};

/// The forms, by subject.
const FORMS: [&str; 4] = [
    include_str!("forms/tables.txt"),
    include_str!("forms/others.txt"),
    include_str!("forms/made.txt"),
    include_str!("forms/privileges.txt"),
];

/// What they are applied to.
const OBJECTS: &str = include_str!("forms/objects.sql");

/// What the database is, asked by other words than the program's.
const ORACLE: &str = include_str!("../random/oracle.sql");

/// How many objects are tried in the ordinary run until a form fits one.
const TRIED_MAX: usize = 12;

/// How many statements a random sequence has.
const SEQUENCE: usize = 5;

/// Databases that are worked on side by side.
const WORKERS: usize = 4;

/// One line of a list of forms.
#[derive(Debug, Clone)]
struct Form {
    /// What it is applied to.
    kind: String,
    /// The first server version that knows it.
    since: i32,
    /// With `{words}`.
    statement: String,
    /// Whether it is applied to everything at once in the ordinary run, too.
    of_all: bool,
}

fn forms(version: i32) -> Vec<Form> {
    let lines = FORMS.iter().flat_map(|list| list.lines()).filter(|line| !line.starts_with('#'));
    let form = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_else(|| panic!("{line}")).to_owned();
        let (kind, since, statement) = (part(), part(), part());
        Form {
            of_all: kind.ends_with('*'),
            kind: kind.trim_end_matches('*').to_owned(),
            since: since.parse().expect("a version"),
            statement,
        }
    };
    lines.map(form).filter(|form| form.since <= version / 10_000).collect()
}

/// The words for each object, by kind.
type Objects = BTreeMap<String, Vec<BTreeMap<String, String>>>;

async fn objects(database: &Database) -> Objects {
    let sql = format!("SELECT o.kind, o.words::text FROM ({}) AS o", OBJECTS.trim_end().trim_end_matches(';'));
    let mut objects = Objects::new();
    for row in database.client.query(&sql, &[&"bk"]).await.expect("objects") {
        let (kind, words): (String, String) = (row.get(0), row.get(1));
        let words: BTreeMap<String, serde_json::Value> = serde_json::from_str(&words).expect("words");
        let text = |value: serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        objects.entry(kind).or_default().push(words.into_iter().map(|(word, value)| (word, text(value))).collect());
    }
    objects
}

/// A form for one object: as it is, and with CASCADE.
#[derive(Debug, Clone)]
struct Applied {
    statements: Vec<String>,
}

impl Form {
    /// `number` tells new names apart.
    fn apply(&self, words: &BTreeMap<String, String>, number: Option<usize>) -> Applied {
        let mut sql = self.statement.clone();
        if let Some(number) = number {
            sql = sql.replace("new_thing", &format!("new_thing_{number}"));
        }
        for (word, text) in words {
            sql = sql.replace(&format!("{{{word}}}"), text);
        }
        let statements = match sql.strip_suffix("[CASCADE]") {
            Some(plain) => vec![plain.to_owned(), format!("{plain}CASCADE")],
            None => vec![sql],
        };
        Applied { statements }
    }
}

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Restored,
    Refused(String),
    NoStatement,
    Stuck(String),
    Different(String),
}

/// A database of its own, and how it was.
struct Worker {
    database: Database,
    backup: Backup,
    facts: Vec<String>,
}

impl Worker {
    async fn new(template: &str) -> Worker {
        let database = Database::copy("forms", template).await;
        let backup = Backup::take(&database, |_| true).await;
        let facts = facts(&database).await;
        Worker { database, backup, facts }
    }

    /// The verdict of what is applied, one after the other as far as the server takes it, and what it took.
    async fn judge(&self, all: &[Applied]) -> (Verdict, Vec<String>) {
        let client = &self.database.client;
        client.batch_execute("BEGIN; SET LOCAL search_path = ''").await.unwrap();
        let mut done = Vec::new();
        for applied in all {
            for sql in &applied.statements {
                client.batch_execute("SAVEPOINT form").await.unwrap();
                match client.batch_execute(&format!("{sql}; SET CONSTRAINTS ALL IMMEDIATE")).await {
                    Ok(()) => {
                        done.push(sql.clone());
                        break;
                    }
                    Err(_) => client.batch_execute("ROLLBACK TO form").await.unwrap(),
                }
            }
        }
        let verdict = if done.is_empty() { Verdict::NoStatement } else { self.back().await };
        client.batch_execute("ROLLBACK").await.unwrap();
        (verdict, done)
    }

    async fn back(&self) -> Verdict {
        let client = &self.database.client;
        let back = match self.backup.restore_in(client).await {
            Ok(back) => back,
            Err(NoWayBack::Refused(problems)) => {
                let lines: Vec<String> =
                    problems.iter().map(|problem| format!("{} {}", problem.object, problem.why)).collect();
                return Verdict::Refused(lines.join("; "));
            }
            Err(NoWayBack::Stuck(why)) => return Verdict::Stuck(why),
        };
        let mut found: Vec<String> = back.comparison.differences.iter().map(|change| format!("{change:?}")).collect();
        if found.is_empty() {
            let spelled = |facts: &[String]| -> BTreeSet<String> {
                let plain =
                    |line: &String| if back.comparison.respelled.is_empty() { line.clone() } else { unspelled(line) };
                facts.iter().map(plain).collect()
            };
            let (before, after) = (spelled(&self.facts), spelled(&facts(&self.database).await));
            found.extend(before.difference(&after).map(|line| format!("- {line}")));
            found.extend(after.difference(&before).map(|line| format!("+ {line}")));
            found.extend(self.backup.moved(client, &back).await);
        }
        if found.is_empty() { Verdict::Restored } else { Verdict::Different(found.join("\n")) }
    }
}

/// Without what a server changes when it reads its own text again.
fn unspelled(line: &str) -> String {
    ["::text", "::character varying", "[]", "(", ")"].iter().fold(line.to_owned(), |line, word| line.replace(word, ""))
}

async fn facts(database: &Database) -> Vec<String> {
    let rows = database.client.query(ORACLE, &[]).await.expect("facts");
    rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).collect()
}

/// What is to be tried: several candidates, of which the first that the server takes counts, or all of them.
struct Case {
    name: String,
    candidates: Vec<Vec<Applied>>,
    every: bool,
}

fn cases(forms: &[Form], objects: &Objects, thorough: Option<usize>, chance: &mut Chance) -> Vec<Case> {
    let mut cases = Vec::new();
    for form in forms {
        let Some(found) = objects.get(&form.kind) else { continue };
        let name = format!("{}: {}", form.kind, form.statement);
        let mut singles: Vec<Vec<Applied>> = found.iter().map(|words| vec![form.apply(words, None)]).collect();
        if thorough.is_none() {
            let start = chance.below(singles.len());
            singles.rotate_left(start);
            singles.truncate(TRIED_MAX);
        }
        cases.push(Case { name: name.clone(), candidates: singles, every: thorough.is_some() });
        if (form.of_all || thorough.is_some()) && found.len() > 1 {
            let all = found.iter().enumerate().map(|(number, words)| form.apply(words, Some(number))).collect();
            cases.push(Case { name: format!("everything: {name}"), candidates: vec![all], every: false });
        }
    }
    let usable: Vec<&Form> = forms.iter().filter(|form| objects.contains_key(&form.kind)).collect();
    for number in 0..thorough.unwrap_or_default() {
        let sequence = (0..SEQUENCE).map(|place| {
            let form = usable[chance.below(usable.len())];
            let found = &objects[&form.kind];
            form.apply(&found[chance.below(found.len())], Some(place))
        });
        cases.push(Case { name: format!("sequence {number}"), candidates: vec![sequence.collect()], every: false });
    }
    cases
}

/// What was found: for each form how often what, and what is wrong.
#[derive(Default)]
struct Table {
    counts: BTreeMap<String, [usize; 5]>,
    reasons: BTreeSet<String>,
    faults: Vec<String>,
}

impl Table {
    fn add(&mut self, name: &str, verdict: &Verdict, done: &[String]) {
        let place = match verdict {
            Verdict::Restored => 0,
            Verdict::Refused(_) => 1,
            Verdict::NoStatement => 2,
            Verdict::Stuck(_) => 3,
            Verdict::Different(_) => 4,
        };
        let name = if name.starts_with("sequence ") { "sequences" } else { name };
        self.counts.entry(name.to_owned()).or_default()[place] += 1;
        match verdict {
            Verdict::Refused(why) => drop(self.reasons.insert(format!("{name}: {why}"))),
            Verdict::Stuck(why) | Verdict::Different(why) => {
                let fault = format!("{name}\n{}\n=> {why}\n", done.join(";\n"));
                println!("{fault}");
                self.faults.push(fault);
            }
            Verdict::Restored | Verdict::NoStatement => {}
        }
    }

    fn print(&self) {
        println!("restored refused invalid stuck different form");
        let mut sums = [0; 5];
        for (name, counts) in &self.counts {
            counts.iter().enumerate().for_each(|(place, count)| sums[place] += count);
            let [a, b, c, d, e] = counts;
            println!("{a:8} {b:7} {c:7} {d:5} {e:9} {name}");
        }
        let [a, b, c, d, e] = sums;
        println!("{a:8} {b:7} {c:7} {d:5} {e:9} in all");
        for reason in &self.reasons {
            println!("refused: {reason}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_form_of_the_language_is_restored_or_refused() {
    let (template, _) = museum().await;
    let first = Worker::new(&template).await;
    let version = first.database.client.query_one("SELECT current_setting('server_version_num')::int", &[]).await;
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let mut chance = Chance(number("BACKSTOP_TEST_SEED").unwrap_or(42));
    let thorough = number("BACKSTOP_TEST_CASES").and_then(|cases| usize::try_from(cases).ok());
    let only = std::env::var("BACKSTOP_TEST_FORM").ok();
    let forms = forms(version.expect("a version").get(0));
    let mut all = cases(&forms, &objects(&first.database).await, thorough, &mut chance);
    all.retain(|case| only.as_ref().is_none_or(|only| case.name.contains(only.as_str())));
    all.reverse();
    let (all, table) = (Arc::new(Mutex::new(all)), Arc::new(Mutex::new(Table::default())));
    let mut workers = vec![first];
    while workers.len() < WORKERS {
        workers.push(Worker::new(&template).await);
    }
    let mut runs = Vec::new();
    for worker in workers {
        let (all, table) = (all.clone(), table.clone());
        runs.push(tokio::spawn(async move {
            loop {
                let Some(case) = all.lock().expect("cases").pop() else { break };
                judge_all(&worker, &case, &table).await;
            }
            worker.database.drop().await;
        }));
    }
    for run in runs {
        run.await.expect("a worker");
    }
    Database::discard(&template).await;
    let table = table.lock().expect("the table");
    table.print();
    assert!(table.faults.is_empty(), "{} faults", table.faults.len());
}

async fn judge_all(worker: &Worker, case: &Case, table: &Mutex<Table>) {
    let mut last = None;
    for candidate in &case.candidates {
        let (verdict, done) = worker.judge(candidate).await;
        if case.every || verdict != Verdict::NoStatement {
            table.lock().expect("the table").add(&case.name, &verdict, &done);
        }
        last = Some(verdict);
        if !case.every && last != Some(Verdict::NoStatement) {
            return;
        }
    }
    if !case.every && last.is_some() {
        table.lock().expect("the table").add(&case.name, &Verdict::NoStatement, &[]);
    }
}
