//! The kinds of safety that can get weaker, each with the reason why that matters.

use schemars::JsonSchema;
use serde::Serialize;

/// How safety got weaker. The names are stable: pipelines may know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weakening {
    /// No target is left.
    BackupRemoved,
    /// A target is gone.
    TargetRemoved,
    /// A target's pattern means fewer tables.
    TargetNarrowed,
    /// More tables may be written to without a copy.
    CoverageWidened,
    /// Less becomes of writes of the application.
    WritersLoosened,
    /// The policy for failures leaves more to people.
    OnFailureLoosened,
    /// Not everything commits together any more.
    PlanTransactionDropped,
    /// A step has no transaction any more.
    StepTransactionDropped,
    /// A step is many transactions.
    StepCutIntoBatches,
    /// A check is gone.
    CheckDropped,
    /// A check is asked in another phase.
    CheckMoved,
    /// A check's failure means less.
    SeverityLowered,
    /// A check of the same name asks something else.
    CheckReplaced,
    /// A check lets more pass.
    CheckLoosened,
    /// A check looks at less.
    CheckNarrowed,
    /// A check is not asked before a step's commit.
    StepCheckDropped,
    /// A step's number of rows is not looked at.
    ExpectRowsDropped,
    /// A step's number of rows may be others, too.
    ExpectRowsWidened,
    /// The backup's restore is not tried any more.
    VerifyLoosened,
    /// Fewer backups stay.
    KeepLowered,
    /// Sequences may move backwards.
    SequencesExact,
    /// The policy for interruptions does.
    OnInterruptLoosened,
    /// A step can't be taken back by itself.
    UndoDropped,
    /// Whether a step was applied can't be asked.
    ProbeDropped,
    /// Statements wait longer for locks.
    LockTimeoutRaised,
    /// Statements may run longer.
    StatementTimeoutRaised,
    /// Transactions may stand idle longer.
    IdleTimeoutRaised,
    /// Batches don't wait for replicas, or for fewer.
    MaxLagRaised,
    /// Batches take longer.
    BatchTargetRaised,
    /// The journal does not know the plan by this name.
    Renamed,
    /// A plan that had to come before needs not.
    RequiresDropped,
    /// Changed content runs again.
    RepeatAllowed,
    /// A rule of `lint` does not count.
    RuleExcepted,
    /// A secret became an ordinary value.
    SecretExposed,
    /// A role may call the way back.
    ExecuteRoleAdmitted,
    /// A role may read copies and journal.
    AdminRoleAdmitted,
}

impl Weakening {
    /// All of them, the gravest first.
    pub const ALL: [Weakening; 36] = {
        use Weakening::*;
        [
            BackupRemoved,
            TargetRemoved,
            TargetNarrowed,
            CoverageWidened,
            WritersLoosened,
            OnFailureLoosened,
            PlanTransactionDropped,
            StepTransactionDropped,
            StepCutIntoBatches,
            CheckDropped,
            CheckMoved,
            SeverityLowered,
            CheckReplaced,
            CheckLoosened,
            CheckNarrowed,
            StepCheckDropped,
            ExpectRowsDropped,
            ExpectRowsWidened,
            VerifyLoosened,
            KeepLowered,
            SequencesExact,
            OnInterruptLoosened,
            UndoDropped,
            ProbeDropped,
            LockTimeoutRaised,
            StatementTimeoutRaised,
            IdleTimeoutRaised,
            MaxLagRaised,
            BatchTargetRaised,
            Renamed,
            RequiresDropped,
            RepeatAllowed,
            RuleExcepted,
            SecretExposed,
            ExecuteRoleAdmitted,
            AdminRoleAdmitted,
        ]
    };

    /// What happened, a fragment that follows its subject.
    pub fn title(self) -> &'static str {
        self.record().1
    }

    /// Why it matters, a sentence.
    pub fn why(self) -> &'static str {
        self.record().2
    }

    /// The records stand in the order of the kinds; a test holds that.
    #[expect(clippy::indexing_slicing, reason = "there is one for each kind, which the compiler counts")]
    fn record(self) -> &'static (Weakening, &'static str, &'static str) {
        &RECORDS[self as usize]
    }

    /// The name that JSON has for it.
    pub fn name(self) -> String {
        super::describe::name(&self)
    }
}

