//! Small plans.

use std::{collections::BTreeMap, time::Duration};

use crate::{machine::Cut, plan::*, render::ResolvedPlan};

/// What matters of a plan to the driver.
#[derive(Clone)]
pub struct Shape {
    pub transaction: Transaction,
    pub on_failure: OnFailure,
    pub on_interrupt: OnInterrupt,
    pub steps: Vec<StepShape>,
    pub edited: Option<usize>,
    pub sequences: Sequences,
}

/// What matters of a step.
#[derive(Clone, Copy)]
pub struct StepShape {
    pub transaction: StepTransaction,
    pub cut: Cut,
    pub has_undo: bool,
    pub attempts: u32,
}

/// A step in a transaction, with undo and three attempts.
pub const STEP: StepShape = StepShape { transaction: StepTransaction::Plan, cut: Cut::Whole, has_undo: true, attempts: 3 };
/// A step in batches.
pub const BATCHED: StepShape = StepShape { cut: Cut::Batches, ..STEP };
/// A step outside a transaction.
pub const BARE: StepShape = StepShape { transaction: StepTransaction::None, ..STEP };

impl Shape {
    /// A plan of these steps under this policy.
    pub fn new(on_failure: OnFailure, steps: &[StepShape]) -> Self {
        Shape {
            transaction: Transaction::Step,
            on_failure,
            on_interrupt: OnInterrupt::Hold,
            steps: steps.to_vec(),
            edited: None,
            sequences: Sequences::Forward,
        }
    }

    /// The same with sequences that go back to where they were.
    pub fn with_exact_sequences(self) -> Self {
        Shape { sequences: Sequences::Exact, ..self }
    }

    /// The same in one transaction.
    pub fn in_one(self) -> Self {
        Shape { transaction: Transaction::Plan, ..self }
    }

    /// The same with this policy for interruptions.
    pub fn on_interrupt(self, on_interrupt: OnInterrupt) -> Self {
        Shape { on_interrupt, ..self }
    }

    /// The same with another content of one step.
    pub fn edited(&self, index: usize) -> Self {
        Shape { edited: Some(index), ..self.clone() }
    }

    /// The plan.
    pub fn plan(&self) -> ResolvedPlan {
        let rollback = Rollback { on_failure: self.on_failure, on_interrupt: self.on_interrupt };
        let plan = Plan::<Rendered> {
            name: PlanName::parse("tested").expect("an id"),
            name_at: Place::default(),
            description: None,
            owner: None,
            links: Vec::new(),
            requires: Vec::new(),
            repeat: Repeat::Never,
            transaction: self.transaction,
            vars: BTreeMap::new(),
            templates: Vec::new(),
            session: Session {
                lock_timeout: Session::<Rendered>::LOCK_TIMEOUT,
                statement_timeout: Session::<Rendered>::STATEMENT_TIMEOUT,
                idle_in_transaction_session_timeout: Session::<Rendered>::IDLE_TIMEOUT,
                search_path: Vec::new(),
            },
            backup: Backup {
                schema: Text::plain(Backup::<Rendered>::SCHEMA),
                keep: Backup::<Rendered>::KEEP,
                writers: Writers::Block,
                sequences: self.sequences,
                verify: Default::default(),
                targets: Vec::new(),
                allow_uncovered: Vec::new(),
                execute_role: None,
                admin_role: None,
            },
            checks: Checks { before: Vec::new(), unchanged: Vec::new(), after: Vec::new() },
            steps: self.steps.iter().enumerate().map(|(index, step)| step.step(index)).collect(),
            rollback,
            lint: Vec::new(),
        };
        let mut plan = plan;
        if let Some(step) = self.edited.and_then(|index| plan.steps.get_mut(index)) {
            step.sql = Text::plain("SELECT 'edited'");
        }
        ResolvedPlan::for_test(plan, if self.edited.is_some() { "other fingerprint" } else { "fingerprint" })
    }
}

impl StepShape {
    fn step(self, index: usize) -> Step<Rendered> {
        Step {
            id: StepId::parse(&format!("s{index}")).expect("an id"),
            at: Place::default(),
            description: None,
            sql: Text::plain(format!("SELECT {index}")),
            transaction: self.transaction,
            batch: (self.cut == Cut::Batches).then(|| Batch {
                at: Place::default(),
                table: Text::plain("t"),
                key: Text::plain("id"),
                size: 1,
                target: Duration::from_secs(1),
                max_lag: None,
            }),
            retry: Retry { attempts: self.attempts, backoff: Duration::from_secs(1) },
            expect_rows: None,
            checks: Vec::new(),
            undo: self.has_undo.then(|| Text::plain(format!("SELECT -{index}"))),
            probe: None,
            lock_timeout: None,
            statement_timeout: None,
            lint: Vec::new(),
        }
    }
}
