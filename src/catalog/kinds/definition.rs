//! What an object is made of, and who answers for it.

use serde::{Deserialize, Serialize};

use super::{
    aggregate::Aggregate,
    cast::Cast,
    catalog_kind::{AlterTerms, CatalogKind, Changing, CreateOrder, DropOrder, Making, Nearest},
    composite::CompositeType,
    constraint::Constraint,
    database::Database,
    default_privileges::DefaultPrivileges,
    domain::Domain,
    enum_type::EnumType,
    event_trigger::EventTrigger,
    extended_statistics::ExtendedStatistics,
    fingerprinted::Fingerprinted,
    function::Function,
    index::Index,
    materialized_view::MaterializedView,
    operator::Operator,
    policy::Policy,
    publication::{Publication, PublishedSchema, PublishedTable},
    range::Range,
    rewrite_rule::RewriteRule,
    schema::Schema,
    sequence::Sequence,
    table::{Column, ColumnFacts, Table},
    trigger::Trigger,
    view::View,
};
use crate::catalog::{kind::ObjectKey, privilege::Grant};

/// What an object is made of, by kind. Expressions and types are the server's own text (`pg_get_expr`, `format_type`, …),
/// printed under an empty `search_path`, so that every name in them is qualified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Definition {
    /// A schema.
    Schema,
    /// An enum type.
    Enum(EnumType),
    /// A domain.
    Domain(Domain),
    /// A composite type that is no table's row type.
    Composite(CompositeType),
    /// A range type.
    Range(Box<Range>),
    /// A sequence.
    Sequence(Sequence),
    /// A function or procedure.
    Function(Function),
    /// An aggregate function.
    Aggregate(Aggregate),
    /// A table.
    Table(Box<Table>),
    /// A constraint of a table.
    Constraint(Constraint),
    /// An index that belongs to no constraint.
    Index(Index),
    /// A view.
    View(View),
    /// A materialized view.
    MaterializedView(Box<MaterializedView>),
    /// A rule of a table or view.
    Rule(RewriteRule),
    /// Extended statistics.
    Statistics(ExtendedStatistics),
    /// A trigger.
    Trigger(Trigger),
    /// A row-level security policy.
    Policy(Policy),
    /// A publication without its members.
    Publication(Publication),
    /// A table in a publication.
    Published(PublishedTable),
    /// A schema in a publication.
    PublishedSchema,
    /// Default privileges.
    DefaultPrivileges(DefaultPrivileges),
    /// The database itself.
    Database(Database),
    /// An operator.
    Operator(Operator),
    /// A cast.
    Cast(Cast),
    /// An event trigger.
    EventTrigger(EventTrigger),
    /// What is modelled no further.
    Other(Fingerprinted),
}

/// Asks the kind of a definition; what can be changed of one that has no fields is nothing.
macro_rules! ask {
    ($definition:expr, $kind:ident => $question:expr) => {
        ask!($definition, $kind => $question, { let $kind = &Schema; $question }, { let $kind = &PublishedSchema; $question })
    };
    ($definition:expr, mut $kind:ident => $question:expr) => {
        ask!($definition, $kind => $question, Default::default(), Default::default())
    };
    ($definition:expr, $kind:ident => $question:expr, $of_schema:expr, $of_published_schema:expr) => {
        match $definition {
            Definition::Schema => $of_schema,
            Definition::Enum($kind) => $question,
            Definition::Domain($kind) => $question,
            Definition::Composite($kind) => $question,
            Definition::Range($kind) => $question,
            Definition::Sequence($kind) => $question,
            Definition::Function($kind) => $question,
            Definition::Aggregate($kind) => $question,
            Definition::Table($kind) => $question,
            Definition::Constraint($kind) => $question,
            Definition::Index($kind) => $question,
            Definition::View($kind) => $question,
            Definition::MaterializedView($kind) => $question,
            Definition::Rule($kind) => $question,
            Definition::Statistics($kind) => $question,
            Definition::Trigger($kind) => $question,
            Definition::Policy($kind) => $question,
            Definition::Publication($kind) => $question,
            Definition::Published($kind) => $question,
            Definition::PublishedSchema => $of_published_schema,
            Definition::DefaultPrivileges($kind) => $question,
            Definition::Database($kind) => $question,
            Definition::Operator($kind) => $question,
            Definition::Cast($kind) => $question,
            Definition::EventTrigger($kind) => $question,
            Definition::Other($kind) => $question,
        }
    };
}

