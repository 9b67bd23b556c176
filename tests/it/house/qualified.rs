//! What in SQL is looked up in the search path: functions, operators, types, the server's relations, also where no name is written.

/// Grammar, not functions.
const GRAMMAR: [&str; 26] = [
    "coalesce", "any", "all", "array", "exists", "from", "as", "and", "or", "where", "select", "values", "raise", "execute",
    "filter", "over", "row", "on", "not", "lateral", "then", "else", "using", "inherits", "copy", "stdout",
];
/// Operators that have no name to qualify. `distinct` and `in` are grammar in other places.
const NAMELESS: [&str; 7] = ["like", "ilike", "similar", "between", "nullif", "overlaps", "natural"];
/// What stands before an equals sign that is no operator: options of RAISE, and targets of GET DIAGNOSTICS.
const ASSIGNED: [&str; 8] = ["errcode", "detail", "hint", "state", "said", "more", "advice", "written"];
/// What is locked, granted and published *in* something.
const BEHIND_IN: [&str; 6] = ["schema", "database", "access", "row", "share", "exclusive"];
/// What a statement makes, whose name may come with its columns or parameters.
const MADE: [&str; 7] = ["into", "table", "view", "function", "aggregate", "with", "recursive"];
/// Types whose names the grammar does not know, before a constant.
const NAMED_TYPES: [&str; 12] =
    ["text", "date", "oid", "name", "regclass", "regtype", "uuid", "json", "jsonb", "inet", "bytea", "xml"];
/// What a name that is put in later is read as.
const PLACEHOLDER: &str = "placeholder";

/// What in a statement, a part of one, or the body of a function is looked up in the search path.
pub fn unqualified(sql: &str) -> Vec<String> {
    let tokens = tokens(&without_placeholders(sql));
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    (0..words.len()).filter_map(|at| looked_up(&words, at)).collect()
}

/// What of the token at a place is looked up.
fn looked_up(words: &[&str], at: usize) -> Option<String> {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let back = |by: usize| at.checked_sub(by).map(word).unwrap_or_default().to_ascii_lowercase();
    let (token, before, next) = (word(at), back(1), word(at + 1));
    let lower = token.to_ascii_lowercase();
    if is_within_operator(words, at) {
        return None;
    }
    if lower == "operator" && next == "(" {
        let operator: String = words[at..].iter().take_while(|word| **word != ")").copied().chain([")"]).collect();
        let named = operator.to_ascii_lowercase();
        let is_known = ["operator(pg_catalog.", "operator(placeholder."].iter().any(|known| named.starts_with(known));
        return (!is_known).then_some(operator);
    }
    if token == "::" {
        return (!next.starts_with("pg_catalog.") && next != PLACEHOLDER).then(|| format!("::{next}"));
    }
    let is_member = lower == "in" && back(2) != "for" && !BEHIND_IN.contains(&next.to_ascii_lowercase().as_str());
    // CREATE TABLE a (LIKE b)
    let is_nameless = NAMELESS.contains(&lower.as_str()) && !(lower == "like" && before == "(");
    if is_member || is_nameless {
        return Some(token.to_owned());
    }
    let is_null = word(at + 1).eq_ignore_ascii_case("from") && word(at + 2).eq_ignore_ascii_case("null");
    if lower == "distinct" && ["is", "not"].contains(&before.as_str()) && !is_null {
        return Some(token.to_owned());
    }
    if lower == "case" && !next.eq_ignore_ascii_case("when") && !next.is_empty() && next != ";" && before != "end" {
        return Some("CASE of a value".to_owned());
    }
    if lower == "using" && next == "(" && back(2) != "execute" {
        return Some("USING()".to_owned());
    }
    if token.starts_with(|c: char| c.is_ascii_alphabetic()) {
        if NAMED_TYPES.contains(&lower.as_str()) && next == "'" {
            return Some(format!("{token} ''"));
        }
        if ["from", "join", "only"].contains(&before.as_str()) && lower.starts_with("pg_") && !token.contains('.') {
            return Some(token.to_owned());
        }
        let is_call = next == "("
            && before != "as"
            && !token.contains('.')
            && !GRAMMAR.contains(&lower.as_str())
            && !is_named_query(words, at + 1);
        let known = ["pg_catalog.", "backstop.", "placeholder."];
        let is_foreign = next == "(" && token.contains('.') && !known.iter().any(|schema| token.starts_with(schema));
        let makes = |word: &str| MADE.iter().any(|made| word.trim_start_matches(PLACEHOLDER) == *made);
        let is_target = makes(&before) || token == PLACEHOLDER && makes(&back(2)) || lower == "set";
        return ((is_call && !is_target) || is_foreign).then(|| format!("{token}()"));
    }
    let is_grammar = match token {
        "*" => ["(", "select", ",", "returning", "unlisten"].contains(&before.as_str()) || before.ends_with('.'),
        "=" => ASSIGNED.contains(&before.as_str()) || ["set", "local"].contains(&back(2).as_str()),
        // A constant's own sign.
        "-" => before == "statistics",
        ":=" | ":" => true,
        _ => false,
    };
    (token.chars().all(is_of_operator) && !is_grammar).then(|| token.to_owned())
}

