//! Text → statements.

use std::ops::Range;

use super::{
    classify,
    keywords::StatementTokens,
    kind::StatementKind,
    lock::{self, LockLevel},
    problem::SqlProblem,
    token::{Token, TokenKind, Tokens},
};

/// One statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    range: Range<usize>,
    text: String,
    kind: StatementKind,
    lock: LockLevel,
}

impl Statement {
    /// Its bytes in the text that was split: from its first token to its last one, without comments around it and without
    /// the semicolon.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it does, as far as it matters for a run.
    pub fn kind(&self) -> StatementKind {
        self.kind
    }

    /// How strongly it locks tables that exist already.
    pub fn lock(&self) -> LockLevel {
        self.lock
    }
}

/// Splits a text into statements where the server would, without judging them: an unknown statement is
/// [`StatementKind::Other`].
///
/// Semicolons end a statement unless they stand in the body of an SQL function (`BEGIN ATOMIC … END`) or between the
/// parentheses of `CREATE RULE … DO (…; …)`. Empty statements are left out. Works in one pass over the tokens, without
/// recursion, so that no nesting is too deep for it.
///
/// # Errors
/// [`SqlProblem`] where a string, comment or quoted identifier has no end, or where the text holds what only psql understands.
pub fn split(text: &str) -> Result<Vec<Statement>, SqlProblem> {
    let mut statements = Vec::new();
    let mut current = Current::default();
    for token in Tokens::of(text) {
        let token = token?;
        if token.kind == TokenKind::Semicolon && !current.is_inside(text) {
            if let Some(statement) = std::mem::take(&mut current).finish(text) {
                if statement.kind == StatementKind::CopyFromStdin && has_copy_data(&text[token.end..]) {
                    return Err(SqlProblem::copy_data(statement.range.start));
                }
                statements.push(statement);
            }
        } else if token.is_significant() {
            current.push(token, text);
        }
    }
    statements.extend(current.finish(text));
    Ok(statements)
}

/// Whether a line ends inline data, as `pg_dump` and psql write it.
fn has_copy_data(rest: &str) -> bool {
    rest.lines().any(|line| line.trim_end() == "\\.")
}

#[derive(Default)]
struct Current {
    tokens: Vec<Token>,
    parentheses: usize,
    /// `BEGIN ATOMIC` and the `CASE`s in it that wait for their `END`.
    blocks: usize,
}

impl Current {
    fn is_inside(&self, text: &str) -> bool {
        self.blocks > 0 || (self.parentheses > 0 && StatementTokens::of(text, &self.tokens).is_create_rule())
    }

    fn push(&mut self, token: Token, text: &str) {
        match token.kind {
            TokenKind::Open => self.parentheses += 1,
            TokenKind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            TokenKind::Word => self.count_blocks(&text[token.range()], text),
            _ => {}
        }
        self.tokens.push(token);
    }

    fn count_blocks(&mut self, word: &str, text: &str) {
        let words = StatementTokens::of(text, &self.tokens);
        let last = self.tokens.len().wrapping_sub(1);
        let is_atomic = |word: &str| word.eq_ignore_ascii_case("atomic") && words.is(last, "BEGIN") && words.is(0, "CREATE");
        if self.blocks == 0 {
            self.blocks = usize::from(is_atomic(word));
        } else if !words.is(last, "AS") && !words.is_kind(last, TokenKind::Dot) {
            // After AS or a dot these words are plain names.
            if word.eq_ignore_ascii_case("case") {
                self.blocks += 1;
            } else if word.eq_ignore_ascii_case("end") {
                self.blocks -= 1;
            }
        }
    }

