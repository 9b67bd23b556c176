//! The order in which the actions of a script are tried where some of them fail: each again, once others have succeeded, and in
//! the end what comes nearest to it, or nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::{
    catalog::{Action, Nearest, ObjectKey, ObjectKind, Snapshot, gives_rights, nearest, table_of},
    machine::Failure,
};

/// One thing to be done, whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it stands in the script.
    place: usize,
    /// Statements, or one of the actions that are none.
    pub work: ItemWork,
    /// What it is about.
    pub object: ObjectKey,
    /// The table that this is a part of.
    table: Option<ObjectKey>,
    /// What comes near it.
    nearest: Option<Nearest>,
    /// Whether the rows of its table may not come before it is done.
    guards: bool,
}

/// What an item does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemWork {
    /// Runs statements.
    Run(Vec<String>),
    /// Fills a table.
    Load,
    /// Sets a sequence's position.
    Position,
}

/// Statements that are still to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemainingStatements {
    /// What they are about.
    pub object: ObjectKey,
    /// The statements, in order.
    pub statements: Vec<String>,
    /// Why they could not be run.
    pub failure: Failure,
}

/// The items that these actions come to.
pub fn items(actions: &[&Action], then: &Snapshot, now: &Snapshot) -> Vec<Item> {
    let standing: BTreeSet<&ObjectKey> = actions.iter().filter_map(|action| truncated(action)).collect();
    let loads: BTreeMap<&ObjectKey, usize> = actions
        .iter()
        .enumerate()
        .filter_map(|(at, action)| if let Action::Load(table) = action { Some((table, at)) } else { None })
        .collect();
    let mut items: Vec<Item> = Vec::new();
    for (at, action) in actions.iter().enumerate() {
        let (work, object) = match action {
            Action::Sql { sql, object } => (ItemWork::Run(vec![sql.clone()]), object),
            Action::Load(table) => (ItemWork::Load, table),
            Action::Position(sequence) => (ItemWork::Position, sequence),
        };
        if let (Action::Sql { sql, object }, Some(Item { work: ItemWork::Run(made), object: last, .. })) =
            (action, items.last_mut())
            && last == object
            && gives_rights(sql, object, then)
        {
            made.push(sql.clone());
            continue;
        }
        let table = table_of(object, then, now);
        let of = table.as_ref().unwrap_or(object);
        let fires = matches!(object.kind, ObjectKind::Trigger | ObjectKind::Rule) || standing.contains(object);
        let guards = fires && loads.get(of).is_some_and(|load| at < *load);
        let nearest = if let Action::Sql { sql, object } = action { nearest(sql, object, then) } else { None };
        items.push(Item { place: at, work, object: object.clone(), table, nearest, guards });
    }
    items
}

/// The table that stays and is emptied.
fn truncated<'a>(action: &'a &Action) -> Option<&'a ObjectKey> {
    match action {
        Action::Sql { sql, object } if object.kind == ObjectKind::Table && sql.starts_with("TRUNCATE ") => Some(object),
        Action::Sql { .. } | Action::Load(_) | Action::Position(_) => None,
    }
}

impl Item {
    /// Whether this waits for one that comes before it: what is done to an object keeps its order, and what belongs to a table
    /// comes after its rows.
    fn waits_for(&self, earlier: &Item, abandoned: &BTreeSet<ObjectKey>) -> bool {
        let is_next = earlier.object == self.object && !abandoned.contains(&self.object);
        let has_rows_to_come = earlier.work == ItemWork::Load && self.table.as_ref() == Some(&earlier.object);
        let is_guarded = self.work == ItemWork::Load
            && earlier.guards
            && (earlier.object == self.object || earlier.table.as_ref() == Some(&self.object));
        is_next || has_rows_to_come || is_guarded
    }

    /// Whether a restore without it is none. A sequence that could not be made has no position.
    fn is_needed(&self, abandoned: &BTreeSet<ObjectKey>) -> bool {
        match self.work {
            ItemWork::Run(_) => self.guards,
            ItemWork::Load => true,
            ItemWork::Position => !abandoned.contains(&self.object),
        }
    }

