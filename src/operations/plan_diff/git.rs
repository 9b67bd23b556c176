//! Git's own program, asked for objects and names.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use super::super::problem::{OperationProblem, ProblemKind};
use crate::{machine::Failure, plan::FILE_BYTES_MAX};

/// A repository, as it is seen from the folder that the program was started in.
pub struct Git {
    /// The folder of the working tree; none in a bare repository.
    top: Option<PathBuf>,
    /// Where the program was started, relative to the top: empty, or ending in a slash.
    prefix: String,
}

/// Two versions.
pub struct CommitRange {
    /// The old one's commit.
    pub old: String,
    /// The new one's; none for the working tree.
    pub new: Option<String>,
    /// How the old one is called.
    pub old_name: String,
    /// How the new one is called.
    pub new_name: String,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeEntry {
    /// A file, and its object.
    File(String),
    /// A symbolic link, and the object that says where to.
    Link(String),
    /// Another repository, and its commit.
    Submodule(String),
}

/// An object's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobContent {
    /// All of it.
    Whole(Vec<u8>),
    /// It has more bytes than a file of a plan may have: so many.
    TooLarge(u64),
}

/// Most paths among which renames are looked for.
const RENAMES_MAX: usize = 1_000;

/// What changed between two versions, by path from the top.
#[derive(Debug, Default)]
pub struct ChangedPaths {
    /// Every path of the old or the new version whose content or name differs.
    pub paths: BTreeSet<String>,
    /// Old names by new ones, of files that were renamed.
    pub renamed: BTreeMap<String, String>,
}

impl Git {
    /// The repository around the working directory.
    ///
    /// # Errors
    /// Where there is none, or no git.
    pub fn here() -> Result<Self, OperationProblem> {
        let is_inside = ask(&["rev-parse", "--is-inside-work-tree"])?;
        if text(&is_inside) != "true" {
            return Ok(Git { top: None, prefix: String::new() });
        }
        let top = text(&ask(&["rev-parse", "--show-toplevel"])?);
        let prefix = text(&ask(&["rev-parse", "--show-prefix"])?);
        Ok(Git { top: Some(PathBuf::from(top)), prefix })
    }

    /// The folder of the working tree; none in a bare repository.
    pub fn top(&self) -> Option<&Path> {
        self.top.as_deref()
    }

    /// A path as people give it → from the top, with slashes; none where it lies outside.
    pub fn below_top(&self, path: &Path) -> Option<String> {
        match (path.is_absolute(), &self.top) {
            (true, Some(top)) => normal("", path.strip_prefix(top).ok()?.to_str()?),
            (true, None) => None,
            (false, _) => normal(&self.prefix, path.to_str()?),
        }
    }

    /// Where the program was started, relative to the top: empty, or ending in a slash.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The commits of `BASE..HEAD`, `BASE...HEAD` or `BASE`. A side that is left empty is HEAD.
    ///
    /// # Errors
    /// Where one of them is no commit.
    pub fn range(&self, given: &str) -> Result<CommitRange, OperationProblem> {
        let named = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        if let Some((base, head)) = given.split_once("...") {
            let (base, head) = (named(base), named(head));
            let new = commit(&head)?;
            let old = text(&ask(&["merge-base", &commit(&base)?, &new])?);
            return Ok(CommitRange { old, new: Some(new), old_name: format!("{base}...{head}"), new_name: head });
        }
        if let Some((base, head)) = given.split_once("..") {
            let (base, head) = (named(base), named(head));
            return Ok(CommitRange { old: commit(&base)?, new: Some(commit(&head)?), old_name: base, new_name: head });
        }
        if self.top.is_none() {
            let help = "Give two commits: `--git BASE..HEAD`.";
            return Err(OperationProblem::usage("backstop::cli::bare", "a bare repository has no working tree", help));
        }
        let new_name = "the working tree".to_owned();
        Ok(CommitRange { old: commit(given)?, new: None, old_name: given.to_owned(), new_name })
    }