/// Whether columns stand in the parentheses, and a query behind them: `name (a, b) AS (SELECT …)`.
fn is_named_query(words: &[&str], open: usize) -> bool {
    let close = (open..words.len()).find(|at| words[*at] == ")").unwrap_or(open);
    let behind = |by: usize| words.get(close + by).copied().unwrap_or_default();
    behind(1).eq_ignore_ascii_case("as") && behind(2) == "("
}

/// Whether the token stands between the parentheses of OPERATOR, which is looked at as a whole.
fn is_within_operator(words: &[&str], at: usize) -> bool {
    /// `( schema . operator )`
    const LONGEST: usize = 6;
    let near = &words[at.saturating_sub(LONGEST)..at];
    let opened = near.iter().rposition(|word| *word == "(");
    let closed = near.iter().rposition(|word| *word == ")");
    let before = |open: usize| open.checked_sub(1).and_then(|at| near.get(at)).copied().unwrap_or_default();
    opened.is_some_and(|open| closed.is_none_or(|close| close < open) && before(open).eq_ignore_ascii_case("operator"))
}

/// The text with a name in each place that is filled later: `%1$I` of `format`, `{name}` of Rust.
fn without_placeholders(sql: &str) -> String {
    let text: Vec<char> = sql.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while let Some(&c) = text.get(at) {
        let format = (c == '%').then(|| {
            let digits = text[at + 1..].iter().take_while(|c| c.is_ascii_digit() || **c == '$').count();
            (text.get(at + 1 + digits).is_some_and(|c| "sIL".contains(*c))).then_some(digits + 2)
        });
        let braces = (c == '{').then(|| {
            let name = text[at + 1..].iter().take_while(|c| c.is_ascii_alphanumeric() || "_:.$#?".contains(**c)).count();
            (text.get(at + 1 + name) == Some(&'}')).then_some(name + 2)
        });
        match format.flatten().or(braces.flatten()) {
            Some(length) => {
                out.push_str(PLACEHOLDER);
                at += length;
            }
            None => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

fn is_of_operator(c: char) -> bool {
    "+-*/<>=~!@#%^&|`?:".contains(c)
}

/// Words with their dots, operators, single other characters; a quote for each constant, and no comments.
fn tokens(sql: &str) -> Vec<String> {
    let lines: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or(line)).collect();
    let text: Vec<char> = lines.join("\n").chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&c) = text.get(at) {
        let kind: Box<dyn Fn(char) -> bool> = match c {
            '\'' | '"' => {
                at += 1 + text[at + 1..].iter().position(|other| *other == c).unwrap_or(text.len() - at - 1) + 1;
                tokens.push(c.to_string());
                continue;
            }
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            c if c.is_ascii_alphanumeric() || c == '_' || c == '$' => {
                Box::new(|c| c.is_ascii_alphanumeric() || "_.$".contains(c))
            }
            c if is_of_operator(c) => Box::new(is_of_operator),
            _ => Box::new(|_| false),
        };
        let end = (at + 1..text.len()).find(|end| !kind(text[*end])).unwrap_or(text.len());
        let end = if kind(c) { end } else { at + 1 };
        tokens.push(text[at..end].iter().collect());
        at = end;
    }
    tokens
}

#[test]
fn the_scan_sees_functions_operators_and_types_without_schema() {
    for (sql, found) in [
        ("SELECT lower(a) FROM pg_catalog.pg_class", "lower()"),
        ("SELECT a FROM pg_class AS c", "pg_class"),
        ("SELECT pg_catalog.lower(a) = 'x'", "="),
        ("SELECT a::text", "::text"),
        ("SELECT text 'x'", "text ''"),
        ("SELECT a LIKE 'x%'", "LIKE"),
        ("SELECT a IN (1, 2)", "IN"),
        ("SELECT a BETWEEN 1 AND 2", "BETWEEN"),
        ("SELECT nullif(a, '')", "nullif"),
        ("SELECT a IS DISTINCT FROM b", "DISTINCT"),
        ("SELECT a IS NOT DISTINCT FROM b", "DISTINCT"),
        ("SELECT CASE a WHEN 1 THEN 2 END", "CASE of a value"),
        ("SELECT a FROM backstop.b JOIN backstop.c USING (d)", "USING()"),
        ("SELECT a FROM backstop.b NATURAL JOIN backstop.c", "NATURAL"),
        ("SELECT a FROM backstop.b ORDER BY a USING <", "<"),
        ("SELECT (a, b) = (c, d)", "="),
        ("SELECT a = ANY ($1)", "="),
        ("SELECT a FROM b WHERE {condition} AND {a}::text COLLATE pg_catalog.\"C\"", "::text"),
        ("SELECT 1 FROM t WHERE a OPERATOR(public.=) b", "OPERATOR(public.=)"),
    ] {
        assert_eq!(unqualified(sql), [found], "{sql}");
    }
    let clean = "SELECT DISTINCT pg_catalog.count(*), coalesce(a, 'b = c(d)')::pg_catalog.text, (x.y)[1:5] FROM x AS y \
                 WHERE a OPERATOR(pg_catalog.=) ANY ($1) AND b IS NOT DISTINCT FROM NULL AND %1$I OPERATOR(%I.%s) {c} AND pg_catalog.%s(a)";
    assert_eq!(unqualified(clean), Vec::<String>::new());
}
