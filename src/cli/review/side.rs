//! One of the two versions of a repository: a commit, or the working tree.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use super::{
    super::problem::Problem,
    git::{Blob, Git},
};
use crate::plan::FILE_BYTES_MAX;

/// One version of a repository; paths are from its top, with slashes.
pub struct Side<'g> {
    git: &'g Git,
    source: Source,
}

enum Source {
    Commit { files: BTreeMap<String, Blob>, read: RefCell<BTreeMap<String, Vec<u8>>> },
    Disk { top: PathBuf, paths: BTreeSet<String> },
}

impl<'g> Side<'g> {
    /// A commit's.
    ///
    /// # Errors
    /// What git says.
    pub fn of_commit(git: &'g Git, commit: &str) -> Result<Self, Problem> {
        let source = Source::Commit { files: git.files(commit)?, read: RefCell::default() };
        Ok(Side { git, source })
    }

    /// The working tree's: the files that git knows, as they are now.
    ///
    /// # Errors
    /// What git says.
    pub fn of_disk(git: &'g Git, top: PathBuf) -> Result<Self, Problem> {
        let mut paths = git.tracked()?;
        paths.retain(|path| fs::symlink_metadata(top.join(path)).is_ok_and(|found| found.is_file()));
        Ok(Side { git, source: Source::Disk { top, paths } })
    }

    /// Every file.
    pub fn paths(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.source {
            Source::Commit { files, .. } => Box::new(files.keys().map(String::as_str)),
            Source::Disk { paths, .. } => Box::new(paths.iter().map(String::as_str)),
        }
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        match &self.source {
            Source::Commit { files, .. } => files.contains_key(path),
            Source::Disk { paths, .. } => paths.contains(path),
        }
    }

    /// Reads many files at once, so that reading them one by one later asks nobody.
    ///
    /// # Errors
    /// What git says.
    pub fn fetch(&self, paths: &[String]) -> Result<(), Problem> {
        if let Source::Commit { files, read } = &self.source {
            let wanted = paths.iter().filter_map(|path| files.get(path)).filter(|blob| blob.size <= FILE_BYTES_MAX as u64);
            let objects: BTreeSet<String> = wanted.map(|blob| blob.object.clone()).collect();
            let missing: Vec<String> = objects.into_iter().filter(|object| !read.borrow().contains_key(object)).collect();
            let found = self.git.contents(&missing)?;
            read.borrow_mut().extend(found);
        }
        Ok(())
    }

    /// A file's content.
    ///
    /// # Errors
    /// Why it can't be had, a fragment.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let too_large = |size: u64| format!("{path}: {size} bytes are more than the {FILE_BYTES_MAX} that a plan may have");
        match &self.source {
            Source::Commit { files, read } => {
                let blob = files.get(path).ok_or_else(|| format!("{path}: there is no such file"))?;
                if blob.size > FILE_BYTES_MAX as u64 {
                    return Err(too_large(blob.size));
                }
                let _ = self.fetch(&[path.to_owned()]);
                read.borrow().get(&blob.object).cloned().ok_or_else(|| format!("{path}: its object is not here"))
            }
            Source::Disk { top, .. } => {
                let file = top.join(path);
                let size = fs::metadata(&file).map_err(|error| format!("{path}: {error}"))?.len();
                if size > FILE_BYTES_MAX as u64 {
                    return Err(too_large(size));
                }
                fs::read(&file).map_err(|error| format!("{path}: {error}"))
            }
        }
    }
}
