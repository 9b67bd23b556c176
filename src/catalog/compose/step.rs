//! What a way back consists of: one change of one thing at a time.

use crate::catalog::{
    kind::ObjectKey,
    kinds::{Dropped, Made},
    order::Rank,
};

/// One change. What must come before it is said where it is found; [`Step::phase`] decides among those that could come next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Drop a foreign key while every table is still where it stands in its tree.
    DropForeignKey(ObjectKey),
    /// Take a table from the tables above it.
    Detach(ObjectKey),
    /// Keep triggers, rules and row security of a table from acting while it is filled.
    DisableTriggers(ObjectKey),
    /// Take off a column's default.
    DropDefault(ObjectKey, String),
    /// Take a sequence from the table that owns it.
    Disown(ObjectKey),
    /// Take from an object that stays what it must not have while rows come.
    AlterBeforeDrops(ObjectKey),
    /// Take its replica identity from a table whose index needs a not-null mark that goes.
    DropReplicaIdentity(ObjectKey),
    /// Take off a column's not-null mark.
    DropNotNull(ObjectKey, String),
    /// Drop an object.
    Drop(ObjectKey),
    /// Drop a column that a table which stays did not have.
    DropColumn(ObjectKey, String),
    /// Empty a table that is filled while it stands.
    Empty(ObjectKey),
    /// Make an object, or replace a function's body.
    Make(ObjectKey),
    /// Set a table's defaults that need other objects.
    SetDefaults(ObjectKey),
    /// Fill a table.
    Load(ObjectKey),
    /// Give a table that stays its columns back.
    Shape(ObjectKey),
    /// Put a table below those that it had above it.
    Attach(ObjectKey),
    /// Give a table the index back that was its replica identity all the time, but for a while.
    SetReplicaIdentity(ObjectKey),
    /// Give a new object what it could not have before its rows.
    Finish(ObjectKey),
    /// Change an object back that stays.
    Alter(ObjectKey),
    /// Let a column own a sequence.
    Own(ObjectKey),
    /// The end of [`Step::DisableTriggers`].
    EnableTriggers(ObjectKey),
    /// Bring the clone of a trigger into its own state.
    SetClone(ObjectKey),
    /// Let a sequence that a table owns be logged, or not, where that is not as the table is.
    Persist(ObjectKey),
    /// Give privileges back.
    Grant(ObjectKey),
    /// Give comments and labels back.
    Describe(ObjectKey),
    /// Fill a materialized view.
    Refresh(ObjectKey),
    /// Empty a materialized view.
    Unfill(ObjectKey),
    /// Let a sequence stand where it stood.
    Position(ObjectKey),
}

impl Step {
    /// The object that it is about.
    pub fn object(&self) -> &ObjectKey {
        match self {
            Step::DropForeignKey(key)
            | Step::Detach(key)
            | Step::DisableTriggers(key)
            | Step::DropDefault(key, _)
            | Step::Disown(key)
            | Step::AlterBeforeDrops(key)
            | Step::DropReplicaIdentity(key)
            | Step::DropNotNull(key, _)
            | Step::Drop(key)
            | Step::DropColumn(key, _)
            | Step::Empty(key)
            | Step::Make(key)
            | Step::SetDefaults(key)
            | Step::Load(key)
            | Step::Shape(key)
            | Step::Attach(key)
            | Step::SetReplicaIdentity(key)
            | Step::Finish(key)
            | Step::Alter(key)
            | Step::Own(key)
            | Step::EnableTriggers(key)
            | Step::SetClone(key)
            | Step::Persist(key)
            | Step::Grant(key)
            | Step::Describe(key)
            | Step::Refresh(key)
            | Step::Unfill(key)
            | Step::Position(key) => key,
        }
    }

    /// Its rank where nothing is to be said of it but the kind of change. Those of drops and of what is made depend on the kind of
    /// object, too: see `within`.
    pub fn rank(&self) -> Rank {
        self.within(0)
    }

    /// Its rank, where it makes something.
    pub fn made(&self, made: Made) -> Rank {
        if made == Made::Last { LAST } else { self.within(made as u8) }
    }

    /// Its rank, where it drops something.
    pub fn dropped(&self, dropped: Dropped) -> Rank {
        if dropped == Dropped::First { FIRST } else { self.within(dropped as u8) }
    }

    /// Its rank with another place among steps of its phase.
    pub fn within(&self, place: u8) -> Rank {
        let (phase, first) = match self {
            Step::DropForeignKey(_) => (0, 0),
            Step::Detach(_) => (0, 1),
            Step::DisableTriggers(_) => (1, 0),
            Step::DropDefault(..) => (1, 1),
            Step::Disown(_) => (1, 2),
            Step::AlterBeforeDrops(_) => (1, 3),
            Step::DropReplicaIdentity(_) => (1, 4),
            Step::DropNotNull(..) => (1, 5),
            Step::Drop(_) => (2, 0),
            Step::DropColumn(..) => (3, 0),
            Step::Empty(_) => (3, 1),
            Step::Make(_) => (4, 0),
            Step::SetDefaults(_) => (4, Made::Defaults as u8),
            Step::Load(_) | Step::Shape(_) | Step::Attach(_) => (4, Made::Rows as u8),
            Step::SetReplicaIdentity(_) => (5, 0),
            Step::Finish(_) => (5, 1),
            Step::Alter(_) => (5, 2),
            Step::Own(_) => (5, 3),
            Step::EnableTriggers(_) => (5, 4),
            Step::SetClone(_) => (6, 0),
            Step::Persist(_) => (6, 1),
            Step::Grant(_) => (7, 0),
            Step::Describe(_) => (7, 2),
            Step::Refresh(_) => (8, 0),
            Step::Unfill(_) => (8, 1),
            Step::Position(_) => (9, 0),
        };
        (phase, first + place)
    }
}

/// Before everything else.
const FIRST: Rank = (0, 0);

/// After everything else.
const LAST: Rank = (10, 0);
