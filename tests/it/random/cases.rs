//! As many cases as are asked for.

use std::env;

use super::{
    case::{Arena, Case, Outcome},
    shrink::shrink,
};

/// How many cases an ordinary run tries; `BACKSTOP_TEST_CASES` says otherwise.
const CASES: u64 = 40;
/// The first seed; `BACKSTOP_TEST_SEED` says otherwise, and the following ones count on from it.
const SEED: u64 = 1;
/// Cases side by side.
const LANES: u64 = 2;
/// At most one case in so many may be refused beforehand.
const REFUSED_ONE_IN: u64 = 10;
/// More findings than this are not looked for.
const FINDINGS_MAX: usize = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_migration_of_every_database_is_taken_back() {
    let (first, cases) = (number("BACKSTOP_TEST_SEED", SEED), number("BACKSTOP_TEST_CASES", CASES));
    let lanes: Vec<_> = (0..LANES).map(|lane| tokio::spawn(lane_of(first, cases, lane))).collect();
    let (mut findings, mut taken, mut refused) = (Vec::new(), 0, Vec::new());
    for lane in lanes {
        let found = lane.await.expect("a lane ends");
        findings.extend(found.findings);
        taken += found.taken;
        refused.extend(found.refused);
    }
    println!(
        "{cases} cases from seed {first}: {taken} statements of migrations taken, {} cases refused beforehand",
        refused.len()
    );
    assert!(findings.is_empty(), "{}", findings.join("\n\n"));
    assert!(
        refused.len() as u64 * REFUSED_ONE_IN <= cases.max(REFUSED_ONE_IN * 2),
        "too many cases are refused beforehand:\n{}",
        refused.join("\n")
    );
}

#[derive(Default)]
struct Found {
    findings: Vec<String>,
    taken: usize,
    refused: Vec<String>,
}

async fn lane_of(first: u64, cases: u64, lane: u64) -> Found {
    let arena = Arena::open(&format!("lane{lane}")).await;
    let mut found = Found::default();
    for seed in (first..first + cases).filter(|seed| seed % LANES == lane) {
        let case = Case::of_seed(seed);
        match arena.run(&case).await {
            Outcome::Back(taken) => found.taken += taken,
            Outcome::Refused(why) => found.refused.push(format!("seed {seed}: {why}")),
            Outcome::Wrong(how) => {
                let (case, how) = shrink(&arena, case, how).await;
                let finding = told(seed, &case, &how);
                // A long run tells at once what it finds.
                println!("{finding}\n");
                found.findings.push(finding);
                if found.findings.len() >= FINDINGS_MAX {
                    break;
                }
            }
        }
    }
    found
}

/// What a person needs to see it again.
fn told(seed: u64, case: &Case, how: &str) -> String {
    format!(
        "BACKSTOP_TEST_SEED={seed} BACKSTOP_TEST_CASES=1 goes wrong, its backup being kept {:?}; the least of it that still does:\n-- setup\n{}\n-- migration\n{}\n-- what is wrong\n{how}",
        case.kept,
        told_statements(&case.setup),
        told_statements(&case.migration)
    )
}

fn told_statements(statements: &[String]) -> String {
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}
