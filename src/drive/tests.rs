//! Drives through an executor in memory: truthful, failing and lying.

mod batches;
mod everywhere;
mod plans;
mod scenarios;
mod sim;

use std::time::Duration;

use futures_util::FutureExt;

use super::{
    DriveOutcome, Driver,
    ended::DriveError,
    ports::{Clock, Observer, Recorded},
};
use crate::{
    machine::{Failure, Settlement, StepSettled},
    render::ResolvedPlan,
};
use plans::Shape;
use sim::Sim;

/// Time that passes at once; all of it is counted.
#[derive(Default)]
struct Instant(Duration);

impl Clock for Instant {
    async fn sleep(&mut self, time: Duration) {
        self.0 += time;
    }

    fn chance(&mut self) -> f64 {
        1.0
    }
}

/// What the observer was told.
#[derive(Default)]
struct Told {
    events: Vec<Recorded>,
    waits: Vec<Duration>,
}

impl Observer for Told {
    fn stored(&mut self, recorded: &Recorded) {
        self.events.push(recorded.clone());
    }

    fn waiting(&mut self, time: Duration, _why: &Failure) {
        self.waits.push(time);
    }
}

/// An executor, a plan, and what was told so far.
struct Bench {
    plan: ResolvedPlan,
    sim: Sim,
    told: Told,
    clock: Instant,
}

impl Bench {
    fn new(shape: &Shape) -> Self {
        let plan = shape.plan();
        Bench { sim: Sim::new(&plan), plan, told: Told::default(), clock: Instant::default() }
    }

    fn drive(&mut self, how: impl AsyncFnOnce(Seat<'_>, &ResolvedPlan, Vec<Recorded>) -> Drive) -> Drive {
        let journal = self.sim.journal();
        let signals = self.sim.signals();
        let with = Driver { executor: &mut self.sim, clock: &mut self.clock, observer: &mut self.told, interrupt: &signals };
        how(with, &self.plan, journal).now_or_never().expect("nothing in memory waits")
    }

    fn start(&mut self) -> Drive {
        self.drive(async |with, plan, _| with.start(plan, "run").await)
    }

    fn resume(&mut self) -> Drive {
        self.sim.revive();
        self.drive(async |with, plan, journal| with.resume(plan, journal).await)
    }

    fn go_back(&mut self) -> Drive {
        self.sim.revive();
        self.drive(async |with, _, journal| with.go_back(journal).await)
    }

    fn settle(&mut self, index: usize, outcome: Settlement) -> Drive {
        self.sim.revive();
        let step = format!("s{index}");
        let (reason, evidence) = ("looked".to_owned(), vec!["it is there".to_owned()]);
        let settled = StepSettled { index, step, outcome, reason, evidence };
        self.drive(async |with, _, journal| with.settle(settled, journal).await)
    }

    fn amend(&mut self, plan: ResolvedPlan) -> Drive {
        self.sim.revive();
        self.plan = plan;
        self.drive(async |with, plan, journal| with.amend(plan, vec!["s1 is other".to_owned()], journal).await)
    }

    fn accept(&mut self) -> Drive {
        self.sim.revive();
        self.drive(async |with, _, journal| with.accept("as agreed", journal).await)
    }
}

type Seat<'a> = Driver<'a, Sim, Instant, Told, sim::SimSignals>;
type Drive = Result<DriveOutcome, DriveError>;
