//! `diff OLD NEW`: two files.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use super::{
    super::{arguments::Diff, problem::Problem},
    environments::{FILE, Readers, arounds, repository},
    pair::Pair,
    version::Version,
};
use crate::{plan::FILE_BYTES_MAX, review::Reviews};

/// What changed between two files, each with the files beside it.
///
/// # Errors
/// Files that can't be read; that one of them is no valid plan is part of the review.
pub fn of_files(old: &Path, new: &Path, arguments: &Diff) -> Result<Reviews, Problem> {
    let found = settings_file()?;
    let repository = match &found {
        Some(path) => {
            let bytes = read(path).map_err(|why| Problem::usage("backstop::cli::file", why, "Look at its permissions."))?;
            Some(repository(&path.display().to_string(), &bytes)?)
        }
        None => None,
    };
    let folder = found.as_deref().and_then(Path::parent).unwrap_or(Path::new("")).to_owned();
    let of_repository = |name: &str| Some(read(&folder.join(name)));
    let of_command_line = |name: &str| Some(read(Path::new(name)));
    let readers =
        Readers { of_repository: [&of_repository, &of_repository], of_command_line: [&of_command_line, &of_command_line] };
    let arounds = arounds(repository.as_ref(), repository.as_ref(), &readers, arguments)?;
    let bytes = |path: &Path| {
        read(path).map_err(|why| Problem::usage("backstop::cli::file", why, "Look at the path and at its permissions."))
    };
    let (old_bytes, new_bytes) = (bytes(old)?, bytes(new)?);
    let beside = |path: &Path| {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        move |name: &str| read(&folder.join(name))
    };
    let (beside_old, beside_new) = (beside(old), beside(new));
    let (old_name, new_name) = (old.display().to_string(), new.display().to_string());
    let pair = Pair {
        old: Some(Version { name: &old_name, bytes: &old_bytes, beside: &beside_old }),
        new: Some(Version { name: &new_name, bytes: &new_bytes, beside: &beside_new }),
    };
    let plans = pair.reviewed(&arounds).into_iter().collect();
    let environments = arounds.iter().filter_map(|around| around.environment.clone()).collect();
    Ok(Reviews { old: old_name.clone(), new: new_name.clone(), environments, plans })
}

/// The repository's file above the working directory, up to the root of the git repository.
fn settings_file() -> Result<Option<PathBuf>, Problem> {
    let here = env::current_dir().map_err(|error| Problem::file(Path::new("."), &error))?;
    for folder in here.ancestors() {
        let file = folder.join(FILE);
        if file.is_file() {
            return Ok(Some(file));
        }
        if folder.join(".git").exists() {
            break;
        }
    }
    Ok(None)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > FILE_BYTES_MAX as u64 {
        return Err(format!("{}: {size} bytes are more than the {FILE_BYTES_MAX} that a plan may have", path.display()));
    }
    fs::read(path).map_err(failed)
}
