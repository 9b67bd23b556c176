//! All scenes, all prefixes, all blows.

use std::{
    collections::BTreeMap,
    env,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use backstop::sandbox::{Options, Sandbox};

use super::{
    application::Turn,
    blow::{Blow, crash, strike, to_the_gate},
    gate,
    proxy::{Moment, Proxy},
    scene::{SCENES, Scene},
    stage::{Rehearsal, Stage, Template, ended},
};
use crate::support::block_on;

/// How many cases are worked on side by side: most of a case is pauses of the program before another attempt.
const AT_ONCE: usize = 8;
/// The same where each has a server of its own.
const SERVERS_AT_ONCE: usize = 4;

/// Which cases of a blow an ordinary run takes: some of each scene, at other events for each blow; all of them where
/// `BACKSTOP_TEST_CRASHES` is `all`, as `just crashes` says.
struct Share {
    nth: usize,
    of: usize,
}

impl Share {
    fn of_this_run<C>(&self, cases: Vec<C>) -> Vec<C> {
        if env::var("BACKSTOP_TEST_CRASHES").is_ok_and(|which| which == "all") {
            return cases;
        }
        cases.into_iter().skip(self.nth).step_by(self.of).collect()
    }
}

/// A case: where it belongs to, and what it is.
struct Case<'a, C> {
    rehearsal: &'a Rehearsal<'a>,
    scene: &'a Scene,
    what: C,
}

/// What became of the cases of one scene and one blow.
#[derive(Default)]
struct Score {
    cases: usize,
    survived: usize,
    took: Duration,
}

/// Works on all cases, several at once, and says of each scene how many there were and how many survived.
fn all<C: Sync>(what: &str, at_once: usize, cases: &[Case<'_, C>], survive: impl Fn(&Case<'_, C>) + Sync) {
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for case in cases {
        scores.entry(case.scene.name).or_default().cases += 1;
    }
    let scores = Mutex::new(scores);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let since = Instant::now();
                    survive(case);
                    let mut scores = scores.lock().unwrap_or_else(PoisonError::into_inner);
                    let score = scores.entry(case.scene.name).or_default();
                    score.survived += 1;
                    score.took += since.elapsed();
                }
            });
        }
    });
    let scores = scores.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (scene, Score { cases, survived, took }) in &scores {
        let mean = took.as_secs_f64() / (*cases).max(1) as f64;
        eprintln!("crash matrix, {what}: {scene}: {cases} cases, {survived} survived, {mean:.1} s each");
    }
    let (cases, survived) = (cases.len(), scores.values().map(|score| score.survived).sum::<usize>());
    eprintln!("crash matrix, {what}: {cases} cases, {survived} survived, {} s", began.elapsed().as_secs());
    assert_eq!(cases, survived);
}

/// Every scene as it goes undisturbed, and the database that all of them begin with.
struct Rehearsals {
    template: Template,
    all: Vec<Rehearsal<'static>>,
}

/// Those of the tests that go on at this moment.
static REHEARSALS: Mutex<Weak<Rehearsals>> = Mutex::new(Weak::new());

/// One round of rehearsals for all tests that go on at the same time.
fn rehearsed() -> Arc<Rehearsals> {
    let mut shared = REHEARSALS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rehearsals) = shared.upgrade() {
        return rehearsals;
    }
    let template = Template::shared();
    let all = played_undisturbed(&template);
    let rehearsals = Arc::new(Rehearsals { template, all });
    *shared = Arc::downgrade(&rehearsals);
    rehearsals
}

fn played_undisturbed(template: &Template) -> Vec<Rehearsal<'static>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scene) = SCENES.get(number) else { return };
                    let _named = Named(format!("{}, undisturbed", scene.name));
                    let rehearsal = Rehearsal::of(scene, template);
                    done.lock().unwrap_or_else(PoisonError::into_inner).insert(number, rehearsal);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

