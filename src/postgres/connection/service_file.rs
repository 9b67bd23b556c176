//! The service file: connection settings by name
//! (<https://www.postgresql.org/docs/current/libpq-pgservice.html>).

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    conninfo_error::{ConninfoError, ValueOrigin},
    environment::ConnectionEnvironment,
    keyword::KeywordValues,
};

const FILE_NAME: &str = "pg_service.conf";

/// The settings of a service: from the user's file, else from the system's.
pub(super) fn find(
    name: &str,
    user_file: Option<&str>,
    environment: &ConnectionEnvironment,
) -> Result<KeywordValues, ConninfoError> {
    let looked_at = candidates(user_file, environment);
    for path in &looked_at {
        if !path.is_file() {
            continue;
        }
        let text = fs::read_to_string(path).map_err(|error| ConninfoError::File {
            keyword: "service",
            path: path.clone(),
            problem: error.to_string(),
        })?;
        if let Some(settings) = section(&text, name, path)? {
            return Ok(settings);
        }
    }
    Err(ConninfoError::ServiceNotFound { name: name.to_owned(), looked_at })
}

fn candidates(user_file: Option<&str>, environment: &ConnectionEnvironment) -> Vec<PathBuf> {
    let user = match user_file {
        Some(path) => Some(PathBuf::from(path)),
        None => environment.home.as_ref().map(|home| home.join(format!(".{FILE_NAME}"))),
    };
    let system: Vec<PathBuf> = match environment.variable("PGSYSCONFDIR") {
        Some(directory) => vec![PathBuf::from(directory)],
        None => environment.configuration_directories.clone(),
    };
    user.into_iter().chain(system.into_iter().map(|directory| directory.join(FILE_NAME))).collect()
}

/// The settings of one section. Of a keyword that stands there twice the first one counts.
fn section(text: &str, name: &str, path: &Path) -> Result<Option<KeywordValues>, ConninfoError> {
    let mut found: Option<KeywordValues> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let mistake = |problem| ConninfoError::ServiceFile { path: path.to_owned(), line: index + 1, problem };
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            let header = header.strip_suffix(']').ok_or_else(|| mistake("a `]` is missing"))?;
            if header == name {
                found = Some(KeywordValues::default());
            }
            continue;
        }
        let Some(settings) = &mut found else { continue };
        if line.starts_with("ldap") {
            return Err(mistake("services can't be looked up by LDAP here"));
        }
        let (keyword, value) = line.split_once('=').ok_or_else(|| mistake("a `=` is missing"))?;
        if keyword == "service" || keyword == "servicefile" {
            return Err(mistake("a service can't refer to another one"));
        }
        let mut one = KeywordValues::default();
        one.set(keyword, value.to_owned(), ValueOrigin::ServiceFile(path.display().to_string()))?;
        settings.fill(one);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[shop]\nhost=db.example\n  port=5433\nhost=ignored\n\n[bad]\nservice=shop\n[worse]\nhost\n";

    fn read(name: &str) -> Result<Option<KeywordValues>, ConninfoError> {
        section(FILE, name, Path::new("pg_service.conf"))
    }

    #[test]
    fn a_section_is_found_and_the_first_value_counts() {
        let settings = read("shop").unwrap().unwrap();
        assert_eq!(settings.text("host"), Some("db.example"));
        assert_eq!(settings.text("port"), Some("5433"));
        assert!(read("none").unwrap().is_none());
    }

    #[test]
    fn mistakes_name_the_line() {
        assert!(matches!(read("bad"), Err(ConninfoError::ServiceFile { line: 8, .. })));
        assert!(matches!(read("worse"), Err(ConninfoError::ServiceFile { line: 10, .. })));
    }
}
