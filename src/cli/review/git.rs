//! Git's own program, asked for objects and names.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::super::{exit::Exit, problem::Problem};
use crate::machine::Failure;

/// A repository, as it is seen from the folder that the program was started in.
pub struct Git {
    /// The folder of the working tree; none in a bare repository.
    top: Option<PathBuf>,
    /// Where the program was started, relative to the top: empty, or ending in a slash.
    prefix: String,
}

/// Two versions.
pub struct Range {
    /// The old one's commit.
    pub old: String,
    /// The new one's; none for the working tree.
    pub new: Option<String>,
    /// How the old one is called.
    pub old_name: String,
    /// How the new one is called.
    pub new_name: String,
}

/// A file of a commit.
#[derive(Debug, Clone)]
pub struct Blob {
    /// Its object.
    pub object: String,
    /// In bytes.
    pub size: u64,
}

/// What changed between two versions, by path from the top.
#[derive(Debug, Default)]
pub struct Changed {
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
    pub fn here() -> Result<Self, Problem> {
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
    pub fn range(&self, given: &str) -> Result<Range, Problem> {
        let named = |side: &str| if side.is_empty() { "HEAD".to_owned() } else { side.to_owned() };
        if let Some((base, head)) = given.split_once("...") {
            let (base, head) = (named(base), named(head));
            let new = commit(&head)?;
            let old = text(&ask(&["merge-base", &commit(&base)?, &new])?);
            return Ok(Range { old, new: Some(new), old_name: format!("{base}...{head}"), new_name: head });
        }
        if let Some((base, head)) = given.split_once("..") {
            let (base, head) = (named(base), named(head));
            return Ok(Range { old: commit(&base)?, new: Some(commit(&head)?), old_name: base, new_name: head });
        }
        if self.top.is_none() {
            let help = "Give two commits: `--git BASE..HEAD`.";
            return Err(Problem::usage("backstop::cli::bare", "a bare repository has no working tree", help));
        }
        let new_name = "the working tree".to_owned();
        Ok(Range { old: commit(given)?, new: None, old_name: given.to_owned(), new_name })
    }

    /// The files of a commit by path from the top; links and submodules are no files.
    ///
    /// # Errors
    /// What git says.
    pub fn files(&self, commit: &str) -> Result<BTreeMap<String, Blob>, Problem> {
        let listed = self.ask_at_top(&["ls-tree", "-r", "-l", "-z", "--full-tree", commit])?;
        Ok(records(&listed).filter_map(|record| blob(&record)).collect())
    }

    /// The paths, from the top, of the files of the working tree that git knows.
    ///
    /// # Errors
    /// What git says.
    pub fn tracked(&self) -> Result<BTreeSet<String>, Problem> {
        Ok(records(&self.ask_at_top(&["ls-files", "-z"])?).collect())
    }

    /// What changed between two commits, or a commit and the working tree.
    ///
    /// # Errors
    /// What git says.
    pub fn changed(&self, old: &str, new: Option<&str>) -> Result<Changed, Problem> {
        let mut arguments = vec!["diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", old];
        arguments.extend(new);
        arguments.push("--");
        let listed = self.ask_at_top(&arguments)?;
        let mut fields = records(&listed);
        let mut changed = Changed::default();
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            // A rename or a copy has two paths: from and to.
            let to = if status.starts_with(['R', 'C']) { fields.next() } else { None };
            if let Some(to) = to {
                changed.paths.insert(to.clone());
                if status.starts_with('R') {
                    changed.renamed.insert(to, path.clone());
                }
            }
            changed.paths.insert(path);
        }
        Ok(changed)
    }

    /// The contents of objects, in one go.
    ///
    /// # Errors
    /// What git says.
    pub fn contents(&self, objects: &[String]) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
        if objects.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut child = command(self.top.as_deref())
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let asked = objects.join("\n") + "\n";
        let stdin = child.stdin.take();
        // Beside the reading: both pipes are bounded. Where git ended early, what it answered says so.
        let write = move || stdin.map(|mut stdin| stdin.write_all(asked.as_bytes()));
        let writing = std::thread::Builder::new().name("git".to_owned()).spawn(write).map_err(|error| no_git(&error))?;
        let output = child.wait_with_output().map_err(|error| no_git(&error))?;
        let _ = writing.join();
        Ok(contents(&output.stdout))
    }

    fn ask_at_top(&self, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
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
fn commit(name: &str) -> Result<String, Problem> {
    if name.starts_with('-') {
        return Err(no_commit(name));
    }
    let commit = ask(&["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]);
    commit.map(|bytes| text(&bytes)).map_err(|problem| if problem.exit == Exit::Usage { no_commit(name) } else { problem })
}

fn no_commit(name: &str) -> Problem {
    let help = "Name a branch, a tag or a commit that is here; in a pipeline fetch enough history (`fetch-depth: 0`).";
    Problem::usage("backstop::cli::no_commit", format!("`{name}` is no commit of this repository"), help)
}

fn ask(arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    ask_in(None, arguments)
}

fn ask_in(folder: Option<&Path>, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
    let output = command(folder).args(arguments).stdin(Stdio::null()).output().map_err(|error| no_git(&error))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = text(&output.stderr);
    let message = format!("git {} failed: {said}", arguments.first().copied().unwrap_or_default());
    Err(Problem::usage("backstop::cli::git", message, "Run it in a git repository that has both versions."))
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

fn no_git(error: &std::io::Error) -> Problem {
    let failure = Failure::permanent("backstop::cli::git", format!("git can't be run: {error}"))
        .hint("Install git, or compare two files: `backstop diff OLD NEW`.");
    Problem::failure(Exit::Usage, failure)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

fn records(listed: &[u8]) -> impl Iterator<Item = String> {
    let records = listed.split(|byte| *byte == 0).filter(|record| !record.is_empty());
    records.map(|record| String::from_utf8_lossy(record).into_owned())
}

/// `<mode> <type> <object> <size>\t<path>`, of a file.
fn blob(record: &str) -> Option<(String, Blob)> {
    let (facts, path) = record.split_once('\t')?;
    let mut facts = facts.split_ascii_whitespace();
    let (mode, _, object, size) = (facts.next()?, facts.next()?, facts.next()?, facts.next()?);
    let size = size.parse().ok()?;
    mode.starts_with("100").then(|| (path.to_owned(), Blob { object: object.to_owned(), size }))
}

/// `<object> blob <size>\n<content>\n`, one after the other; an object that is missing has no content.
fn contents(mut answer: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    while let Some(end) = answer.iter().position(|byte| *byte == b'\n') {
        let (head, rest) = (text(&answer[..end]), &answer[end + 1..]);
        let mut words = head.split(' ');
        let (object, size) = (words.next().unwrap_or_default(), words.nth(1).and_then(|size| size.parse::<usize>().ok()));
        answer = match size.filter(|size| *size < rest.len()) {
            Some(size) => {
                found.insert(object.to_owned(), rest[..size].to_vec());
                &rest[size + 1..]
            }
            None => rest,
        };
    }
    found
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
        assert_eq!(found["aa"], b"x\ny");
        assert!(found["cc"].is_empty());
    }
}
