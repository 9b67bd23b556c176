//! How a text is spelled in its file: from a byte of the decoded text back to a byte of the file.

use super::format::PlanFormat;

/// The byte of `raw`, the text as it is written with its quotes and block markers, at which the byte `offset` of the
/// decoded text stands.
pub(super) fn find(format: PlanFormat, raw: &str, decoded: &str, offset: usize) -> usize {
    let nth = decoded.char_indices().take_while(|(at, _)| *at < offset).count();
    // An offset within a character belongs to that character.
    let nth = if decoded.is_char_boundary(offset.min(decoded.len())) { nth } else { nth.saturating_sub(1) };
    let places = match (format, raw.as_bytes().first()) {
        (PlanFormat::Yaml, Some(b'|')) => literal_block(raw, decoded),
        (PlanFormat::Yaml, Some(b'>')) => folded_block(raw, decoded),
        (PlanFormat::Yaml, Some(b'"')) => flow(raw, Quote::Double),
        (PlanFormat::Yaml, Some(b'\'')) => flow(raw, Quote::Single),
        (PlanFormat::Yaml, _) => flow(raw, Quote::None),
        (PlanFormat::Toml, Some(b'"' | b'\'')) => toml(raw),
        (PlanFormat::Toml, _) => raw.char_indices().map(|(at, _)| at).collect(),
    };
    match (places.get(nth), places.last()) {
        (Some(at), _) => *at,
        (None, Some(last)) => last + raw[*last..].chars().next().map_or(0, char::len_utf8),
        (None, None) => 0,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    None,
    Single,
    Double,
}

/// `|`: every line of the decoded text is the end of a line of the file, behind the indentation.
fn literal_block(raw: &str, decoded: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut rest = raw.find('\n').map_or(raw.len(), |at| at + 1);
    for line in decoded.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let end = raw[rest..].find('\n').map_or(raw.len(), |at| rest + at);
        let written = raw[rest..end].trim_end_matches('\r');
        let indent = written.len().saturating_sub(content.len());
        let start = if raw.is_char_boundary(rest + indent) { rest + indent } else { rest };
        places.extend(raw[start..rest + written.len()].char_indices().map(|(at, _)| start + at));
        if line.ends_with('\n') {
            places.push((rest + written.len()).min(raw.len()));
        }
        rest = (end + 1).min(raw.len());
    }
    places
}

/// `>`: folding changes white space only, so that other characters are matched by their order.
fn folded_block(raw: &str, decoded: &str) -> Vec<usize> {
    let body = raw.find('\n').map_or(raw.len(), |at| at + 1);
    let mut solid = raw[body..].char_indices().filter(|(_, c)| !c.is_whitespace()).map(|(at, c)| (body + at, c.len_utf8()));
    let mut after = body;
    let mut places = Vec::new();
    for c in decoded.chars() {
        if c.is_whitespace() {
            places.push(after.min(raw.len()));
            after += c.len_utf8();
        } else {
            let (at, len) = solid.next().unwrap_or((body, 0));
            places.push(at);
            after = at + len;
        }
    }
    // White space that stands for a break and its indentation must not run ahead of what follows it.
    let mut behind = raw.len();
    for at in places.iter_mut().rev() {
        behind = behind.min(*at);
        *at = floor(raw, behind);
    }
    places
}

/// Plain and quoted texts of YAML: a break within them becomes a space, further ones stay, escapes are one character.
fn flow(raw: &str, quote: Quote) -> Vec<usize> {
    let (start, end) = if quote == Quote::None { (0, raw.len()) } else { (1, raw.len().saturating_sub(1).max(1)) };
    let mut places = Vec::new();
    let mut at = start.min(raw.len());
    while at < end {
        let rest = &raw[at..end];
        let white = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let Some(c) = rest.chars().next() else { break };
        if white > 0 && rest[..white].contains('\n') {
            let breaks: Vec<usize> = rest[..white].match_indices('\n').map(|(nth, _)| at + nth).collect();
            // One break is a space; of several, the first vanishes.
            places.extend(breaks.iter().skip(usize::from(breaks.len() > 1)));
            at += white;
        } else if quote == Quote::Double && c == '\\' {
            at += escape(rest, at, PlanFormat::Yaml, &mut places);
        } else {
            places.push(at);
            at += if quote == Quote::Single && rest.starts_with("''") { 2 } else { c.len_utf8() };
        }
    }
    places
}

/// Strings of TOML: breaks stay, a carriage return before one doesn't.
fn toml(raw: &str) -> Vec<usize> {
    let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
    let escapes = raw.starts_with('"');
    let end = raw.len().saturating_sub(quotes).max(quotes).min(raw.len());
    let mut at = quotes.min(raw.len());
    if quotes == 3 {
        let rest = &raw[at..end];
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let mut places = Vec::new();
    while at < end {
        let rest = &raw[at..end];
        let Some(c) = rest.chars().next() else { break };
        if escapes && c == '\\' {
            at += escape(rest, at, PlanFormat::Toml, &mut places);
        } else if rest.starts_with("\r\n") {
            places.push(at);
            at += 2;
        } else {
            places.push(at);
            at += c.len_utf8();
        }
    }
    places
}

/// The length of the escape that `rest` begins with; the place of the character that it stands for, if any, is noted.
fn escape(rest: &str, at: usize, format: PlanFormat, places: &mut Vec<usize>) -> usize {
    let digits = match rest.as_bytes().get(1) {
        Some(b'x') => 2,
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b' ' | b'\t' | b'\r' | b'\n') if breaks_line(rest, format) => {
            let broken = &rest[1..];
            return 1 + match format {
                // YAML drops one break and the indentation behind it, further breaks stay; TOML drops all of them.
                PlanFormat::Yaml => {
                    let line = broken.find('\n').map_or(broken.len(), |nth| nth + 1);
                    let white = broken[line..].len() - broken[line..].trim_start_matches([' ', '\t', '\r', '\n']).len();
                    places.extend(broken[line..line + white].match_indices('\n').map(|(nth, _)| at + 1 + line + nth));
                    line + white
                }
                PlanFormat::Toml => broken.len() - broken.trim_start_matches([' ', '\t', '\r', '\n']).len(),
            };
        }
        Some(_) => {
            places.push(at);
            return 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
        }
        None => return 1,
    };
    let number = rest.get(2..2 + digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0);
    // The first half of a pair of surrogates stands for nothing by itself.
    if !(0xD800..0xDC00).contains(&number) {
        places.push(at);
    }
    (2 + digits).min(rest.len())
}

/// Whether the backslash that `rest` begins with joins two lines. In TOML white space may stand between, in YAML a
/// backslash and a space are an escape.
fn breaks_line(rest: &str, format: PlanFormat) -> bool {
    let white = match format {
        PlanFormat::Yaml => rest[1..].trim_start_matches('\r'),
        PlanFormat::Toml => rest[1..].trim_start_matches([' ', '\t', '\r']),
    };
    white.starts_with('\n')
}

/// The nearest boundary of a character at or before the offset.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
