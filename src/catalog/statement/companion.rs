//! What the server made along with an object: owners, privileges and comments that people gave it since.

use super::{
    grant::{give, revoke_everything},
    object::comment,
};
use crate::{
    catalog::{companion::Companion, privilege::Grant},
    sql::quote::ident,
};

/// The statements that give what came along with an object its recorded owners; `now` is what it has.
pub(crate) fn companion_owners(then: &[Companion], now: &[Companion]) -> Vec<String> {
    let is_missing = |one: &&Companion| one.own_owner && find(now, one).is_none_or(|other| other.owner != one.owner);
    let set = |one: &Companion| {
        one.owner.as_ref().map(|owner| format!("ALTER {} {} OWNER TO {}", one.noun, one.identity, ident(owner)))
    };
    then.iter().filter(is_missing).filter_map(set).collect()
}

/// The statements that give what came along with an object its recorded privileges and comments; `now` is what it has.
pub(crate) fn companions(then: &[Companion], now: &[Companion]) -> Vec<String> {
    let mut statements = Vec::new();
    let more = now.iter().filter(|one| find(then, one).is_none());
    for one in then.iter().chain(more) {
        let (wanted, has) = (find(then, one), find(now, one));
        let grants = |one: Option<&Companion>| one.and_then(|one| one.grants.clone());
        if grants(wanted) != grants(has) {
            statements.extend(privileges(one, grants(wanted), &grants(has).unwrap_or_default()));
        }
        let text = |one: Option<&Companion>| one.and_then(|one| one.comment.clone());
        if text(wanted) != text(has) {
            statements.push(comment(&format!("{} {}", one.noun, one.identity), text(wanted).as_deref()));
        }
    }
    statements
}

fn find<'a>(all: &'a [Companion], one: &Companion) -> Option<&'a Companion> {
    all.iter().find(|other| (&other.noun, &other.identity) == (&one.noun, &one.identity))
}

fn privileges(one: &Companion, wanted: Option<Vec<Grant>>, has: &[Grant]) -> Vec<String> {
    let Some(owner) = &one.owner else { return Vec::new() };
    let noun = match one.noun.as_str() {
        "VIEW" | "MATERIALIZED VIEW" | "FOREIGN TABLE" => "TABLE",
        "AGGREGATE" => "FUNCTION",
        noun => noun,
    };
    let target = format!("{noun} {}", one.identity);
    let recorded = wanted.as_deref().unwrap_or_default();
    let mut statements = vec![revoke_everything(&target, owner, recorded.iter().chain(has))];
    match wanted {
        Some(grants) => statements.extend(give(&target, None, owner, &grants)),
        None => {
            // What it has by itself.
            if matches!(noun, "TYPE" | "FUNCTION" | "PROCEDURE" | "LANGUAGE") {
                statements.push(format!("GRANT ALL ON {target} TO PUBLIC"));
            }
            statements.push(format!("GRANT ALL ON {target} TO {}", ident(owner)));
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::example::grant;

    fn row_type(grants: Option<Vec<Grant>>, comment: Option<&str>) -> Companion {
        Companion {
            noun: "TYPE".to_owned(),
            identity: "s.t".to_owned(),
            owner: Some("owner".to_owned()),
            own_owner: false,
            grants,
            comment: comment.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_changed_is_given_back_and_what_was_not_is_taken_away() {
        let changed = [row_type(Some(vec![grant("USAGE", Some("api"))]), Some("a row"))];
        assert_eq!(
            companions(&changed, &[]),
            [
                r#"REVOKE ALL ON TYPE s.t FROM "api", "owner", PUBLIC CASCADE"#,
                r#"GRANT USAGE ON TYPE s.t TO "api""#,
                "COMMENT ON TYPE s.t IS 'a row'"
            ]
        );
        assert_eq!(
            companions(&[], &changed),
            [
                r#"REVOKE ALL ON TYPE s.t FROM "api", "owner", PUBLIC CASCADE"#,
                "GRANT ALL ON TYPE s.t TO PUBLIC",
                r#"GRANT ALL ON TYPE s.t TO "owner""#,
                "COMMENT ON TYPE s.t IS NULL"
            ]
        );
        assert_eq!(companions(&changed, &changed), Vec::<String>::new());
    }

    #[test]
    fn an_owner_is_set_only_where_it_is_another_than_by_itself() {
        let own = [Companion { own_owner: true, ..row_type(None, None) }];
        assert_eq!(companion_owners(&own, &[]), [r#"ALTER TYPE s.t OWNER TO "owner""#]);
        assert_eq!(companion_owners(&own, &own), Vec::<String>::new());
        assert_eq!(companion_owners(&[row_type(None, Some("x"))], &[]), Vec::<String>::new());
    }
}