    /// A commit by its name.
    ///
    /// # Errors
    /// Where it is none.
    pub fn commit(&self, name: &str) -> Result<String, OperationProblem> {
        commit(name)
    }

    /// What a commit has, by path from the top. No object is looked into: in a partial clone that would fetch each.
    ///
    /// # Errors
    /// `backstop::cli::git`, with what git wrote to standard error.
    pub fn entries(&self, commit: &str) -> Result<BTreeMap<String, TreeEntry>, OperationProblem> {
        let listed = self.ask_at_top(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
        Ok(records(&listed).filter_map(|record| entry(&record)).collect())
    }

    /// What the index has, by path from the top, and whether a sparse checkout leaves it out of the working tree.
    ///
    /// # Errors
    /// `backstop::cli::git`, with what git wrote to standard error.
    pub fn index(&self) -> Result<Vec<(String, TreeEntry, bool)>, OperationProblem> {
        let listed = self.ask_at_top(&["ls-files", "-s", "-t", "-z"])?;
        let staged = |record: String| {
            let (facts, path) = record.split_once('\t')?;
            let mut facts = facts.split_ascii_whitespace();
            let (tag, mode, object) = (facts.next()?, facts.next()?, facts.next()?);
            Some((path.to_owned(), of_mode(mode, object)?, tag == "S"))
        };
        Ok(records(&listed).filter_map(staged).collect())
    }

    /// What changed between two commits, or a commit and the working tree. Renames are looked for among `may_be_renamed`.
    ///
    /// # Errors
    /// `backstop::cli::git`, with what git wrote to standard error.
    pub fn changed(
        &self,
        old: &str,
        new: Option<&str>,
        may_be_renamed: impl Fn(&str) -> bool,
    ) -> Result<ChangedPaths, OperationProblem> {
        let listed = self.ask_at_top(&differences(&["--no-renames"], old, new, &[]))?;
        let (mut fields, mut changed, mut moved) = (records(&listed), ChangedPaths::default(), Vec::new());
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            if status.starts_with(['A', 'D']) && may_be_renamed(&path) {
                moved.push(path.clone());
            }
            changed.paths.insert(path);
        }
        // With the paths alone, so that in a partial clone no other object is fetched to be compared.
        if (2..=RENAMES_MAX).contains(&moved.len()) {
            let paths: Vec<&str> = moved.iter().map(String::as_str).collect();
            let listed = self.ask_at_top(&differences(&["-M"], old, new, &paths))?;
            let mut fields = records(&listed);
            while let (Some(status), Some(from)) = (fields.next(), fields.next()) {
                let to = if status.starts_with(['R', 'C']) { fields.next() } else { None };
                if let Some(to) = to.filter(|_| status.starts_with('R')) {
                    changed.renamed.insert(to, from);
                }
            }
        }
        Ok(changed)
    }

    /// The contents of objects, in one go. What a partial clone lacks of them is fetched in one request.
    ///
    /// # Errors
    /// What git says; where objects are not here and can't be fetched, how to fetch them.
    pub fn contents(&self, objects: &[String]) -> Result<BTreeMap<String, BlobContent>, OperationProblem> {
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut sizes = sizes(&self.feed(&["cat-file", "--batch-check"], objects)?.stdout);
        let missing: Vec<String> = objects.iter().filter(|object| !sizes.contains_key(*object)).cloned().collect();
        if !missing.is_empty() {
            self.fetch(&missing)?;
            sizes.extend(self::sizes(&self.feed(&["cat-file", "--batch-check"], &missing)?.stdout));
        }
        let is_small = |object: &&String| sizes.get(*object).is_some_and(|size| *size <= FILE_BYTES_MAX as u64);
        let small: Vec<String> = objects.iter().filter(is_small).cloned().collect();
        let mut found = contents(&self.feed(&["cat-file", "--batch"], &small)?.stdout);
        for (object, size) in sizes.into_iter().filter(|(_, size)| *size > FILE_BYTES_MAX as u64) {
            found.insert(object, BlobContent::TooLarge(size));
        }
        Ok(found)
    }