    fn left(self, failure: Failure) -> Option<(usize, RemainingStatements)> {
        match self.work {
            ItemWork::Run(statements) => {
                Some((self.place, RemainingStatements { object: self.object, statements, failure }))
            }
            ItemWork::Load | ItemWork::Position => None,
        }
    }
}

/// What is to be tried next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreAttempt {
    /// What is tried.
    pub item: Item,
    /// What is to be run instead of it.
    pub instead: Option<String>,
}

/// Items on their way until all are done, or left.
#[derive(Debug, Default)]
pub struct Attempts {
    /// Those that this round has still to look at.
    queue: VecDeque<Item>,
    /// Those that it has looked at: with why they failed, or waiting for one before them.
    waiting: Vec<(Item, Option<Failure>)>,
    /// How many this round began with.
    begun_with: usize,
    /// From which of those that wait on it is still to be tried what comes near them, once nothing else moves.
    nearest_from: usize,
    /// Objects of which something is left already, so that nothing more waits for it.
    abandoned: BTreeSet<ObjectKey>,
    /// With their places in the script.
    left: Vec<(usize, RemainingStatements)>,
}

impl Attempts {
    /// An agenda of these items.
    pub fn new(items: Vec<Item>) -> Self {
        Attempts { begun_with: items.len(), queue: items.into(), ..Attempts::default() }
    }

    /// What is to be tried next; none where everything is done, or left. Each round takes something from what is pending, or is the
    /// last.
    ///
    /// # Errors
    /// Why something can't be done without which a restore is none.
    pub fn next_attempt(&mut self) -> Result<Option<RestoreAttempt>, Failure> {
        loop {
            while let Some(item) = self.queue.pop_front() {
                if self.waiting.iter().any(|(earlier, _)| item.waits_for(earlier, &self.abandoned)) {
                    self.waiting.push((item, None));
                } else {
                    return Ok(Some(RestoreAttempt { item, instead: None }));
                }
            }
            if self.waiting.is_empty() {
                return Ok(None);
            }
            let is_still = self.waiting.len() == self.begun_with || self.nearest_from > 0;
            if is_still && let Some(near) = self.come_near() {
                return Ok(Some(near));
            }
            if self.waiting.len() == self.begun_with {
                self.abandon()?;
            }
            self.queue = std::mem::take(&mut self.waiting).into_iter().map(|(item, _)| item).collect();
            (self.begun_with, self.nearest_from) = (self.queue.len(), 0);
        }
    }

    /// What became of an attempt.
    pub fn tried(&mut self, attempt: RestoreAttempt, outcome: Result<(), Failure>) {
        match (attempt.instead, outcome) {
            (None, Ok(())) => self.repeat_later(attempt.item),
            (None, Err(failure)) => self.waiting.push((attempt.item, Some(failure))),
            (Some(_), outcome) => {
                let at = self.nearest_from.saturating_sub(1);
                let Some((Item { place, object, nearest: Some(near), .. }, Some(failure))) = self.waiting.get(at) else {
                    return;
                };
                if outcome.is_ok() {
                    let statements = near.finish.clone();
                    let left = RemainingStatements { object: object.clone(), statements, failure: failure.clone() };
                    self.left.push((*place, left));
                    self.waiting.remove(at);
                    self.nearest_from = at;
                }
            }
        }
    }

    /// Privileges that were granted are taken again by a REVOKE before them that is still to be run: they are granted after it once more.
    fn repeat_later(&mut self, item: Item) {
        let ItemWork::Run(statements) = item.work else { return };
        let revokes = |left: &RemainingStatements| {
            left.object == item.object && left.statements.iter().any(|sql| sql.starts_with("REVOKE "))
        };
        let Some((_, earlier)) = self.left.iter().find(|(_, left)| revokes(left)) else { return };
        if statements.iter().all(|sql| sql.starts_with("GRANT ")) {
            let failure = earlier.failure.clone();
            self.left.push((item.place, RemainingStatements { object: item.object, statements, failure }));
        }
    }

