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
    museum,
    server::Database,
    worker::{Applied, Choice, Verdict, Worker},
};
use crate::support::Chance;

/// The forms, by subject.
const FORMS: [&str; 4] = [
    include_str!("forms/tables.txt"),
    include_str!("forms/others.txt"),
    include_str!("forms/made.txt"),
    include_str!("forms/privileges.txt"),
];

/// What they are applied to.
const OBJECTS: &str = include_str!("forms/objects.sql");

/// How many objects are tried in the ordinary run until a form fits one.
const TRIED_MAX: usize = 12;

/// How many forms are tried at once in the ordinary run; where that goes wrong, each is tried alone.
const BUNDLE: usize = 8;

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

    fn name(&self) -> String {
        format!("{}: {}", self.kind, self.statement)
    }

    fn of_everything(&self, found: &[BTreeMap<String, String>]) -> Option<Case> {
        let one = |(number, words): (usize, &BTreeMap<String, String>)| vec![self.apply(words, Some(number))];
        let choices: Vec<Choice> = found.iter().enumerate().map(one).collect();
        (choices.len() > 1).then(|| Case { name: format!("everything: {}", self.name()), choices })
    }
}

/// What is to be tried, one after the other in one transaction.
#[derive(Debug, Clone)]
struct Case {
    name: String,
    choices: Vec<Choice>,
}

/// Every form for one object, and those with a star for all at once.
fn ordinary_cases(forms: &[Form], objects: &Objects, chance: &mut Chance) -> Vec<Case> {
    let mut cases = Vec::new();
    for (number, form) in forms.iter().enumerate() {
        let Some(found) = objects.get(&form.kind) else { continue };
        let mut choice: Choice = found.iter().map(|words| form.apply(words, Some(number))).collect();
        let start = chance.below(choice.len());
        choice.rotate_left(start);
        choice.truncate(TRIED_MAX);
        cases.push(Case { name: form.name(), choices: vec![choice] });
        if form.of_all {
            cases.extend(form.of_everything(found));
        }
    }
    cases
}

/// Every form for every object, all at once, and in sequences.
fn thorough_cases(forms: &[Form], objects: &Objects, sequences: usize, chance: &mut Chance) -> Vec<Case> {
    let mut cases = Vec::new();
    for form in forms {
        let Some(found) = objects.get(&form.kind) else { continue };
        cases.extend(found.iter().map(|words| Case { name: form.name(), choices: vec![vec![form.apply(words, None)]] }));
        cases.extend(form.of_everything(found));
    }
    let usable: Vec<&Form> = forms.iter().filter(|form| objects.contains_key(&form.kind)).collect();
    for _ in 0..sequences {
        let choices = (0..SEQUENCE).map(|place| {
            let form = usable[chance.below(usable.len())];
            let found = &objects[&form.kind];
            vec![form.apply(&found[chance.below(found.len())], Some(place))]
        });
        cases.push(Case { name: "sequences".to_owned(), choices: choices.collect() });
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
    fn add(&mut self, name: &str, verdict: &Verdict, done: &[Option<String>]) {
        let place = match verdict {
            Verdict::Restored => 0,
            Verdict::Refused(_) => 1,
            Verdict::NoStatement => 2,
            Verdict::Stuck(_) => 3,
            Verdict::Different(_) => 4,
        };
        self.counts.entry(name.to_owned()).or_default()[place] += 1;
        match verdict {
            Verdict::Refused(why) => drop(self.reasons.insert(format!("{name}: {why}"))),
            Verdict::Stuck(why) | Verdict::Different(why) => {
                let done: Vec<&str> = done.iter().flatten().map(String::as_str).collect();
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
    let mut chance = Chance::new(number("BACKSTOP_TEST_SEED").unwrap_or(42));
    let thorough = number("BACKSTOP_TEST_CASES").and_then(|cases| usize::try_from(cases).ok());
    let only = std::env::var("BACKSTOP_TEST_FORM").ok();
    let forms = forms(version.expect("a version").get(0));
    let objects = objects(&first.database).await;
    let mut all = match thorough {
        None => ordinary_cases(&forms, &objects, &mut chance),
        Some(sequences) => thorough_cases(&forms, &objects, sequences, &mut chance),
    };
    all.retain(|case| only.as_ref().is_none_or(|only| case.name.contains(only.as_str())));
    let size = if thorough.is_none() { BUNDLE } else { 1 };
    let (of_all, mut all): (Vec<Case>, Vec<Case>) = all.into_iter().partition(|case| case.choices.len() > 1);
    let mut bundles: Vec<Vec<Case>> = of_all.into_iter().map(|case| vec![case]).collect();
    while !all.is_empty() {
        bundles.push((0..size.min(all.len())).map(|_| all.swap_remove(chance.below(all.len()))).collect());
    }
    let (all, table) = (Arc::new(Mutex::new(bundles)), Arc::new(Mutex::new(Table::default())));
    let mut workers = vec![first];
    while workers.len() < WORKERS {
        workers.push(Worker::new(&template).await);
    }
    let mut runs = Vec::new();
    for worker in workers {
        let (all, table) = (all.clone(), table.clone());
        runs.push(tokio::spawn(async move {
            loop {
                let Some(bundle) = all.lock().expect("cases").pop() else { break };
                judge_all(&worker, &bundle, &table).await;
            }
        }));
    }
    for run in runs {
        run.await.expect("a worker");
    }
    let table = table.lock().expect("the table");
    table.print();
    assert!(table.faults.is_empty(), "{} faults", table.faults.len());
}

/// Several cases at once; each for itself where that led to anything but a restored database, or where the server did not take
/// one of them behind the others.
async fn judge_all(worker: &Worker, bundle: &[Case], table: &Mutex<Table>) {
    let mut alone: Vec<&Case> = bundle.iter().collect();
    if bundle.len() > 1 {
        let choices: Vec<Choice> = bundle.iter().flat_map(|case| case.choices.clone()).collect();
        let (verdict, done) = worker.judge(&choices).await;
        if verdict == Verdict::Restored {
            let mut done = done.into_iter();
            let mut table = table.lock().expect("the table");
            alone.retain(|case| {
                let is_done = done.by_ref().take(case.choices.len()).flatten().count() > 0;
                if is_done {
                    table.add(&case.name, &verdict, &[]);
                }
                !is_done
            });
        }
    }
    for case in alone {
        let (verdict, done) = worker.judge(&case.choices).await;
        table.lock().expect("the table").add(&case.name, &verdict, &done);
    }
}
