//! One of the two versions of a repository: a commit, or the working tree.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use super::{
    super::{files::FileAccess, problem::OperationProblem},
    git::{BlobContent, Git, TreeEntry},
};

/// Most links that are followed on the way to one file, as Linux has it (path_resolution(7)).
const LINKS_MAX: usize = 40;
/// Most files that linked folders may add.
const LINKED_MAX: usize = 100_000;

/// One version of a repository; paths are from its top, with slashes.
pub struct RepositoryVersion<'g> {
    git: &'g Git,
    /// What git has there. Of the working tree: what is there now.
    entries: BTreeMap<String, TreeEntry>,
    /// The working tree's top.
    disk: Option<PathBuf>,
    /// How files of the working tree are read.
    files: FileAccess,
    read: RefCell<BTreeMap<String, BlobContent>>,
}

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPath {
    /// The file, or why there is none.
    pub file: Result<String, String>,
    /// All that it depends on: links on the way, a submodule that it ends in, the file itself.
    pub stands_on: Vec<String>,
}

impl<'g> RepositoryVersion<'g> {
    /// A commit's.
    ///
    /// # Errors
    /// `backstop::cli::git`, with what git wrote to standard error.
    pub fn of_commit(git: &'g Git, commit: &str) -> Result<Self, OperationProblem> {
        let side = RepositoryVersion {
            git,
            entries: git.entries(commit)?,
            disk: None,
            files: FileAccess::default(),
            read: RefCell::default(),
        };
        let links = side.entries.values().filter_map(|entry| match entry {
            TreeEntry::Link(object) => Some(object.clone()),
            TreeEntry::File(_) | TreeEntry::Submodule(_) => None,
        });
        side.fetch_objects(links.collect())?;
        Ok(side)
    }

    /// The working tree's: what git knows, as it is now. What a sparse checkout leaves out is as the index has it.
    ///
    /// # Errors
    /// `backstop::cli::git`, with what git wrote to standard error.
    pub fn of_disk(git: &'g Git, top: PathBuf) -> Result<Self, OperationProblem> {
        let mut entries = BTreeMap::new();
        for (path, entry, is_left_out) in git.index()? {
            let is_here = fs::symlink_metadata(top.join(&path)).is_ok();
            match (&entry, is_left_out && !is_here) {
                (TreeEntry::Submodule(_), _) | (_, true) => {
                    entries.insert(path, entry);
                }
                (TreeEntry::File(_) | TreeEntry::Link(_), false) if is_here => {
                    entries.insert(path, TreeEntry::File(String::new()));
                }
                (TreeEntry::File(_) | TreeEntry::Link(_), false) => {}
            }
        }
        Ok(RepositoryVersion { git, entries, disk: Some(top), files: FileAccess::default(), read: RefCell::default() })
    }

    /// From now on files of the working tree are read like this.
    pub fn read_by(&mut self, files: &FileAccess) {
        self.files = files.clone();
    }

    /// Every file, and those that links lead to: of a linked folder where `wanted` says that it is asked for.
    pub fn paths(&self, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for path in self.entries.keys() {
            if matches!(self.entries.get(path), Some(TreeEntry::Submodule(_))) {
                continue;
            }
            if self.link(path).is_none() {
                found.insert(path.clone());
                continue;
            }
            match self.resolve(path).file {
                Ok(_) => {
                    found.insert(path.clone());
                }
                Err(_) if wanted(path) && found.len() < LINKED_MAX => found.extend(self.below_link(path)),
                Err(_) => {}
            }
        }
        found
    }

    /// Files of the folder that a link leads to, by way of the link.
    fn below_link(&self, link: &str) -> Vec<String> {
        let Some(folder) = self.walk(link).0 else { return Vec::new() };
        let inside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let below = self.entries.keys().filter_map(|path| path.strip_prefix(&inside));
        below.filter(|rest| !rest.is_empty()).take(LINKED_MAX).map(|rest| format!("{link}/{rest}")).collect()
    }

    /// Whether there is such a file, or something that can't be looked into: then reading it says so.
    pub fn has(&self, path: &str) -> bool {
        let resolved = self.resolve(path);
        resolved.file.is_ok() || resolved.stands_on.iter().any(|part| self.is_submodule(part))
    }

    /// Whether a submodule lies there.
    pub fn is_submodule(&self, path: &str) -> bool {
        matches!(self.entries.get(path), Some(TreeEntry::Submodule(_)))
    }