/// Cases of every scene, each with every event before which it can be struck.
fn at_every_event<'a>(rehearsals: &'a [Rehearsal<'a>]) -> Vec<Case<'a, i64>> {
    let cases = |rehearsal: &'a Rehearsal<'a>| {
        (1..=rehearsal.events).map(move |what| Case { rehearsal, scene: rehearsal.scene(), what })
    };
    rehearsals.iter().flat_map(cases).collect()
}

#[test]
fn a_killed_runner_and_ended_sessions_lose_nothing() {
    let rehearsed = rehearsed();
    let Rehearsals { template, all: rehearsals } = &*rehearsed;
    for (nth, blow) in [Blow::KillRunner, Blow::EndSessions].into_iter().enumerate() {
        let cases = Share { nth: 4 * nth, of: 8 }.of_this_run(at_every_event(rehearsals));
        all(&format!("{blow:?}"), AT_ONCE, &cases, |Case { rehearsal, scene, what: seq }| {
            let _named = Named(format!("{}, event {seq}, {blow:?}", scene.name));
            let mut stage = Stage::set(scene, template.copy());
            block_on(async {
                let connection = stage.database.connect().await;
                gate::shut(&connection.client, *seq).await;
                let mut child = to_the_gate(&stage, &connection.client).await;
                stage.others_write(Turn::AtTheGate);
                strike(blow, &connection.client, &mut child).await;
            });
            stage.others_write(Turn::AfterTheBlow);
            stage.survive(&rehearsal.expected(template));
        });
    }
}

#[test]
fn a_crashed_server_loses_nothing() {
    let rehearsed = rehearsed();
    let Rehearsals { template, all: rehearsals } = &*rehearsed;
    let servers: Mutex<Vec<(Sandbox, Template)>> = Mutex::default();
    let server = || servers.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(new_server);
    let cases = Share { nth: 2, of: 12 }.of_this_run(at_every_event(rehearsals));
    all("crashed server", SERVERS_AT_ONCE, &cases, |Case { rehearsal, scene, what: seq }| {
        let _named = Named(format!("{}, event {seq}, the server crashes", scene.name));
        let (mut sandbox, copied) = server();
        let mut stage = Stage::set(scene, copied.copy_on(&sandbox));
        let mut child = block_on(async {
            let connection = stage.database.connect().await;
            gate::shut(&connection.client, *seq).await;
            let child = to_the_gate(&stage, &connection.client).await;
            stage.others_write(Turn::AtTheGate);
            child
        });
        crash(&mut sandbox, &stage, &mut child);
        stage.others_write(Turn::AfterTheBlow);
        stage.survive(&rehearsal.expected(template));
        drop(stage);
        servers.lock().unwrap_or_else(PoisonError::into_inner).push((sandbox, copied));
    });
}

/// A server that one case after another crashes.
fn new_server() -> (Sandbox, Template) {
    let sandbox = Sandbox::start(&Options { label: "crash matrix".to_owned(), ..Options::default() }).expect("a server");
    let template = Template::on(&sandbox);
    (sandbox, template)
}

#[test]
fn a_connection_cut_around_a_commit_loses_nothing() {
    let rehearsed = rehearsed();
    let Rehearsals { template, all: rehearsals } = &*rehearsed;
    for (nth, moment) in [Moment::BeforeCommit, Moment::BeforeReply].into_iter().enumerate() {
        let cases: Vec<Case<'_, usize>> = rehearsals
            .iter()
            .flat_map(|rehearsal| {
                (1..=rehearsal.commits).map(move |what| Case { rehearsal, scene: rehearsal.scene(), what })
            })
            .collect();
        let cases = Share { nth: 8 * nth, of: 16 }.of_this_run(cases);
        all(&format!("connection cut {moment:?}"), AT_ONCE, &cases, |Case { rehearsal, scene, what: commit }| {
            let _named = Named(format!("{}, commit {commit}, {moment:?}", scene.name));
            let mut stage = Stage::set(scene, template.copy());
            let proxy = Proxy::before(&stage.database, Some((*commit, moment)));
            for (command, _) in scene.commands() {
                if !proxy.has_cut() {
                    ended(&mut stage.program(command, &proxy.url).spawn());
                }
            }
            assert!(proxy.has_cut(), "there was no commit {commit}");
            stage.others_write(Turn::AfterTheBlow);
            stage.survive(&rehearsal.expected(template));
        });
    }
}

/// Says which case it was when a case fails.
struct Named(String);

impl Drop for Named {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the case that failed: {}", self.0);
        }
    }
}