/// Of each kind what happened, and why it matters.
const RECORDS: [(Weakening, &str, &str); Weakening::ALL.len()] = [
    (
        Weakening::BackupRemoved,
        "nothing is copied any more",
        "Once a step has committed, nothing of what it did to rows can be brought back.",
    ),
    (
        Weakening::TargetRemoved,
        "a target is gone",
        "The table is not copied: what a step does to it can't be brought back, and a step that writes to it is refused.",
    ),
    (
        Weakening::TargetNarrowed,
        "a target means fewer tables",
        "Tables outside of the new pattern are not copied and can't be brought back.",
    ),
    (
        Weakening::CoverageWidened,
        "a table may be written to without a copy",
        "The coverage guard lets steps write to it, and a restore can't bring its rows back.",
    ),
    (Weakening::WritersLoosened, "writes of others are guarded less", "Others may write to the targets during a run."),
    (Weakening::OnFailureLoosened, "a failure leads to less", "The way back is less automatic than it was."),
    (
        Weakening::PlanTransactionDropped,
        "not everything commits together",
        "Others see the states between the steps, and a failure needs a restore where a ROLLBACK was enough.",
    ),
    (
        Weakening::StepTransactionDropped,
        "runs outside of a transaction",
        "A failure leaves what the step had done so far, and after a crash its outcome must be looked for.",
    ),
    (
        Weakening::StepCutIntoBatches,
        "commits in batches",
        "Others see the step half done, and a failure leaves batches behind that only the restore takes back.",
    ),
    (Weakening::CheckDropped, "is gone", "What it asked is asked no more, and a run that breaks it ends well."),
    (Weakening::CheckMoved, "is asked in another phase", "At the moment where it was asked before, nobody asks any more."),
    (Weakening::SeverityLowered, "a failure means less", "A run goes on where it was stopped or brought back before."),
    (Weakening::CheckReplaced, "asks something else", "What it asked under this name is asked no more."),
    (Weakening::CheckLoosened, "lets more pass", "Answers that failed before pass now."),
    (Weakening::CheckNarrowed, "looks at less", "What it does not look at any more can break unseen."),
    (
        Weakening::StepCheckDropped,
        "a check is not asked before the commit",
        "What breaks it is committed, and found at the end of the run at the earliest.",
    ),
    (
        Weakening::ExpectRowsDropped,
        "the number of rows is not looked at",
        "A statement that changes too many rows, or none, commits unseen.",
    ),
    (
        Weakening::ExpectRowsWidened,
        "more numbers of rows are accepted",
        "A statement that changes another number of rows than meant commits unseen.",
    ),
    (
        Weakening::VerifyLoosened,
        "the backup is verified less",
        "The restore is not tried before the first step any more, so that a backup that can't be restored is found too late.",
    ),
    (Weakening::KeepLowered, "fewer backups stay", "Older states are pruned earlier and can't be gone back to."),
    (
        Weakening::SequencesExact,
        "a restore moves sequences back",
        "Numbers that were handed out during the run are handed out again, maybe while others hold them already.",
    ),
    (
        Weakening::OnInterruptLoosened,
        "an interruption is not restored",
        "A run that a signal stopped leaves the database half-way until a person goes on.",
    ),
    (
        Weakening::UndoDropped,
        "has no undo any more",
        "A failure can't be taken back step by step; all that is left is the restore of the whole backup.",
    ),
    (
        Weakening::ProbeDropped,
        "has no probe any more",
        "Where its outcome gets lost, a person must find out whether the step was applied.",
    ),
    (
        Weakening::LockTimeoutRaised,
        "waits longer for locks",
        "While a statement waits for a strong lock, everybody else queues up behind it.",
    ),
    (
        Weakening::StatementTimeoutRaised,
        "statements may run longer",
        "A statement that got out of hand keeps its locks longer before it is stopped.",
    ),
    (
        Weakening::IdleTimeoutRaised,
        "transactions may stand idle longer",
        "A runner that hangs keeps its locks longer before the server ends its session.",
    ),
    (
        Weakening::MaxLagRaised,
        "waits less for replicas",
        "Batches go on while replicas fall behind, and readers there see old rows.",
    ),
    (Weakening::BatchTargetRaised, "batches take longer", "Each batch keeps its rows locked for longer."),
    (
        Weakening::Renamed,
        "has another name",
        "The journal knows plans by name: where it was applied under the old one, it would be applied a second time.",
    ),
    (
        Weakening::RequiresDropped,
        "a required plan is not required any more",
        "The plan may run on a database that lacks what that plan made.",
    ),
    (
        Weakening::RepeatAllowed,
        "runs again when it changes",
        "A changed file is applied again on databases that it was applied to already.",
    ),
    (
        Weakening::RuleExcepted,
        "a rule of lint does not count",
        "What the rule warns of is done all the same; the plan gives the reason.",
    ),
    (
        Weakening::SecretExposed,
        "is no secret any more",
        "Its value is printed, stored in the journal and part of the plan's fingerprint.",
    ),
    (
        Weakening::ExecuteRoleAdmitted,
        "another role may call the way back",
        "It can overwrite the targets with an old state, with the rights of the functions' owner.",
    ),
    (
        Weakening::AdminRoleAdmitted,
        "another role may read the backup",
        "It can read the copies, past the row-level security of the tables, and the journal.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_the_record_at_its_place() {
        assert!(Weakening::ALL.iter().zip(RECORDS).all(|(rule, (of, _, _))| *rule == of && rule.record().0 == of));
    }
}
