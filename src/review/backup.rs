//! What is copied, and what may change without a copy.

use super::{
    change::{ChangeSubject, TextForm},
    describe::{Description, Word},
    findings::{FieldDiff, ReviewFindings},
    target_coverage::TargetCoverage,
    weakening::Weakening,
};
use crate::plan::{Backup, Plan, Rendered, Sequences, Target, Transaction, Verify, Writers};

pub(super) fn compare(findings: &mut ReviewFindings, then: &Plan<Rendered>, now: &Plan<Rendered>) {
    let Backup { schema, keep, writers: _, sequences, verify, targets: _, allow_uncovered: _, execute_role, admin_role } =
        &then.backup;
    let subject = ChangeSubject::Backup;
    targets(findings, then, now);
    excluded(findings, then, now);
    uncovered(findings, then, now);
    writers(findings, then, now);
    findings.ranked(&subject, "verify", (*verify, now.backup.verify), (Weakening::VerifyLoosened, strength_of_verify));
    let both = (*sequences, now.backup.sequences);
    findings.ranked(&subject, "sequences", both, (Weakening::SequencesExact, strength_of_sequences));
    if findings.field(&subject, "keep", keep, &now.backup.keep) == FieldDiff::Differs && now.backup.keep < *keep {
        findings.weaker(Weakening::KeepLowered, &subject, keep, &now.backup.keep);
    }
    findings.field(&subject, "schema", schema, &now.backup.schema);
    if findings.field(&subject, "execute_role", execute_role, &now.backup.execute_role) == FieldDiff::Differs
        && now.backup.execute_role.is_some()
        // Who may do more already is admitted to nothing.
        && now.backup.execute_role != *admin_role
    {
        findings.weaker(Weakening::ExecuteRoleAdmitted, &subject, execute_role, &now.backup.execute_role);
    }
    if findings.field(&subject, "admin_role", admin_role, &now.backup.admin_role) == FieldDiff::Differs
        && now.backup.admin_role.is_some()
    {
        findings.weaker(Weakening::AdminRoleAdmitted, &subject, admin_role, &now.backup.admin_role);
    }
}

/// The tables of all targets: how they are grouped means nothing.
fn copied(plan: &Plan<Rendered>) -> TargetCoverage {
    let tables = plan.backup.targets.iter().flat_map(|Target { tables, exclude: _, at: _ }| tables);
    TargetCoverage::of(tables, &plan.session.search_path)
}

fn targets(findings: &mut ReviewFindings, then: &Plan<Rendered>, now: &Plan<Rendered>) {
    let (before, after) = (copied(then), copied(now));
    entries(findings, "targets", &before, &after);
    if after.is_empty() && !before.is_empty() {
        findings.weaker(Weakening::BackupRemoved, &ChangeSubject::Backup, &before.texts(), &after.texts());
        return;
    }
    for (entry, narrower) in before.beyond(&after) {
        let left: Vec<String> = narrower.iter().map(|entry| entry.text.clone()).collect();
        let rule = if left.is_empty() { Weakening::TargetRemoved } else { Weakening::TargetNarrowed };
        findings.weaker(rule, &ChangeSubject::Backup, &entry.text, &left);
    }
}

/// What targets leave out: the more, the less is copied.
fn excluded(findings: &mut ReviewFindings, then: &Plan<Rendered>, now: &Plan<Rendered>) {
    let of = |plan: &Plan<Rendered>| {
        TargetCoverage::of(plan.backup.targets.iter().flat_map(|target| &target.exclude), &plan.session.search_path)
    };
    let (before, after) = (of(then), of(now));
    entries(findings, "exclude", &before, &after);
    for (entry, narrower) in after.beyond(&before) {
        let was: Vec<String> = narrower.iter().map(|entry| entry.text.clone()).collect();
        findings.weaker(Weakening::TargetNarrowed, &ChangeSubject::Backup, &was, &entry.text);
    }
}

fn uncovered(findings: &mut ReviewFindings, then: &Plan<Rendered>, now: &Plan<Rendered>) {
    let of = |plan: &Plan<Rendered>| TargetCoverage::of(&plan.backup.allow_uncovered, &plan.session.search_path);
    let (before, after, copied) = (of(then), of(now), copied(now));
    entries(findings, "allow_uncovered", &before, &after);
    let is_copied: Vec<&str> = after.beyond(&copied).map(|(entry, _)| entry.text.as_str()).collect();
    for (entry, narrower) in after.beyond(&before) {
        // What is copied is covered, whatever is said of it here.
        if is_copied.contains(&entry.text.as_str()) {
            let was: Vec<String> = narrower.iter().map(|entry| entry.text.clone()).collect();
            findings.weaker(Weakening::CoverageWidened, &ChangeSubject::Backup, &was, &entry.text);
        }
    }
}

/// Names and patterns that are gone, and that are new.
fn entries(findings: &mut ReviewFindings, field: &'static str, then: &TargetCoverage, now: &TargetCoverage) {
    let (before, after) = (then.texts(), now.texts());
    for gone in before.iter().filter(|text| !after.contains(text)) {
        findings.change(&ChangeSubject::Backup, Some(field), TextForm::Words, (Some(gone.clone()), None));
    }
    for new in after.iter().filter(|text| !before.contains(text)) {
        findings.change(&ChangeSubject::Backup, Some(field), TextForm::Words, (None, Some(new.clone())));
    }
}

fn writers(findings: &mut ReviewFindings, then: &Plan<Rendered>, now: &Plan<Rendered>) {
    let (before, after) = (then.backup.writers, now.backup.writers);
    findings.words(&ChangeSubject::Backup, "writers", before, after);
    if copied(now).is_empty() || strength_of_writers(guard(now)) >= strength_of_writers(guard(then)) {
        return;
    }
    let why = match guard(now) {
        Writers::Allow => "What the application writes during the run is overwritten by a restore, and nobody is told.",
        Writers::Detect => {
            "Where others have written, nothing is restored by itself: the run waits for a person, and a restore overwrites their \
             writes."
        }
        Writers::Capture => {
            "The application may write during the run: after a restore its writes are made again, and those that do not fit any \
             more stay in quarantine."
        }
        Writers::Block => Weakening::WritersLoosened.why(),
    };
    let told = |plan: &Plan<Rendered>| match plan.transaction {
        Transaction::Plan => "locks of the plan's one transaction".to_owned(),
        Transaction::Step => Word(plan.backup.writers).description().unwrap_or_default(),
    };
    findings.weaker_because(Weakening::WritersLoosened, &ChangeSubject::Backup, (&told(then), &told(now)), why);
}

/// What keeps writers away: in one transaction for everything, locks do.
fn guard(plan: &Plan<Rendered>) -> Writers {
    match plan.transaction {
        Transaction::Plan => Writers::Block,
        Transaction::Step => plan.backup.writers,
    }
}

/// By what becomes of a write that arrives during a run which is then restored: there is none; it is made again, or kept with
/// its reason; a person decides to lose it, and until then nothing is restored; it is lost.
fn strength_of_writers(writers: Writers) -> u8 {
    match writers {
        Writers::Allow => 0,
        Writers::Detect => 1,
        Writers::Capture => 2,
        Writers::Block => 3,
    }
}

fn strength_of_verify(verify: Verify) -> u8 {
    match verify {
        Verify::Digests => 0,
        Verify::Restore => 1,
    }
}

fn strength_of_sequences(sequences: Sequences) -> u8 {
    match sequences {
        Sequences::Exact => 0,
        Sequences::Forward => 1,
    }
}