impl Definition {
    pub(in crate::catalog) fn noun(&self, key: &ObjectKey) -> &'static str {
        ask!(self, kind => kind.noun(key))
    }

    pub(in crate::catalog) fn title(&self, key: &ObjectKey) -> String {
        ask!(self, kind => kind.title(key))
    }

    pub(in crate::catalog) fn table_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        ask!(self, kind => kind.table_name(key))
    }

    pub(in crate::catalog) fn bare_name<'a>(&'a self, key: &'a ObjectKey) -> Option<&'a str> {
        ask!(self, kind => kind.bare_name(key))
    }

    pub(in crate::catalog) fn made(&self) -> CreateOrder {
        ask!(self, kind => kind.made())
    }

    pub(in crate::catalog) fn dropped(&self) -> DropOrder {
        ask!(self, kind => kind.dropped())
    }

    pub(in crate::catalog) fn create(&self, making: Making<'_>) -> Vec<String> {
        ask!(self, kind => kind.create(making))
    }

    pub(in crate::catalog) fn drop_object(&self, making: Making<'_>) -> Vec<String> {
        ask!(self, kind => kind.drop_object(making))
    }

    pub(in crate::catalog) fn can_stay(&self, now: &Definition, terms: AlterTerms) -> bool {
        ask!(self, kind => same(kind, now).is_some_and(|now| kind.can_stay(now, terms)))
    }

    pub(in crate::catalog) fn before(&self, now: &Definition, changing: Changing<'_>) -> Vec<String> {
        ask!(self, kind => same(kind, now).map(|now| kind.before(now, changing)).unwrap_or_default())
    }

    pub(in crate::catalog) fn after(&self, now: &Definition, changing: Changing<'_>) -> Vec<String> {
        ask!(self, kind => same(kind, now).map(|now| kind.after(now, changing)).unwrap_or_default())
    }

    #[expect(clippy::cognitive_complexity, reason = "one arm a kind, and nothing in it")]
    pub(in crate::catalog) fn describe(&self, now: &Definition, what: &mut Vec<String>) {
        ask!(self, kind => if let Some(now) = same(kind, now) { kind.describe(now, what) })
    }

    pub(in crate::catalog) fn unspell(&mut self) {
        ask!(self, mut kind => kind.unspell());
    }

    pub(in crate::catalog) fn remarks(&self, key: &ObjectKey) -> Vec<(String, Option<String>)> {
        ask!(self, kind => kind.remarks(key))
    }

    pub(in crate::catalog) fn has_comment(&self, key: &ObjectKey) -> bool {
        ask!(self, kind => kind.has_comment(key))
    }

    pub(in crate::catalog) fn has_owner(&self, key: &ObjectKey) -> bool {
        ask!(self, kind => kind.has_owner(key))
    }

    pub(in crate::catalog) fn granted(&self, key: &ObjectKey) -> Option<String> {
        ask!(self, kind => kind.granted(key))
    }

    pub(in crate::catalog) fn built_in(&self, owner: &str, server_version: u32) -> Vec<Grant> {
        ask!(self, kind => kind.built_in(owner, server_version))
    }

    pub(in crate::catalog) fn extension_target(&self, key: &ObjectKey) -> String {
        ask!(self, kind => kind.extension_target(key))
    }

    pub(in crate::catalog) fn roles(&self) -> Vec<&String> {
        ask!(self, kind => kind.roles())
    }

    /// Grants and comments of single columns, those of the system included.
    pub fn column_facts(&self) -> Vec<&ColumnFacts> {
        ask!(self, kind => kind.column_facts())
    }

    /// The same, to be changed.
    pub fn column_facts_mut(&mut self) -> Vec<&mut ColumnFacts> {
        ask!(self, mut kind => kind.column_facts_mut())
    }

    /// Its columns, where more than their names is known.
    pub fn columns(&self) -> &[Column] {
        ask!(self, kind => kind.columns())
    }

    /// What plain defaults of its columns need.
    pub(in crate::catalog) fn default_needs(&self) -> impl Iterator<Item = &ObjectKey> {
        self.columns().iter().flat_map(|column| &column.default_needs)
    }

    pub(in crate::catalog) fn has_column(&self, name: &str) -> bool {
        ask!(self, kind => kind.has_column(name))
    }

    pub(in crate::catalog) fn parent(&self) -> Option<&ObjectKey> {
        ask!(self, kind => kind.parent())
    }

    /// The column that owns it, with its table: it goes with them, and takes the table's owner.
    pub(in crate::catalog) fn owner_column(&self) -> Option<&(ObjectKey, String)> {
        ask!(self, kind => kind.owner_column())
    }

    /// Whether it is made and dropped with a column's identity.
    pub(in crate::catalog) fn is_of_identity(&self) -> bool {
        ask!(self, kind => kind.is_of_identity())
    }

    /// A constraint of a table.
    pub fn constraint(&self) -> Option<&Constraint> {
        Constraint::held_by(self)
    }

    /// A CHECK of a table.
    pub fn check(&self) -> Option<&Constraint> {
        self.constraint().filter(|constraint| constraint.is_check())
    }

    /// A foreign key.
    pub fn foreign_key(&self) -> Option<&Constraint> {
        self.constraint().filter(|constraint| constraint.is_foreign_key())
    }

    /// When a trigger or rule of a table fires, as in `pg_trigger.tgenabled`.
    pub(in crate::catalog) fn fires(&self) -> Option<char> {
        ask!(self, kind => kind.fires())
    }

    pub(in crate::catalog) fn can_drop(&self, key: &ObjectKey) -> bool {
        ask!(self, kind => kind.can_drop(key))
    }

    pub(in crate::catalog) fn nearest(&self, sql: &str, making: Making<'_>) -> Option<Nearest> {
        ask!(self, kind => kind.nearest(sql, making))
    }

    /// Why the object can't be made again: fragments; none where it can.
    pub fn obstacles(&self) -> Vec<String> {
        ask!(self, kind => kind.obstacles())
    }
}

