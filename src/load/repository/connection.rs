//! Where the details of a connection are, and the passwords that must not stand among them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::{
    load::{
        diagnostics::Diagnostics,
        node::{NodeKind, ValueNode},
        scalar::NonBlankText,
        shape::{FromNode, ShapeField, Title, shape},
    },
    plan::{ConnectionSource, Place},
};

shape! {
    /// Where the details of a connection are: exactly one of these.
    SourceForm, "a map with `env`, `file` or `service`" {
        /// The environment variable that holds a URL or a key=value string.
        may env: NonBlankText,
        /// The file that holds one.
        may file: NonBlankText,
        /// A section of libpq's service file.
        may service: NonBlankText,
    }
    rules serde_json::json!([
        {"oneOf": [{"required": ["env"]}, {"required": ["file"]}, {"required": ["service"]}]}
    ]);
}

/// A URL without a password, or a reference.
#[derive(Debug, Clone)]
pub(in crate::load) struct ConnectionForm(pub(super) ConnectionSource);

impl FromNode for ConnectionForm {
    fn read(node: &ValueNode, diagnostics: &mut Diagnostics) -> Option<Self> {
        if matches!(node.kind, NodeKind::Map(_)) {
            return referred(SourceForm::read(node, diagnostics)?, diagnostics).map(ConnectionForm);
        }
        let NonBlankText(url) = NonBlankText::read(node, diagnostics)?;
        if holds_password(&url.source) {
            let help = "Whoever reads the repository could read it. Write `{ env = \"NAME\" }`, `{ file = \"PATH\" }` or \
                        `{ service = \"NAME\" }`, or leave the password to a password file.";
            diagnostics.report("backstop::load::password", node.at, "a password can't stand in this file", help);
            return None;
        }
        Some(ConnectionForm(ConnectionSource::Url(url.source)))
    }
}

fn referred(form: SourceForm, diagnostics: &mut Diagnostics) -> Option<ConnectionSource> {
    let SourceForm { at, env, file, service } = form;
    let given: Vec<(&str, Place)> = [("env", &env), ("file", &file), ("service", &service)]
        .into_iter()
        .filter_map(|(name, field)| field.key.map(|key| (name, key)))
        .collect();
    match given[..] {
        [_] => {}
        [] => {
            let help = "Add `env`, `file` or `service`.";
            diagnostics.report("backstop::load::missing_field", at, "where the connection's details are is missing", help);
        }
        [(one, _), (other, key), ..] => {
            let message = "the details of a connection are in one place";
            diagnostics.report("backstop::load::conflict", key, message, format!("Leave out `{one}` or `{other}`."));
            return None;
        }
    }
    let text = |field: ShapeField<NonBlankText>| field.value.map(|NonBlankText(text)| text.source);
    None.or_else(|| text(env).map(ConnectionSource::Env))
        .or_else(|| text(file).map(ConnectionSource::File))
        .or_else(|| text(service).map(ConnectionSource::Service))
}

/// Whether a URL or key=value string holds a password, by the rules that libpq reads them with: between `:` and `@` of a
/// URL, or as a keyword. Where it is doubtful, the answer is yes.
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING>)
fn holds_password(text: &str) -> bool {
    const KEYWORDS: [&str; 2] = ["password", "sslpassword"];
    let unfolded = decoded(text).to_ascii_lowercase();
    let is_keyword = |keyword: &str| {
        unfolded.match_indices(keyword).any(|(at, _)| {
            let rest = unfolded[at + keyword.len()..].trim_start();
            rest.strip_prefix('=').is_some_and(|value| !value.trim_start().is_empty() && !value.starts_with('&'))
        })
    };
    let in_url = || {
        let (_, rest) = text.split_once("://")?;
        let authority = rest.split(['/', '?']).next().unwrap_or(rest);
        // A password may hold any character but these, even `@` where somebody forgot to encode it.
        let (user, _) = if authority.contains('@') { authority.rsplit_once('@')? } else { rest.rsplit_once('@')? };
        let (_, password) = user.split_once(':')?;
        (!password.is_empty()).then_some(())
    };
    KEYWORDS.into_iter().any(is_keyword) || in_url().is_some()
}

/// The text with `%41` and the like as characters; what isn't such a code stays.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl JsonSchema for ConnectionForm {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Title {
        "Connection".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"anyOf": [{"type": "string", "pattern": "\\S"}, generator.subschema_for::<SourceForm>()]})
    }
}

#[cfg(test)]
mod tests {
    use super::holds_password;

    #[test]
    fn passwords_are_seen_in_every_spelling() {
        for text in [
            "postgres://app:secret@db/prod",
            "postgresql://:secret@db/prod",
            "postgres://app:s/ecret@db/prod",
            "postgres://app:s?ecret@db/prod",
            "postgres://app:a@b@db/prod",
            "postgres://app@db/prod?password=secret",
            "postgres://app@db/prod?pass%77ord=secret",
            "postgres://app@db/prod?sslpassword=x",
            "host=db password=secret",
            "host=db PASSWORD = 'secret'",
        ] {
            assert!(holds_password(text), "{text}");
        }
    }

    #[test]
    fn what_holds_none_is_not_suspected() {
        for text in [
            "postgres://app@db/prod",
            "postgres://app@db:5432/prod",
            "postgres://db:5432/prod",
            "postgres://[::1]:5432/prod?sslmode=verify-full",
            "postgres://a:1,b:2/prod",
            "postgres://app:@db/prod",
            "host=db passfile=/etc/pgpass user=app",
            "host=db user=password",
            "%zz%4",
        ] {
            assert!(!holds_password(text), "{text}");
        }
    }
}
