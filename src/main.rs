//! The program `backstop`.

/// Counts what work on strangers' texts takes.
#[global_allocator]
static ALLOCATOR: backstop::limits::Metered = backstop::limits::Metered;

fn main() -> std::process::ExitCode {
    backstop::cli::main()
}