/// What `now` is of the same kind.
fn same<'a, K: InDefinition>(_then: &K, now: &'a Definition) -> Option<&'a K> {
    K::held_by(now)
}

/// What a definition may hold.
trait InDefinition: Sized {
    fn held_by(definition: &Definition) -> Option<&Self>;
}

macro_rules! held {
    ($($variant:ident $kind:ty),* ; $($single:ident),*) => {
        $(impl InDefinition for $kind {
            fn held_by(definition: &Definition) -> Option<&Self> {
                if let Definition::$variant(kind) = definition { Some(kind) } else { None }
            }
        })*
        $(impl InDefinition for $single {
            fn held_by(definition: &Definition) -> Option<&Self> {
                if let Definition::$single = definition { Some(&$single) } else { None }
            }
        })*
    };
}

held! {
    Enum EnumType, Domain Domain, Composite CompositeType, Range Box<Range>, Sequence Sequence, Function Function,
    Aggregate Aggregate, Table Box<Table>, Constraint Constraint, Index Index, View View,
    MaterializedView Box<MaterializedView>, Rule RewriteRule, Statistics ExtendedStatistics, Trigger Trigger, Policy Policy,
    Publication Publication, Published PublishedTable, DefaultPrivileges DefaultPrivileges, Database Database,
    Operator Operator, Cast Cast, EventTrigger EventTrigger, Other Fingerprinted;
    Schema, PublishedSchema
}