    fn finish(self, text: &str) -> Option<Statement> {
        let range = self.tokens.first()?.start..self.tokens.last()?.end;
        let words = StatementTokens::of(text, &self.tokens);
        let kind = classify::kind(&words);
        let lock = lock::level(kind, &words);
        Some(Statement { text: text[range.clone()].to_owned(), range, kind, lock })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(text: &str) -> Vec<String> {
        split(text).unwrap().into_iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_end_statements_only_outside_of_quotes_and_bodies() {
        for (text, expected) in [
            ("", &[][..]),
            (" ; -- c;\n ; /* d; */", &[]),
            ("SELECT 1; SELECT 2", &["SELECT 1", "SELECT 2"]),
            ("-- a;\nSELECT 1 /* ; */ + 1 -- b\n;", &["SELECT 1 /* ; */ + 1"]),
            ("SELECT ';', E'\\';', \";\", $$;$$, $a$;$$;$a$; x", &["SELECT ';', E'\\';', \";\", $$;$$, $a$;$$;$a$", "x"]),
            ("SELECT E'a'\n'\\';'; x", &["SELECT E'a'\n'\\';'", "x"]),
            ("/* /* ; */ ; */ SELECT 1; x", &["SELECT 1", "x"]),
            (
                "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); x",
                &["CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b)", "x"],
            ),
            ("SELECT (1; COMMIT; x", &["SELECT (1", "COMMIT", "x"]),
            ("BEGIN; ATOMIC; END", &["BEGIN", "ATOMIC", "END"]),
            ("größe; \"ö;\"", &["größe", "\"ö;\""]),
            ("\u{feff}SELECT 1;", &["SELECT 1"]),
        ] {
            assert_eq!(texts(text), expected, "{text}");
        }
    }

    #[test]
    fn bodies_of_sql_functions_stay_whole() {
        let function = "CREATE OR REPLACE FUNCTION f(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC
            INSERT INTO t VALUES (CASE WHEN x > 1 THEN 1 ELSE (CASE x WHEN 1 THEN 2 END) END);
            SELECT 1 AS end, t.end, \"end\", begin FROM t; /* END; */ SELECT 'END;';
        END";
        assert_eq!(texts(&format!("{function};\nSELECT 1;")), [function, "SELECT 1"]);
        let procedure = "create procedure p() begin atomic end";
        assert_eq!(texts(&format!("{procedure}; x")), [procedure, "x"]);
        let begin_argument = "CREATE FUNCTION f(begin atomic) RETURNS int AS $$ SELECT 1; $$ LANGUAGE sql";
        assert_eq!(split(begin_argument).unwrap().len(), 1);
    }

    #[test]
    fn ranges_lead_back_into_the_text() {
        let text = "/* é */ SELECT 1 ;\n\n  SELECT 'ü' -- x\n;";
        for statement in split(text).unwrap() {
            assert_eq!(&text[statement.range()], statement.text());
        }
    }

    #[test]
    fn what_only_psql_understands_is_said() {
        for (text, code, offset) in [
            ("SELECT 1;\n\\d orders", "backstop::sql::psql_command", 10),
            ("SELECT 1 \\gexec", "backstop::sql::psql_command", 9),
            ("x; COPY t FROM stdin;\n1\tit's\n\\.\n", "backstop::sql::copy_data", 3),
            ("SELECT 'a", "backstop::sql::unterminated", 7),
            ("SELECT 1; $$", "backstop::sql::unterminated", 10),
            ("/* /* */", "backstop::sql::unterminated", 0),
            ("SELECT 1\0", "backstop::sql::nul", 8),
        ] {
            let problem = split(text).unwrap_err();
            assert_eq!((problem.code, problem.offset), (code, offset), "{text}");
        }
        assert!(split("\\copy x").unwrap_err().message.contains("`\\copy`"));
        assert!(split("COPY t FROM stdin").is_ok());
    }

    #[test]
    fn hostile_texts_are_quick() {
        let started = std::time::Instant::now();
        let nested = format!("SELECT {}1{}; x", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(split(&nested).unwrap().len(), 2);
        assert_eq!(split(&"(".repeat(1 << 20)).unwrap().len(), 1);
        assert_eq!(split(&"BEGIN ATOMIC ".repeat(80_000)).unwrap().len(), 1);
        assert!(split(&"/*".repeat(1 << 19)).is_err());
        assert_eq!(split(&"(;".repeat(1 << 18)).unwrap().len(), 1 << 18);
        assert_eq!(split(&"INSERT INTO public.t (a, b) VALUES (1, 'x;y');\n".repeat(60_000)).unwrap().len(), 60_000);
        let rule = format!("CREATE RULE r AS ON INSERT TO t DO ({}", "DELETE FROM a;".repeat(60_000));
        assert_eq!(split(&rule).unwrap().len(), 1);
        assert!(started.elapsed().as_secs() < 300, "{:?}", started.elapsed());
    }

    proptest! {
        #[test]
        fn statements_and_what_says_nothing_make_up_the_text(
            text in r#"(select |begin atomic |end|case |create |rule |[aE'"$\\;/*\-\n \[(.):é]|\PC){0,60}"#
        ) {
            let Ok(statements) = split(&text) else { return Ok(()) };
            let mut at = 0;
            let mut between = Vec::new();
            for statement in &statements {
                prop_assert_eq!(&text[statement.range()], statement.text());
                between.push(&text[at..statement.range().start]);
                at = statement.range().end;
            }
            between.push(&text[at..]);
            for gap in between {
                let silent = |t: &Token| !t.is_significant() || t.kind == TokenKind::Semicolon;
                prop_assert!(Tokens::of(gap).all(|token| token.is_ok_and(|t| silent(&t))), "{:?}", gap);
            }
        }
    }
}