    /// What could not be done, in the order in which it is to be done.
    pub fn left(mut self) -> Vec<RemainingStatements> {
        self.left.sort_by_key(|(place, _)| *place);
        self.left.into_iter().map(|(_, left)| left).collect()
    }

    /// Nothing moves any more: the next of those that failed of which something comes near.
    fn come_near(&mut self) -> Option<RestoreAttempt> {
        let from = self.nearest_from;
        let mut further = self.waiting.iter().enumerate().skip(from);
        let (at, (item, _)) = further.find(|(_, (item, failure))| failure.is_some() && item.nearest.is_some())?;
        self.nearest_from = at + 1;
        Some(RestoreAttempt { item: item.clone(), instead: item.nearest.as_ref().map(|near| near.sql.clone()) })
    }

    /// Nor does that help: what failed is left, and what comes after it at the same object is tried alone.
    fn abandon(&mut self) -> Result<(), Failure> {
        let mut needed = None;
        let mut still = Vec::new();
        let mut is_moving = false;
        for (item, failure) in std::mem::take(&mut self.waiting) {
            match failure {
                Some(failure) if !item.is_needed(&self.abandoned) => {
                    is_moving = true;
                    self.abandoned.insert(item.object.clone());
                    self.left.extend(item.left(failure));
                }
                Some(failure) => {
                    needed.get_or_insert_with(|| failure.clone());
                    still.push((item, Some(failure)));
                }
                None => still.push((item, None)),
            }
        }
        self.waiting = still;
        match needed {
            Some(failure) if !is_moving => Err(failure),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::View;

    fn item(object: &str, sql: &str) -> Item {
        let object = match object.split_once(" on ") {
            Some((name, of)) => ObjectKey::part(ObjectKind::Trigger, "s", of, name),
            None => ObjectKey::table("s", object),
        };
        let table = object.of.as_ref().map(|of| ObjectKey::table("s", of));
        Item { place: 0, work: ItemWork::Run(vec![sql.to_owned()]), object, table, nearest: None, guards: false }
    }

    fn load(table: &str) -> Item {
        Item { work: ItemWork::Load, ..item(table, "") }
    }

    fn name(attempt: &RestoreAttempt) -> String {
        match (&attempt.instead, &attempt.item.work) {
            (Some(sql), _) => sql.to_owned(),
            (None, ItemWork::Run(statements)) => statements.join("; "),
            (None, ItemWork::Load) => format!("load {}", attempt.item.object.name),
            (None, ItemWork::Position) => "position".to_owned(),
        }
    }

    /// Each of these fails until the other is done; `never` is never done.
    fn go(items: Vec<Item>, needs: &[(&str, &str)]) -> (Vec<String>, Result<Vec<String>, Failure>) {
        let mut done: Vec<String> = Vec::new();
        let items = items.into_iter().enumerate().map(|(place, item)| Item { place, ..item });
        let mut agenda = Attempts::new(items.collect());
        loop {
            let attempt = match agenda.next_attempt() {
                Ok(Some(attempt)) => attempt,
                Ok(None) => break,
                Err(failure) => return (done, Err(failure)),
            };
            let name = name(&attempt);
            let is_met = |need: &str| done.iter().any(|done| done == need);
            if needs.iter().any(|(what, need)| *what == name && !is_met(need)) {
                let failure = Failure::permanent("backstop::restore::statement_failed", name);
                agenda.tried(attempt, Err(failure));
            } else {
                done.push(name);
                agenda.tried(attempt, Ok(()));
            }
        }
        (done, Ok(agenda.left().into_iter().flat_map(|left| left.statements).collect()))
    }

    #[test]
    fn what_comes_too_early_is_tried_again() {
        let items = vec![item("a", "a1"), item("a", "a2"), item("b", "b1"), item("c", "c1")];
        let (done, left) = go(items, &[("a1", "b1"), ("b1", "c1")]);
        assert_eq!(done, ["c1", "b1", "a1", "a2"], "what is done to an object keeps its order");
        assert_eq!(left, Ok(Vec::new()));
    }

    #[test]
    fn what_never_succeeds_is_left_with_what_needs_it() {
        let mut near = item("a", "a1");
        near.nearest = Some(Nearest { sql: "a1 nearly".to_owned(), finish: vec!["finish a1".to_owned()] });
        let items = vec![near, item("b", "b1"), item("b", "b2"), item("c", "c1"), item("d", "d1")];
        let (done, left) = go(items, &[("a1", "never"), ("b1", "never"), ("b2", "b1"), ("c1", "b1")]);
        assert_eq!(done, ["d1", "a1 nearly"]);
        assert_eq!(left, Ok(["finish a1", "b1", "b2", "c1"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_is_granted_after_a_revoke_that_is_left_is_granted_again() {
        let items = vec![item("t", "REVOKE ALL FROM a, b"), item("t", "GRANT ALL TO a"), item("t", "GRANT ALL TO b")];
        let (done, left) = go(items, &[("REVOKE ALL FROM a, b", "never"), ("GRANT ALL TO b", "never")]);
        assert_eq!(done, ["GRANT ALL TO a"]);
        assert_eq!(left, Ok(["REVOKE ALL FROM a, b", "GRANT ALL TO a", "GRANT ALL TO b"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn rows_come_before_the_triggers_of_their_table_and_after_those_are_off() {
        let mut off = item("t", "disable triggers");
        off.guards = true;
        let items = vec![off, load("t"), item("audit on t", "create trigger"), item("u", "u1")];
        let needs = [("disable triggers", "u1")];
        let (done, left) = go(items.clone(), &needs);
        assert_eq!(done, ["u1", "disable triggers", "load t", "create trigger"]);
        assert_eq!(left, Ok(Vec::new()));
        let (done, left) = go(items, &[("disable triggers", "never")]);
        assert_eq!(done, ["u1"], "no row is written while triggers would fire");
        assert_eq!(left.map_err(|failure| failure.message), Err("disable triggers".to_owned()));
    }

    #[test]
    fn rows_that_cannot_come_back_are_no_restore() {
        let (_, left) =
            go(vec![item("t", "create"), load("t"), item("v", "view")], &[("create", "never"), ("load t", "create")]);
        assert!(left.is_err());
    }

    #[test]
    fn a_view_is_not_there_without_its_owner() {
        let mut then = Snapshot::default();
        let view = ObjectKey::new(ObjectKind::View, "s", "v");
        let definition = crate::catalog::Definition::View(View {
            columns: Vec::new(),
            query: "SELECT 1".to_owned(),
            options: Vec::new(),
            column_facts: Vec::new(),
            defaults: Vec::new(),
            own_types: Vec::new(),
        });
        let object = crate::catalog::Object {
            definition,
            owner: Some("keeper".to_owned()),
            grants: Vec::new(),
            comment: None,
            labels: Vec::new(),
            companions: Vec::new(),
            extensions: BTreeSet::new(),
            hangs_on: None,
            depends_on: BTreeSet::new(),
        };
        then.objects.insert(view.clone(), object);
        let sql = |sql: &str| Action::Sql { sql: sql.to_owned(), object: view.clone() };
        let owner = "ALTER VIEW \"s\".\"v\" OWNER TO \"keeper\"";
        let actions = [sql("CREATE VIEW"), sql(owner), sql("COMMENT")];
        let items = items(&actions.iter().collect::<Vec<_>>(), &then, &then);
        let works: Vec<&ItemWork> = items.iter().map(|item| &item.work).collect();
        let run = |statements: &[&str]| ItemWork::Run(statements.iter().map(|sql| (*sql).to_owned()).collect());
        assert_eq!(works, [&run(&["CREATE VIEW", owner]), &run(&["COMMENT"])]);
    }
}