    /// The submodules with their commits.
    pub fn submodules(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().filter_map(|(path, entry)| match entry {
            TreeEntry::Submodule(commit) => Some((path.as_str(), commit.as_str())),
            TreeEntry::File(_) | TreeEntry::Link(_) => None,
        })
    }

    /// Where a path leads, links followed as the system would: `..` leads out of the folder that a link leads to.
    pub fn resolve(&self, path: &str) -> ResolvedPath {
        let (end, mut stands_on) = self.walk(path);
        let file = match end {
            None => Err(format!("{path}: it leads out of the repository")),
            Some(end) => match self.submodule_around(&end) {
                Some(submodule) => {
                    let why = format!("{path}: {submodule} is a submodule, and is not looked into");
                    stands_on.push(submodule);
                    Err(why)
                }
                None => {
                    stands_on.push(end.clone());
                    let is_there = self.entries.contains_key(&end);
                    if is_there { Ok(end) } else { Err(format!("{path}: there is no such file")) }
                }
            },
        };
        ResolvedPath { file, stands_on }
    }

    /// The path without links, and the links on the way; none where it leads out of the repository.
    fn walk(&self, path: &str) -> (Option<String>, Vec<String>) {
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let (mut done, mut links): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        if path.starts_with('/') {
            return (None, links);
        }
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    if done.pop().is_none() {
                        return (None, links);
                    }
                    continue;
                }
                _ => done.push(part),
            }
            let here = done.join("/");
            if let Some(target) = self.link(&here) {
                links.push(here);
                if links.len() > LINKS_MAX || target.starts_with('/') {
                    return (None, links);
                }
                done.pop();
                left.extend(target.split('/').rev().map(str::to_owned));
            }
        }
        (Some(done.join("/")), links)
    }

    /// What the link says that lies there; none where no link does.
    fn link(&self, path: &str) -> Option<String> {
        match (&self.disk, self.entries.get(path)) {
            (_, Some(TreeEntry::Link(object))) => match self.read.borrow().get(object) {
                Some(BlobContent::Whole(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
                _ => None,
            },
            (Some(top), _) => {
                let target = fs::read_link(top.join(path)).ok()?;
                Some(target.to_string_lossy().into_owned())
            }
            (None, _) => None,
        }
    }

    fn submodule_around(&self, path: &str) -> Option<String> {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| &path[..end]).find(|folder| self.is_submodule(folder)).map(str::to_owned)
    }

    /// Whether the path leads out of the repository.
    pub fn leads_out(&self, path: &str) -> bool {
        self.walk(path).0.is_none()
    }

    /// Whether an object has been read.
    pub fn holds(&self, object: &str) -> bool {
        self.read.borrow().contains_key(object)
    }

    /// Takes what was read, so that reading it later asks nobody.
    pub fn keep(&self, found: &BTreeMap<String, BlobContent>) {
        self.read.borrow_mut().extend(found.iter().map(|(object, content)| (object.clone(), content.clone())));
    }

    /// The objects of files.
    pub fn objects(&self, paths: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let object = |path: String| match self.entries.get(&self.resolve(&path).file.ok()?)? {
            TreeEntry::File(object) if !object.is_empty() => Some(object.clone()),
            TreeEntry::File(_) | TreeEntry::Link(_) | TreeEntry::Submodule(_) => None,
        };
        paths.into_iter().filter_map(object).collect()
    }

    fn fetch_objects(&self, mut objects: BTreeSet<String>) -> Result<(), OperationProblem> {
        objects.retain(|object| !self.read.borrow().contains_key(object));
        let found = self.git.contents(&objects.into_iter().collect::<Vec<_>>())?;
        self.read.borrow_mut().extend(found);
        Ok(())
    }

    /// A file's content.
    ///
    /// # Errors
    /// Why it can't be had, a fragment.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let file = self.resolve(path).file?;
        let object = match self.entries.get(&file) {
            Some(TreeEntry::File(object)) => object.clone(),
            _ => String::new(),
        };
        if let (true, Some(top)) = (object.is_empty(), &self.disk) {
            return self.files.read_quietly(&top.join(path));
        }
        self.fetch_objects(BTreeSet::from([object.clone()]))
            .map_err(|problem| format!("{path}: {}", problem.first_message()))?;
        match self.read.borrow().get(&object) {
            Some(BlobContent::Whole(bytes)) => Ok(bytes.clone()),
            Some(BlobContent::TooLarge(size)) => {
                Err(format!("{path}: {size} bytes are more than a file of a plan may have"))
            }
            None => Err(format!("{path}: its object is not here")),
        }
    }
}
