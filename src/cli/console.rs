//! Standard output and standard error: who gets what, and how it looks.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::{
    answer::{Announcement, Answer, Invalid, NothingToDo},
    arguments::{Colour, OutputFormat},
    current_run::now_driving,
    exit::Exit,
    progress::ProgressLine,
    stdio::{print, print_json, print_json_line, write},
    telemetry::Telemetry,
};
use crate::{
    machine::{Event, Failure, RunOutcome},
    operations::{
        Details, DriveOutcome, Observer, OperationNotice, OperationProblem, Recorded, RunLeft, Watcher,
        watcher::{DemoPart, Tell},
    },
    report::{self, Closing, JournalEntry, ProgressLog, Style, Width, json},
    secrets,
};

/// How wide diagnostics are drawn.
const WIDTH: usize = 110;

/// Where a command talks: text for people, or JSON lines on standard output and everything else on standard error.
#[derive(Debug)]
pub struct Console {
    format: OutputFormat,
    out: Style,
    err: Style,
    narration: ProgressLog,
    line: ProgressLine,
    telemetry: Telemetry,
    /// Whether the run that was told ended so that nothing of it had been committed.
    is_rolled_back: bool,
}

impl Console {
    /// As the arguments and the terminal say.
    pub fn new(format: OutputFormat, colour: Colour) -> Self {
        let style = |is_terminal: bool| match colour {
            Colour::Always => Style::Coloured,
            Colour::Never => Style::Plain,
            Colour::Auto if is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) => {
                Style::Coloured
            }
            Colour::Auto => Style::Plain,
        };
        let out = style(io::stdout().is_terminal());
        Console {
            format,
            out,
            err: style(io::stderr().is_terminal()),
            narration: ProgressLog::new(out),
            line: ProgressLine::new(),
            telemetry: Telemetry::new(),
            is_rolled_back: false,
        }
    }

    /// What goes out: text, or events as JSON lines.
    pub fn format(&self) -> OutputFormat {
        self.format
    }

    /// How standard output looks.
    pub fn style(&self) -> Style {
        self.out
    }

    /// How wide standard output is.
    pub fn width(&self) -> Width {
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        columns.or_else(terminal_columns).map_or(Width::DEFAULT, Width)
    }

    /// Says something to people: on standard output, under JSON on standard error.
    pub fn say(&self, text: &str) {
        // Nobody can be told that telling failed.
        let _ = self.line.above(|| match self.format {
            OutputFormat::Text => print(text.trim_end()),
            OutputFormat::Json => self.warn(text),
        });
    }

    /// Says something on standard error.
    pub fn warn(&self, text: &str) -> Result<(), OperationProblem> {
        write(&mut io::stderr().lock(), text.trim_end())
    }

    /// Prints what a command was asked for, as text or as one JSON value.
    pub fn answer(&self, text: &str, answer: &Answer) -> Result<(), OperationProblem> {
        match self.format {
            OutputFormat::Text => print(text.trim_end()),
            OutputFormat::Json => print_json(answer),
        }
    }

    /// Prints a line beside events and answers, as text or as one JSON value.
    pub fn announce(&self, text: &str, announce: &Announcement) -> Result<(), OperationProblem> {
        match self.format {
            OutputFormat::Text => print(text.trim_end()),
            OutputFormat::Json => print_json(announce),
        }
    }

    /// What is seen of runs for those who watch many of them.
    pub fn telemetry(&mut self) -> &mut Telemetry {
        &mut self.telemetry
    }

    /// Says how a run ended, and what to do next.
    pub fn close(&self, run: &str, closing: &Closing<'_>, exit: Exit) -> Result<(), OperationProblem> {
        let closing = match closing {
            Closing::Finished(RunOutcome::Restored { cause, .. }) if self.is_rolled_back => &Closing::RolledBack(cause),
            closing => closing,
        };
        match self.format {
            OutputFormat::Text => print(closing.text(run, self.out).trim_end()),
            OutputFormat::Json => print_json_line(&json::run_ended(run, closing, exit.code())),
        }
    }

    /// Tells a problem, and gives its exit code.
    pub fn tell(&self, problem: &OperationProblem) -> Exit {
        let text = match (&problem.details, problem.diagnostic()) {
            (_, Some(diagnostic)) => drawn(diagnostic, self.err),
            (Details::Failures(failures), None) => failures
                .iter()
                .map(|failure| report::failure(&without_secrets(failure), self.err))
                .collect::<Vec<_>>()
                .join("\n"),
            (Details::Mistakes(_), None) => String::new(),
        };
        if !text.is_empty() {
            // Where standard error is gone, the exit code still says it.
            let _ = self.warn(&text);
        }
        if self.format == OutputFormat::Json {
            let _ = self.tell_programs(problem);
        }
        Exit::of(problem)
    }

    fn tell_programs(&self, problem: &OperationProblem) -> Result<(), OperationProblem> {
        match &problem.details {
            Details::Failures(failures) => print_json_line(&json::failed(failures, Exit::of(problem).code())),
            Details::Mistakes(problems) => print_json(&Announcement::Invalid(Invalid {
                problems: problems.records(),
                more: problems.more(),
                exit_code: Exit::of(problem).code(),
            })),
        }
    }
}

/// Before it is laid out: lines that are broken or cut would hold parts of a secret.
fn without_secrets(failure: &Failure) -> Failure {
    let mut failure = failure.clone();
    for text in failure.texts_mut() {
        *text = secrets::redacted(text).into_owned();
    }
    failure
}

