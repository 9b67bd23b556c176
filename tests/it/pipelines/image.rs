//! The image, as far as it can be told without a container engine: all that its build needs reaches it, and all that it names is there.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use super::{lines::files, manifests::root};

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// The files and folders that reach the build.
fn reaching() -> Vec<String> {
    let ignored = text("deploy/docker/Dockerfile.dockerignore");
    let mut lines = ignored.lines();
    assert_eq!(lines.next(), Some("*"), "all else is left out");
    lines.map(|line| line.strip_prefix('!').unwrap_or_else(|| panic!("{line}")).to_owned()).collect()
}

#[test]
fn what_the_program_includes_reaches_the_build() {
    let reaching = reaching();
    for needed in &reaching {
        assert!(root().join(needed).exists(), "{needed}");
    }
    let reaches = |path: &Path| reaching.iter().any(|known| path.starts_with(known));
    for needed in ["Cargo.toml", "Cargo.lock", "src/main.rs", "benches"] {
        assert!(root().join(needed).exists() && reaches(Path::new(needed)), "{needed}");
    }
    let mut seen = 0;
    let is_test = |file: &Path| file.components().any(|part| part.as_os_str() == "tests") || file.ends_with("tests.rs");
    for file in files("src", &["rs"]).into_iter().filter(|file| !is_test(file.strip_prefix(root()).unwrap())) {
        let whole = fs::read_to_string(&file).unwrap();
        let code = whole.split("#[cfg(test)]").next().unwrap_or_default();
        for macro_name in ["include_str!(\"", "include_bytes!(\"", "include!(\""] {
            for included in code.split(macro_name).skip(1).filter_map(|rest| rest.split('"').next()) {
                let path = plain(&file.parent().unwrap().join(included));
                assert!(path.exists(), "{}: {included}", file.display());
                let within = path.strip_prefix(root()).unwrap();
                assert!(reaches(within), "{}: {} does not reach the build", file.display(), within.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 80, "{seen}");
}

/// The path without `..` in it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => assert!(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

#[test]
fn its_stages_copy_what_others_have_made() {
    let dockerfile = text("deploy/docker/Dockerfile");
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let mut stages: Vec<&str> = Vec::new();
    for line in dockerfile.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["FROM", image, "AS", stage] => {
                let is_pinned = *image == "scratch" || image.contains(':') || stages.contains(image);
                assert!(is_pinned, "{image}");
                stages.push(stage);
            }
            ["COPY", ".", "."] => assert_eq!(stages, ["build"]),
            ["COPY", from, _, to] => {
                let from = from.strip_prefix("--from=").unwrap_or_else(|| panic!("{line}"));
                assert!(stages[..stages.len() - 1].contains(&from) && to.starts_with('/'), "{line}");
            }
            ["COPY", ..] => panic!("{line}"),
            _ => {}
        }
    }
    assert_eq!(stages, ["build", "ci", "runtime"]);
    // The compiler is the one that the manifest asks for.
    let rust = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(dockerfile.contains(&format!("FROM rust:{rust}-alpine AS build")), "{rust}");
    let build = dockerfile.lines().find(|line| line.starts_with("RUN cargo build ")).unwrap();
    let words: Vec<&str> = build.split_whitespace().collect();
    let behind = |flag: &str| words.iter().position(|word| *word == flag).map(|at| words[at + 1]).unwrap();
    assert!(words.contains(&"--locked") && words.contains(&"--release"), "{build}");
    assert_eq!(behind("--bin"), manifest["package"]["name"].as_str().unwrap());
    for feature in behind("--features").split(',') {
        assert!(manifest["features"].get(feature).is_some(), "{feature}");
    }
}
