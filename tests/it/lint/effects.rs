//! What rules say of effects other than locks, observed: after the bad example the server answers so, after the good one it
//! doesn't.

use std::collections::BTreeSet;

use backstop::{
    lint::{Example, RULES, Rule},
    plan::{StepTransaction, Transaction},
    sql::split,
};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::{
    claims::{example, version},
    linted::read,
};

/// What one rule says, and how a server shows it.
struct Effect {
    code: &'static str,
    /// What is done before the example; some of it may fail.
    before: &'static str,
    shown: Shown,
    /// The SQLSTATE with which the good example is refused, where that is what it is good for.
    refused: Option<&'static str>,
}

enum Shown {
    /// The bad example fails with this SQLSTATE; its text is given to the server as one.
    Fails(&'static str),
    /// It fails so in a transaction block.
    FailsInside(&'static str),
    /// It fails so when it is run for a second time.
    FailsAgain(&'static str),
    /// The last of these statements answers true, in the transaction of the last step.
    Answers(&'static str),
    /// Another session is answered true.
    AnswersOthers(&'static str),
    /// These statements are refused with the SQLSTATE.
    Refuses(&'static str, &'static str),
}

use Shown::{Answers, AnswersOthers, Fails, FailsAgain, FailsInside, Refuses};

const fn effect(code: &'static str, before: &'static str, shown: Shown) -> Effect {
    Effect { code, before, shown, refused: None }
}

const EFFECTS: [Effect; 32] = [
    effect("delete-all", "", Answers("SELECT count(*) = 0 FROM public.orders")),
    Effect {
        refused: Some("2BP01"),
        ..effect(
            "cascade",
            "CREATE VIEW public.newest AS SELECT id FROM public.recent_orders",
            Answers("SELECT to_regclass('public.newest') IS NULL"),
        )
    },
    effect(
        "drop-schema",
        "CREATE SCHEMA old_reports; CREATE VIEW old_reports.orders_by_day AS SELECT 1 AS day; CREATE TABLE old_reports.kept ()",
        Answers("SELECT to_regclass('old_reports.kept') IS NULL"),
    ),
    effect(
        "drop-database",
        "CREATE DATABASE old_shop",
        Answers("SELECT NOT EXISTS (SELECT FROM pg_database WHERE datname = 'old_shop')"),
    ),
    effect("needs-no-transaction", "", FailsInside("25001")),
    effect("never-run", "", FailsInside("25001")),
    effect("commit-in-body", "", FailsInside("2D000")),
    effect("several-without-transaction", "", Fails("25001")),
    // The transaction has ended where the step goes on.
    effect(
        "transaction-control",
        "UPDATE public.orders SET status = NULL WHERE id = 1",
        Answers("SELECT pg_current_xact_id_if_assigned() IS NULL"),
    ),
    effect("unreadable-sql", "", Fails("42601")),
    effect("unknown-sql", "", Fails("42601")),
    Effect {
        refused: Some("42P07"),
        ..effect(
            "concurrently-if-not-exists",
            "CREATE UNIQUE INDEX CONCURRENTLY orders_customer_idx ON public.orders (customer_id)",
            Answers("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = 'public.orders_customer_idx'::regclass"),
        )
    },
    effect("set-outlives-step", "", Answers("COMMIT; SELECT current_setting('work_mem') = '1GB'")),
    effect("enum-value-used", "", Fails("55P04")),
    effect("repeat-fails", "", FailsAgain("42P07")),
    effect("add-column-required", "", Fails("23502")),
    effect(
        "identifier-too-long",
        "",
        Answers("SELECT EXISTS (SELECT FROM pg_constraint WHERE octet_length(conname::text) = 63)"),
    ),
    effect(
        "many-tables-locked",
        "",
        Answers(
            "SELECT count(*) >= 3 FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' AND relation IN \
             ('public.orders'::regclass, 'public.customers'::regclass, 'public.events'::regclass)",
        ),
    ),
    effect(
        "plan-transaction-locks",
        "",
        Answers(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock' \
             AND relation = 'public.orders'::regclass)",
        ),
    ),
    // The operators and functions of the body are those of its caller.
    effect(
        "definer-search-path",
        "CREATE SCHEMA mine; CREATE FUNCTION mine.add(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT -1::bigint';
         CREATE AGGREGATE mine.count(*) (SFUNC = mine.add, STYPE = bigint, INITCOND = '0')",
        Answers("SET LOCAL search_path = mine, pg_catalog; SELECT public.order_count() = -1"),
    ),
    effect("definer-public", "", Answers("SELECT has_function_privilege('app', 'public.order_count()', 'EXECUTE')")),
    effect(
        "grant-to-public",
        "",
        Answers("CREATE ROLE lint_newcomer; SELECT has_table_privilege('lint_newcomer', 'public.orders', 'SELECT')"),
    ),
    effect("grant-all", "", Answers("SELECT has_table_privilege('app', 'public.orders', 'TRUNCATE')")),
    effect("owner-change", "", Answers("SELECT has_table_privilege('app', 'public.orders', 'TRUNCATE')")),
    effect(
        "row-security-without-policy",
        "GRANT SELECT ON public.orders TO app; UPDATE public.orders SET status = 'app' WHERE id = 1",
        Answers("SET LOCAL ROLE app; SELECT count(*) = 0 FROM public.orders"),
    ),
    effect(
        "row-security-disabled",
        "ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY",
        Answers(
            "CREATE ROLE lint_newcomer; GRANT SELECT ON public.customers TO lint_newcomer; SET LOCAL ROLE lint_newcomer;
             SELECT count(*) > 0 FROM public.customers",
        ),
    ),
    effect(
        "policy-always-true",
        "GRANT UPDATE ON public.orders TO app; ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY",
        Answers(
            "SET LOCAL ROLE app; UPDATE public.orders SET note = 'mine'; RESET ROLE;
             SELECT count(*) = 500 FROM public.orders WHERE note = 'mine'",
        ),
    ),
    effect(
        "insert-policy-without-check",
        "GRANT INSERT ON public.orders TO app; ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY",
        Refuses("SET LOCAL ROLE app; INSERT INTO public.orders (id, status) VALUES (1000001, 'app')", "42501"),
    ),
    effect(
        "password-in-sql",
        "",
        AnswersOthers(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
             AND query LIKE '%swordfish%')",
        ),
    ),
    effect("powerful-role", "", Answers("SELECT rolbypassrls FROM pg_roles WHERE rolname = 'app'")),
    // The name of a table holds SQL.
    effect(
        "dynamic-sql",
        "CREATE TABLE public.\"orders; DROP TABLE archive\" ()",
        Answers("SELECT to_regclass('public.archive') IS NULL"),
    ),
    Effect {
        refused: Some("23503"),
        ..effect(
            "replica-role",
            "ALTER TABLE public.orders ADD FOREIGN KEY (customer_id) REFERENCES public.customers",
            Answers(
                "SELECT EXISTS (SELECT FROM public.orders o WHERE NOT EXISTS \
             (SELECT FROM public.customers c WHERE c.id = o.customer_id))",
            ),
        )
    },
];

/// What no server alone could show: rules about the texts of plans, about what a run asks and keeps, and about the server's
/// machine. `missing-lock-timeout` and its like are about how long, not about whether.
const OF_PLANS: [&str; 21] = [
    "uncovered-write",
    "rows-uncounted",
    "client-copy",
    "no-probe",
    "missing-statement-timeout",
    "no-retry",
    "idle-exception",
    "no-after-check",
    "checks-only-warn",
    "check-cannot-fail",
    "checks-look-elsewhere",
    "writers-allow",
    "unattended-hold",
    "no-backup",
    "unused-variable",
    "both-ways",
    "template-in-literal",
    "batch-without-max-lag",
    "everything-uncovered",
    // It would be the setting of all other tests, too.
    "alter-system",
    // The language is an extension of the server that is not there.
    "untrusted-language",
];

#[test]
fn every_rule_is_observed_or_is_about_plans() {
    let mut observed: BTreeSet<&str> = EFFECTS.iter().map(|effect| effect.code).collect();
    observed.extend(RULES.iter().filter(|rule| rule.claim.is_some()).map(|rule| rule.code));
    observed.insert("missing-lock-timeout");
    let of_plans: BTreeSet<&str> = OF_PLANS.into_iter().collect();
    let all: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    let rest: Vec<&str> = all.difference(&observed).copied().filter(|code| !of_plans.contains(code)).collect();
    assert!(rest.is_empty(), "neither observed nor about plans: {rest:?}");
    let both: Vec<&str> = observed.intersection(&of_plans).copied().collect();
    assert!(both.is_empty(), "both: {both:?}");
    assert!(of_plans.is_subset(&all), "{:?}", of_plans.difference(&all));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_seen_after_bad_examples_and_not_after_good_ones() {
    let mut broken = Vec::new();
    for effect in &EFFECTS {
        let rule = backstop::lint::rule_called(effect.code).unwrap();
        if let Err(why) = bad(rule, effect).await {
            broken.push(format!("{}: the bad example: {why}", effect.code));
        }
        if let Err(why) = good(rule, effect).await {
            broken.push(format!("{}: the good example: {why}", effect.code));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

async fn bad(rule: &Rule, effect: &Effect) -> Result<(), String> {
    let database = example().await;
    let (session, other) = (database.connect().await, database.connect().await);
    let client = &session.client;
    prepared(client, effect).await;
    let fails = |outcome: Result<(), String>, state: &str| match outcome {
        Err(seen) if seen == state => Ok(()),
        other => Err(format!("expected {state}, and seen {other:?}")),
    };
    match effect.shown {
        Fails(state) => fails(run(client, text(rule.bad)).await, state),
        FailsInside(state) => fails(run(client, &format!("BEGIN; {}", text(rule.bad))).await, state),
        FailsAgain(state) => {
            steps(client, rule.bad).await.map_err(|state| format!("at first {state}"))?;
            run(client, "COMMIT").await?;
            fails(steps(client, rule.bad).await, state)
        }
        Answers(asked) => {
            steps(client, rule.bad).await?;
            answered(client, asked).await.and_then(|is_so| is_so.then_some(()).ok_or("it is not so".to_owned()))
        }
        AnswersOthers(asked) => {
            steps(client, rule.bad).await?;
            answered(&other.client, asked).await.and_then(|is_so| is_so.then_some(()).ok_or("it is not so".to_owned()))
        }
        Refuses(sql, state) => {
            steps(client, rule.bad).await?;
            fails(run(client, sql).await, state)
        }
    }
}

async fn good(rule: &Rule, effect: &Effect) -> Result<(), String> {
    let database = example().await;
    let session = database.connect().await;
    let client = &session.client;
    if rule.good.since() > Some(version(client).await) {
        return Ok(());
    }
    prepared(client, effect).await;
    match (steps(client, rule.good).await, effect.refused) {
        (Err(seen), Some(state)) if seen == state => return Ok(()),
        (outcome, Some(state)) => return Err(format!("expected {state}, and seen {outcome:?}")),
        (outcome, None) => outcome?,
    }
    match effect.shown {
        Fails(_) | FailsInside(_) => Ok(()),
        FailsAgain(_) => {
            run(client, "COMMIT").await?;
            steps(client, rule.good).await
        }
        Answers(asked) | AnswersOthers(asked) => match answered(client, asked).await? {
            true => Err("it is so here, too".to_owned()),
            false => Ok(()),
        },
        Refuses(sql, _) => run(client, sql).await,
    }
}

/// The role of the examples, and what the effect wants.
async fn prepared(client: &Client, effect: &Effect) {
    let role = "DO $$ BEGIN CREATE ROLE app; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    client.batch_execute(role).await.unwrap();
    for statement in split(effect.before).unwrap() {
        // What is refused is there to leave something behind.
        let _ = client.batch_execute(statement.text()).await;
    }
}

fn text(example: Example) -> &'static str {
    match example {
        Example::Steps([only]) => only.sql,
        _ => panic!("an example of one step is wanted"),
    }
}

/// Runs the steps as a run does, and stays in the transaction of the last.
async fn steps(client: &Client, example: Example) -> Result<(), String> {
    let (_, resolved) = read(&example.plan());
    let plan = resolved.plan();
    for (nth, step) in plan.steps.iter().enumerate() {
        let is_outside = step.transaction == StepTransaction::None;
        if nth > 0 && plan.transaction != Transaction::Plan {
            // There is none open after a step outside of any.
            run(client, "COMMIT").await?;
        }
        if !is_outside && (nth == 0 || plan.transaction != Transaction::Plan) {
            run(client, "BEGIN").await?;
        }
        run(client, step.sql.shown()).await?;
    }
    Ok(())
}

/// Runs a text; an error is its SQLSTATE.
async fn run(client: &Client, sql: &str) -> Result<(), String> {
    client
        .batch_execute(sql)
        .await
        .map_err(|error| error.code().map_or("no answer".to_owned(), |code| code.code().to_owned()))
}

/// What the last statement answers; all is taken back.
async fn answered(client: &Client, asked: &str) -> Result<bool, String> {
    let messages = client.simple_query(asked).await.map_err(|error| format!("{error:?}"))?;
    let last = messages.iter().rev().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(|value| value == "t"),
        _ => None,
    });
    run(client, "ROLLBACK").await?;
    last.ok_or("no answer".to_owned())
}

/// Readers queue up behind a statement that waits for a strong lock itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_wait_behind_what_waits_for_its_lock() {
    let database = example().await;
    let (long, changes, reads) = (database.connect().await, database.connect().await, database.connect().await);
    let watches = database.connect().await;
    run(&long.client, "BEGIN; SELECT count(*) FROM public.orders").await.unwrap();
    let waiting = tokio::spawn(async move { run(&changes.client, text(missing_lock_timeout().bad)).await });
    let asked = "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'public.orders'::regclass AND NOT granted)";
    for _ in 0..400 {
        if answered(&watches.client, asked).await.unwrap() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let read = run(&reads.client, "SET lock_timeout = '200ms'; SELECT count(*) FROM public.orders").await;
    assert_eq!(read, Err("55P03".to_owned()));
    run(&long.client, "COMMIT").await.unwrap();
    waiting.await.unwrap().unwrap();
}

fn missing_lock_timeout() -> &'static Rule {
    backstop::lint::rule_called("missing-lock-timeout").unwrap()
}