    /// Fetches objects from where a partial clone has promised that they are, all in one request.
    fn fetch(&self, objects: &[String]) -> Result<(), OperationProblem> {
        let promised = self.ask_at_top(&["config", "--get-regexp", r"^remote\..*\.promisor$"]).unwrap_or_default();
        let promised = text(&promised);
        let name = promised
            .lines()
            .next()
            .and_then(|line| line.split(' ').next()?.strip_prefix("remote.")?.strip_suffix(".promisor"));
        let Some(remote) = name else { return Err(not_here(objects.len(), "this is no partial clone", "origin")) };
        let arguments = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            remote,
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--filter=blob:none",
            "--stdin",
        ];
        let output = self.feed(&arguments, objects)?;
        if output.status.success() { Ok(()) } else { Err(not_here(objects.len(), &text(&output.stderr), remote)) }
    }

    /// Runs git with lines on its standard input. Objects are not fetched one by one behind our back.
    fn feed(&self, arguments: &[&str], lines: &[String]) -> Result<Output, OperationProblem> {
        let mut child = command(self.top.as_deref())
            .args(arguments)
            .env("GIT_NO_LAZY_FETCH", if arguments.contains(&"fetch") { "0" } else { "1" })
            .env("GIT_TERMINAL_PROMPT", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let asked = lines.join("\n") + "\n";
        let stdin = child.stdin.take();
        // RestoreInto the reading: both pipes are bounded. Where git ended early, what it answered says so.
        let write = move || stdin.map(|mut stdin| stdin.write_all(asked.as_bytes()));
        let writing = std::thread::Builder::new().name("git".to_owned()).spawn(write).map_err(|error| no_git(&error))?;
        let output = child.wait_with_output().map_err(|error| no_git(&error))?;
        let _ = writing.join();
        Ok(output)
    }

    fn ask_at_top(&self, arguments: &[&str]) -> Result<Vec<u8>, OperationProblem> {
        ask_in(self.top.as_deref(), arguments)
    }
}

/// `folder` and a path relative to it, both with slashes, without `.` and `..`; none where that leads out of the top.
pub fn normal(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    if path.starts_with('/') {
        return None;
    }
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The commit that a name means. It goes to git as what can't be an option.
fn commit(name: &str) -> Result<String, OperationProblem> {
    if name.starts_with('-') {
        return Err(no_commit(name));
    }
    let commit = ask(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]);
    commit
        .map(|bytes| text(&bytes))
        .map_err(|problem| if problem.kind == ProblemKind::Usage { no_commit(name) } else { problem })
}

fn no_commit(name: &str) -> OperationProblem {
    let help = "Name a branch, a tag or a commit that is here; in a pipeline fetch enough history (`fetch-depth: 0`).";
    OperationProblem::usage("backstop::cli::no_commit", format!("`{name}` is no commit of this repository"), help)
}

fn ask(arguments: &[&str]) -> Result<Vec<u8>, OperationProblem> {
    ask_in(None, arguments)
}

fn ask_in(folder: Option<&Path>, arguments: &[&str]) -> Result<Vec<u8>, OperationProblem> {
    let output = command(folder).args(arguments).stdin(Stdio::null()).output().map_err(|error| no_git(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = text(&output.stderr);
    let message = format!("git {} failed: {said}", arguments.first().copied().unwrap_or_default());
    Err(OperationProblem::usage("backstop::cli::git", message, "Run it in a git repository that has both versions."))
}

/// Git in a form that depends on nobody's settings, and changes nothing.
fn command(folder: Option<&Path>) -> Command {
    let mut command = Command::new("git");
    if let Some(folder) = folder {
        command.arg("-C").arg(folder);
    }
    command.args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "--literal-pathspecs"]);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C").env_remove("GIT_EXTERNAL_DIFF");
    command
}