/// Columns of the terminal that standard output is (TIOCGWINSZ, tty_ioctl(4)); none where it is none.
#[cfg(unix)]
fn terminal_columns() -> Option<usize> {
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: the call writes one winsize to where it is told, and to nothing else.
    let answer = unsafe { libc::ioctl(libc::STDOUT_FILENO, libc::TIOCGWINSZ, &raw mut size) };
    (answer == 0 && size.ws_col > 0).then_some(usize::from(size.ws_col))
}

/// Nobody to ask.
#[cfg(not(unix))]
fn terminal_columns() -> Option<usize> {
    None
}

/// A diagnostic with its excerpts.
pub(super) fn drawn(diagnostic: &dyn miette::Diagnostic, style: Style) -> String {
    let theme = match style {
        Style::Coloured => GraphicalTheme::unicode(),
        Style::Plain => GraphicalTheme::unicode_nocolor(),
    };
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false).with_width(WIDTH);
    match handler.render_report(&mut out, diagnostic) {
        Ok(()) => out,
        // Drawing fails only where a place lies outside of its file; the words are still worth telling.
        Err(_) => diagnostic.to_string(),
    }
}

impl Observer for Console {
    fn stored(&mut self, recorded: &Recorded) {
        let Recorded { run, seq, at, actor, event } = recorded;
        let entry = JournalEntry { run, seq: *seq, at, actor, event };
        self.telemetry.follow(&entry);
        self.is_rolled_back = matches!(event, Event::TransactionRolledBack(_));
        // Nobody can be told that telling failed; the journal has it.
        let _ = match self.format {
            OutputFormat::Text => {
                let text = self.narration.tell(&entry);
                if text.is_empty() { Ok(()) } else { self.line.above(|| print(text.trim_end())) }
            }
            OutputFormat::Json => {
                let line = json::event(&entry, self.telemetry.trace_id().as_deref());
                self.line.above(|| print_json_line(&line))
            }
        };
    }

    fn waiting(&mut self, time: std::time::Duration, why: &Failure) {
        self.say(&format!("  waiting {} before another attempt: {}", report::duration(time), why.message));
    }
}

/// Most files without a plan that are named.
const SKIPPED_SHOWN: usize = 5;

impl Watcher for Console {
    fn notice(&mut self, notice: OperationNotice<'_>) -> Result<(), OperationProblem> {
        match notice {
            OperationNotice::LeftOut(files) => self.warn(&skipped(files))?,
            OperationNotice::Connection(warning) => self.warn(&format!("warning: {warning}"))?,
            OperationNotice::KeyOpenToOthers(path) => {
                let path = path.display();
                self.warn(&format!("{path}: others than you can read this key; `chmod 600` keeps it yours"))?;
            }
            OperationNotice::KeyUnknown(public) => {
                self.warn(&format!("backstop.toml does not name this key, so the approval does not count: {public}"))?;
            }
            OperationNotice::ServerOutOfReach { error, left } => {
                self.say(&format!("{error}; tried again for up to {}, as `--wait` says", report::duration(left)));
            }
            OperationNotice::LockHeld(holder) => self.say(&format!("waiting for the lock, which is held by {holder}")),
            OperationNotice::RunBegun { run, plan } => {
                now_driving(run);
                self.telemetry.begin(run, plan);
            }
            OperationNotice::GoingOn { run, plan } => self.say(&format!("{plan}: going on with run {run}")),
            OperationNotice::RunLeft(RunLeft { run, ended }) => {
                let (closing, exit) = (closing(ended), Exit::of_run(ended));
                self.telemetry.left(&closing, exit);
                self.close(&run.to_string(), &closing, exit)?;
            }
            OperationNotice::NothingToDo { plan, run, at } => {
                let text = format!("{plan}: nothing to do, applied at {at} by run {run}");
                let (plan, run, at) = (Some(plan.to_owned()), Some(run.to_string()), Some(at.to_owned()));
                self.announce(&text, &Announcement::NothingToDo(NothingToDo { plan, run, at, ..NothingToDo::default() }))?;
            }
            OperationNotice::NoPreview(failure) => {
                self.say(&format!("what the restore changes could not be looked at: {}", failure.message));
            }
            OperationNotice::Demo(part) => self.say(&title(part)),
        }
        Ok(())
    }

    fn progress(&self) -> Tell {
        self.line.tell()
    }
}

fn closing(ended: &DriveOutcome) -> Closing<'_> {
    match ended {
        DriveOutcome::Finished(outcome) => Closing::Finished(outcome),
        DriveOutcome::Held(cause) => Closing::Held(cause),
        DriveOutcome::Interrupted { signal } => Closing::Interrupted(signal),
    }
}

fn title(part: DemoPart) -> String {
    match part {
        DemoPart::Starting => "starting a throwaway PostgreSQL …".to_owned(),
        DemoPart::Succeeds => "\n1. A migration that succeeds.\n".to_owned(),
        DemoPart::Fails => {
            "\n2. The same migration with a check that fails: all is brought back by itself, and proven.\n".to_owned()
        }
        DemoPart::Filling(people) => format!("filling the example database with {people} people …"),
    }
}

fn skipped(files: &[PathBuf]) -> String {
    let shown = files.iter().take(SKIPPED_SHOWN).map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
    let more = match files.len().saturating_sub(SKIPPED_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("left out, no plans: {shown}{more}")
}
