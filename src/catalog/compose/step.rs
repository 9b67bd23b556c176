//! What a way back consists of: one change of one thing at a time.

use crate::catalog::{
    kind::ObjectKey,
    kinds::{CreateOrder, DropOrder},
    order::Rank,
};

/// One change. What must come before it is said where it is found; [`ScriptStep::phase`] decides among those that could come next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ScriptStep {
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
    /// The end of [`ScriptStep::DisableTriggers`].
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

impl ScriptStep {
    /// The object that it is about.
    pub fn object(&self) -> &ObjectKey {
        match self {
            ScriptStep::DropForeignKey(key)
            | ScriptStep::Detach(key)
            | ScriptStep::DisableTriggers(key)
            | ScriptStep::DropDefault(key, _)
            | ScriptStep::Disown(key)
            | ScriptStep::AlterBeforeDrops(key)
            | ScriptStep::DropReplicaIdentity(key)
            | ScriptStep::DropNotNull(key, _)
            | ScriptStep::Drop(key)
            | ScriptStep::DropColumn(key, _)
            | ScriptStep::Empty(key)
            | ScriptStep::Make(key)
            | ScriptStep::SetDefaults(key)
            | ScriptStep::Load(key)
            | ScriptStep::Shape(key)
            | ScriptStep::Attach(key)
            | ScriptStep::SetReplicaIdentity(key)
            | ScriptStep::Finish(key)
            | ScriptStep::Alter(key)
            | ScriptStep::Own(key)
            | ScriptStep::EnableTriggers(key)
            | ScriptStep::SetClone(key)
            | ScriptStep::Persist(key)
            | ScriptStep::Grant(key)
            | ScriptStep::Describe(key)
            | ScriptStep::Refresh(key)
            | ScriptStep::Unfill(key)
            | ScriptStep::Position(key) => key,
        }
    }

    /// Its rank where nothing is to be said of it but the kind of change. Those of drops and of what is made depend on the kind of
    /// object, too: see `within`.
    pub fn rank(&self) -> Rank {
        self.within(0)
    }

    /// Its rank, where it makes something.
    pub fn made(&self, made: CreateOrder) -> Rank {
        if made == CreateOrder::Last { LAST } else { self.within(made as u8) }
    }

    /// Its rank, where it drops something.
    pub fn dropped(&self, dropped: DropOrder) -> Rank {
        if dropped == DropOrder::First { FIRST } else { self.within(dropped as u8) }
    }

    /// Its rank with another place among steps of its phase.
    pub fn within(&self, place: u8) -> Rank {
        let (phase, first) = match self {
            ScriptStep::DropForeignKey(_) => (0, 0),
            ScriptStep::Detach(_) => (0, 1),
            ScriptStep::DisableTriggers(_) => (1, 0),
            ScriptStep::DropDefault(..) => (1, 1),
            ScriptStep::Disown(_) => (1, 2),
            ScriptStep::AlterBeforeDrops(_) => (1, 3),
            ScriptStep::DropReplicaIdentity(_) => (1, 4),
            ScriptStep::DropNotNull(..) => (1, 5),
            ScriptStep::Drop(_) => (2, 0),
            ScriptStep::DropColumn(..) => (3, 0),
            ScriptStep::Empty(_) => (3, 1),
            ScriptStep::Make(_) => (4, 0),
            ScriptStep::SetDefaults(_) => (4, CreateOrder::Defaults as u8),
            ScriptStep::Load(_) | ScriptStep::Shape(_) | ScriptStep::Attach(_) => (4, CreateOrder::Rows as u8),
            ScriptStep::SetReplicaIdentity(_) => (5, 0),
            ScriptStep::Finish(_) => (5, 1),
            ScriptStep::Alter(_) => (5, 2),
            ScriptStep::Own(_) => (5, 3),
            ScriptStep::EnableTriggers(_) => (5, 4),
            ScriptStep::SetClone(_) => (6, 0),
            ScriptStep::Persist(_) => (6, 1),
            ScriptStep::Grant(_) => (7, 0),
            ScriptStep::Describe(_) => (7, 2),
            ScriptStep::Refresh(_) => (8, 0),
            ScriptStep::Unfill(_) => (8, 1),
            ScriptStep::Position(_) => (9, 0),
        };
        (phase, first + place)
    }
}

/// Before everything else.
const FIRST: Rank = (0, 0);

/// After everything else.
const LAST: Rank = (10, 0);
