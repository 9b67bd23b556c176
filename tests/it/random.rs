//! Databases and migrations made up by chance: after a restore each database is as it was, by an oracle that shares nothing with
//! the program. What goes wrong is told with its seed and the fewest statements that show it.

mod around;
mod case;
mod cases;
mod migration;
mod place;
mod rare;
mod shape;
mod shrink;