fn no_git(error: &std::io::Error) -> OperationProblem {
    let failure = Failure::permanent("backstop::cli::git", format!("git can't be run: {error}"))
        .hint("Install git, or compare two files: `backstop diff OLD NEW`.");
    OperationProblem::failure(ProblemKind::Usage, failure)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

fn records(listed: &[u8]) -> impl Iterator<Item = String> {
    let records = listed.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    records.map(|record| String::from_utf8_lossy(record).into_owned())
}

fn differences<'a>(options: &[&'a str], old: &'a str, new: Option<&'a str>, paths: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["diff", "--name-status", "-z", "--no-ext-diff", "--no-textconv"];
    arguments.extend(options);
    arguments.push(old);
    arguments.extend(new);
    arguments.push("--");
    arguments.extend(paths);
    arguments
}

fn not_here(count: usize, why: &str, remote: &str) -> OperationProblem {
    let message = format!("{count} objects of the plans are not in this clone and can't be fetched: {why}");
    let help = format!(
        "Fetch them while the remote can be reached, `git fetch --refetch --no-filter {remote}`, or clone without `--filter`; in a \
         workflow leave out `filter:`, or keep the credentials (`persist-credentials: true`)."
    );
    OperationProblem::usage("backstop::cli::git_objects", message, help)
}

/// `<mode> <type> <object>\t<path>`
fn entry(record: &str) -> Option<(String, TreeEntry)> {
    let (facts, path) = record.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, _, object) = (facts.next()?, facts.next()?, facts.next()?);
    Some((path.to_owned(), of_mode(mode, object)?))
}

fn of_mode(mode: &str, object: &str) -> Option<TreeEntry> {
    let object = object.to_owned();
    match mode {
        "120000" => Some(TreeEntry::Link(object)),
        "160000" => Some(TreeEntry::Submodule(object)),
        mode if mode.starts_with("100") => Some(TreeEntry::File(object)),
        _ => None,
    }
}

/// `<object> blob <size>`, a line each; of one that is missing there is no size.
fn sizes(answer: &[u8]) -> BTreeMap<String, u64> {
    let size = |line: &str| {
        let mut words = line.split(' ');
        Some((words.next()?.to_owned(), words.nth(1)?.parse().ok()?))
    };
    String::from_utf8_lossy(answer).lines().filter_map(size).collect()
}

/// `<object> blob <size>\n<content>\n`, one after the other; an object that is missing has no content.
fn contents(mut answer: &[u8]) -> BTreeMap<String, BlobContent> {
    let mut found = BTreeMap::new();
    while let Some((head, rest)) = at_line_break(answer) {
        let head = text(head);
        let mut words = head.split(' ');
        let (object, size) = (words.next().unwrap_or_default(), words.nth(1).and_then(|size| size.parse::<usize>().ok()));
        answer = match size.and_then(|size| Some((rest.get(..size)?, rest.get(size + 1..)?))) {
            Some((content, behind)) => {
                found.insert(object.to_owned(), BlobContent::Whole(content.to_vec()));
                behind
            }
            None => rest,
        };
    }
    found
}

/// What stands before the first line break, and what behind it.
fn at_line_break(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_top() {
        assert_eq!(normal("plans/", "sql/a.sql").as_deref(), Some("plans/sql/a.sql"));
        assert_eq!(normal("plans/deep", "../../x/./y").as_deref(), Some("x/y"));
        assert_eq!(normal("plans", "../../x"), None);
        assert_eq!(normal("plans", "/etc/passwd"), None);
    }

    #[test]
    fn objects_are_read_one_after_the_other() {
        let found = contents(b"aa blob 3\nx\ny\nbb missing\ncc blob 0\n\n");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["aa", "cc"]);
        assert_eq!(found["aa"], BlobContent::Whole(b"x\ny".to_vec()));
        assert_eq!(found["cc"], BlobContent::Whole(Vec::new()));
    }
}
