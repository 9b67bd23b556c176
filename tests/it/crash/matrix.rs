//! All scenes, all prefixes, all blows.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use backstop::sandbox::{Options, Sandbox};

use super::{
    blow::{Blow, crash, strike},
    gate,
    proxy::{Moment, Proxy},
    scene::{SCENES, Scene},
    stage::{Outcome, Stage, ended},
};
use crate::support::block_on;

/// How many cases are worked on side by side.
const AT_ONCE: usize = 4;

/// Works on all cases, several at once, and says how many there were and how many survived.
fn all<C: Sync>(what: &str, cases: &[C], survive: impl Fn(&C) + Sync) {
    let (next, survivors) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    survive(case);
                    survivors.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    eprintln!("{what}: {} cases, {} survived", cases.len(), survivors.load(Ordering::Relaxed));
}

/// Every scene with the number of its events and what it leaves when nothing happens to it.
fn rehearsed() -> Vec<(&'static Scene, i64, Outcome)> {
    let rehearse = |scene: &'static Scene| {
        let stage = Stage::shared(scene);
        let (events, outcome) = stage.undisturbed(&stage.database.url);
        (scene, events, outcome)
    };
    SCENES.iter().map(rehearse).collect()
}

#[test]
fn a_killed_runner_and_ended_sessions_lose_nothing() {
    let scenes = rehearsed();
    let cases: Vec<(&Scene, i64, Blow, &Outcome)> = scenes
        .iter()
        .flat_map(|(scene, events, outcome)| (1..=*events).map(move |seq| (*scene, seq, outcome)))
        .flat_map(|(scene, seq, outcome)| [Blow::KillRunner, Blow::EndSessions].map(|blow| (scene, seq, blow, outcome)))
        .collect();
    all("crash matrix, runner and sessions", &cases, |(scene, seq, blow, expected)| {
        let _case = Case(format!("{}, event {seq}, {blow:?}", scene.name));
        let stage = Stage::shared(scene);
        block_on(async {
            let connection = stage.database.connect().await;
            gate::shut(&connection.client, *seq).await;
            let mut child = stage.program("apply", &stage.database.url).spawn();
            let reached = gate::reached(&connection.client, || child.try_wait().unwrap().is_some()).await;
            assert!(reached, "the run ended before event {seq}");
            strike(*blow, &connection.client, &mut child).await;
        });
        stage.survive(expected);
    });
}

#[test]
fn a_crashed_server_loses_nothing() {
    let scenes = rehearsed();
    all("crash matrix, servers", &scenes, |(scene, events, expected)| {
        let mut sandbox =
            Sandbox::start(&Options { label: "crash matrix".to_owned(), ..Options::default() }).expect("a server");
        for seq in 1..=*events {
            let _case = Case(format!("{}, event {seq}, the server crashes", scene.name));
            let stage = Stage::on(scene, &sandbox);
            let mut child = block_on(async {
                let connection = stage.database.connect().await;
                gate::shut(&connection.client, seq).await;
                let mut child = stage.program("apply", &stage.database.url).spawn();
                let reached = gate::reached(&connection.client, || child.try_wait().unwrap().is_some()).await;
                assert!(reached, "the run ended before event {seq}");
                child
            });
            crash(&mut sandbox, &stage.database, &mut child);
            stage.survive(expected);
        }
        eprintln!("crash matrix, servers: {}: {events} crashes survived", scene.name);
    });
}

#[test]
fn a_connection_cut_around_a_commit_loses_nothing() {
    let scenes = rehearsed();
    let counted: Vec<(&Scene, usize, &Outcome)> = scenes
        .iter()
        .map(|(scene, _, outcome)| {
            let stage = Stage::shared(scene);
            let proxy = Proxy::before(&stage.database, None);
            stage.undisturbed(&proxy.url);
            (*scene, proxy.commits(), outcome)
        })
        .collect();
    let cases: Vec<(&Scene, usize, Moment, &Outcome)> = counted
        .iter()
        .flat_map(|(scene, commits, outcome)| (1..=*commits).map(move |commit| (*scene, commit, *outcome)))
        .flat_map(|(scene, commit, outcome)| {
            [Moment::BeforeCommit, Moment::BeforeReply].map(|moment| (scene, commit, moment, outcome))
        })
        .collect();
    all("crash matrix, cut connections", &cases, |(scene, commit, moment, expected)| {
        let _case = Case(format!("{}, commit {commit}, {moment:?}", scene.name));
        let stage = Stage::shared(scene);
        let proxy = Proxy::before(&stage.database, Some((*commit, *moment)));
        let mut child = stage.program("apply", &proxy.url).spawn();
        ended(&mut child);
        assert!(proxy.has_cut(), "there was no commit {commit}");
        stage.survive(expected);
    });
}

/// Says which case it was when a case fails.
struct Case(String);

impl Drop for Case {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the case that failed: {}", self.0);
        }
    }
}
