//! Which repository the command works in, and which of its environments. Both are arguments of the program as a whole; this takes
//! part of what a command is given, so that whoever needs them has them.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use crate::operations::Chosen;

impl FromArgMatches for Chosen {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Chosen {
            environment: matches.get_one::<String>("environment").cloned().filter(|name| !name.is_empty()),
            config: matches.get_one::<PathBuf>("config").cloned().filter(|path| !path.as_os_str().is_empty()),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Chosen {
    /// Nothing is added: the arguments are the program's own and reach every command.
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}
