//! Connection strings → settings.

use super::{
    conninfo_error::{ConninfoError, ValueOrigin},
    keyword::KeywordValues,
    url,
};

/// A connection string: a URL, `keyword=value` pairs, or, as with psql, the bare name of a database.
pub(super) fn parse(text: &str) -> Result<KeywordValues, ConninfoError> {
    let text = text.trim();
    if let Some(rest) = url::without_scheme(text) {
        return url::parse(rest, text.chars().count() - rest.chars().count());
    }
    if text.contains("://") {
        return Err(ConninfoError::Syntax { problem: "the scheme is neither postgresql:// nor postgres://", position: 1 });
    }
    if text.contains('=') {
        return Pairs { text: text.chars().collect(), at: 0 }.parse();
    }
    let mut settings = KeywordValues::default();
    settings.set("dbname", text.to_owned(), ValueOrigin::Text)?;
    Ok(settings)
}

/// `keyword = 'value' …`, as libpq reads it: white space around `=`, quotes, and `\` before any character.
struct Pairs {
    text: Vec<char>,
    at: usize,
}

impl Pairs {
    fn parse(mut self) -> Result<KeywordValues, ConninfoError> {
        let mut settings = KeywordValues::default();
        let mut is_behind_password = false;
        loop {
            self.skip_space();
            if self.at == self.text.len() {
                return Ok(settings);
            }
            let position = self.at + 1;
            let keyword = self.keyword()?;
            let value = self.value()?;
            match settings.set(&keyword, value, ValueOrigin::Text) {
                // The word is not repeated: it may be the second half of a password with a space in it.
                Err(_) if is_behind_password => {
                    let problem = "a blank of the password is not quoted: what follows it is no setting, at the word";
                    return Err(ConninfoError::Syntax { problem, position });
                }
                set => set?,
            }
            is_behind_password = keyword.contains("password");
        }
    }

    fn keyword(&mut self) -> Result<String, ConninfoError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c != '=' && !c.is_whitespace()) {
            self.at += 1;
        }
        let keyword: String = self.text.get(start..self.at).unwrap_or_default().iter().collect();
        self.skip_space();
        // The word is not repeated: it may be the second half of a password with a space in it.
        if self.peek() != Some('=') {
            return Err(ConninfoError::Syntax { problem: "a `=` is missing after the word", position: start + 1 });
        }
        self.at += 1;
        self.skip_space();
        Ok(keyword)
    }

    fn value(&mut self) -> Result<String, ConninfoError> {
        let start = self.at;
        let quoted = self.peek() == Some('\'');
        if quoted {
            self.at += 1;
        }
        let mut value = String::new();
        loop {
            match self.peek() {
                None if quoted => {
                    return Err(ConninfoError::Syntax { problem: "a quote is never closed, opened", position: start + 1 });
                }
                None => return Ok(value),
                Some('\'') if quoted => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(c) if !quoted && c.is_whitespace() => return Ok(value),
                Some('\\') => {
                    self.at += 1;
                    value.extend(self.peek());
                }
                Some(c) => value.push(c),
            }
            self.at = (self.at + 1).min(self.text.len());
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_libpq_reads_them() {
        let settings = parse(r"host = db.example port='5433' password='it\'s \\ here' user=a\ b dbname=''").unwrap();
        assert_eq!(settings.text("host"), Some("db.example"));
        assert_eq!(settings.text("port"), Some("5433"));
        assert_eq!(settings.text("password"), Some(r"it's \ here"));
        assert_eq!(settings.text("user"), Some("a b"));
        assert_eq!(settings.text("dbname"), None);
    }

    #[test]
    fn a_bare_word_is_a_database() {
        assert_eq!(parse("shop").unwrap().text("dbname"), Some("shop"));
    }

    #[test]
    fn mistakes_never_repeat_what_could_be_a_password() {
        for (text, code) in [
            ("user=alice password=hun ter2", "backstop::connect::conninfo_syntax"),
            ("password='hunter2", "backstop::connect::conninfo_syntax"),
            ("mysql://alice:hunter2@db/shop", "backstop::connect::conninfo_syntax"),
            ("postgres://alice:hun/ter2@db/shop", "backstop::connect::conninfo_syntax"),
            ("postgres://alice:hunter2%zz@db/shop", "backstop::connect::conninfo_syntax"),
            ("postgres://alice:12/hunter2?ter2=1@db/shop", "backstop::connect::conninfo_syntax"),
        ] {
            let Err(error) = parse(text).and_then(|settings| super::super::resolve::ports(&settings).map(|_| ())) else {
                panic!("{text} is accepted");
            };
            assert_eq!(error.code(), code, "{text}");
            let said = format!("{error} {} {error:?}", error.help());
            assert!(!said.contains("ter2") && !said.contains("hun"), "{said}");
        }
    }

    #[test]
    fn unknown_keywords_come_with_a_suggestion() {
        let Err(error) = parse("hostt=db") else { panic!("accepted") };
        assert_eq!(error.code(), "backstop::connect::unknown_keyword");
        assert_eq!(error.help(), "Did you mean `host`?");
    }
}
