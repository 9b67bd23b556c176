//! The form of a repository's file: every field, once. Doc comments become the descriptions in the schema.

use super::connection::ConnectionForm;
use crate::{
    load::{
        scalar::{Anything, Choice, FormatTag, Keyed, Listing, NamedShapes, NonBlankText, Ranged},
        shape::shape,
    },
    plan::{FailOn, RuleLevel},
};

shape! {
    /// What a repository of plans says once for all of them: where they lie, where they run, which rules bind them.
    RepositoryForm, "a map with `format`" {
        /// The version of this format.
        must format: FormatTag,
        /// Folders and files that commands take where they are given none, by path relative to this file.
        may plans: Listing<1>,
        /// Folders and files outside of the repository that `lint`, `render` and `diff` may read, by path relative to this file or
        /// absolute. It counts as it is in the commit that `--base` names (with `diff --git` the base), not as it is here.
        may read_outside: Listing<0>,
        /// Where plans run. `--environment NAME` chooses one.
        may environments: Keyed<EnvironmentForm>,
        /// What findings of `lint` lead to.
        may lint: LintForm,
        /// Who must have approved a saved plan before it is applied.
        may approval: ApprovalForm,
    }
}

shape! {
    /// A database and the values that plans have there.
    EnvironmentForm, "a map with `database_url`, `values` or `vars`" {
        /// Where the connection's details are; never a password itself.
        may database_url: ConnectionForm,
        /// Files of values, by path relative to this file; later ones win.
        may values: Listing<0>,
        /// Values, which win over those of files. A secret's is `{env: NAME}` or `{file: PATH}`.
        may vars: NamedShapes<Anything>,
    }
}

shape! {
    /// What findings of `lint` lead to.
    LintForm, "a map with `fail_on` and `rules`" {
        /// The least level at which a finding fails the command: note, warning or error (default).
        may fail_on: Choice<FailOn>,
        /// Levels of single rules by their codes: off, note, warning or error.
        may rules: Keyed<Choice<RuleLevel>>,
    }
}

shape! {
    /// Who must have approved a saved plan before it is applied.
    ApprovalForm, "a map with `required` and `keys`" {
        /// How many of the keys must have signed (0).
        may required: Ranged<0, 100>,
        /// Public keys (ed25519, base64) by the name of whoever holds them.
        may keys: Keyed<NonBlankText>,
    }
}
