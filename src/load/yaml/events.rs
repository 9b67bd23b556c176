//! The library's events → tree.

use std::collections::HashMap;

use serde_yaml::granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};

use super::core_schema;
use crate::load::{
    diagnostics::{Diagnostics, problem, with_first},
    node::{MapEntry, Meaning, NESTING_MAX, NODES_MAX, NodeKind, Scalar, ValueNode, place, shortened},
    problem::LoadProblem,
};
use crate::plan::{FILE_BYTES_MAX, Place};

/// Most bytes of text that aliases may repeat.
const ALIAS_BYTES_MAX: usize = FILE_BYTES_MAX;

/// The tree of the only document of the text; nothing where there is none.
pub(in crate::load) fn parse(text: &str, diagnostics: &mut Diagnostics) -> Result<Option<ValueNode>, LoadProblem> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = NESTING_MAX;
    options.block_nesting_limit = NESTING_MAX;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut builder = Builder {
        text,
        diagnostics,
        root: None,
        documents: 0,
        open: Vec::new(),
        anchors: HashMap::new(),
        nodes: 0,
        alias_bytes: 0,
        read_to: 0,
    };
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| syntax(text, &error))?;
        let at = builder.locate(&event, span);
        builder.take(event, at)?;
        builder.read_to = at.start + at.len;
    }
    Ok(builder.root)
}

struct Builder<'t> {
    text: &'t str,
    diagnostics: &'t mut Diagnostics,
    root: Option<ValueNode>,
    documents: usize,
    open: Vec<OpenCollection>,
    anchors: HashMap<usize, Anchored>,
    nodes: usize,
    alias_bytes: usize,
    /// Where the last event ended.
    read_to: usize,
}

/// A list or map that is being read.
struct OpenCollection {
    at: Place,
    anchor: usize,
    content: CollectionContent,
}

enum CollectionContent {
    List(Vec<ValueNode>),
    Map { entries: Vec<MapEntry>, key: Option<(String, Place)> },
}

/// A value that aliases may repeat, and what a repetition costs.
struct Anchored {
    node: ValueNode,
    size: NodeSize,
}

#[derive(Clone, Copy, Default)]
struct NodeSize {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, at: Place) -> Result<(), LoadProblem> {
        match event {
            Event::DocumentStart(..) => self.start_document(at),
            Event::Alias(id) => self.repeat(id, at),
            Event::Scalar(text, style, anchor, tag) => {
                let meaning = meaning(&text, style, tag.as_deref(), at)?;
                let node = ValueNode { at, kind: NodeKind::Scalar(Scalar { text: text.into_owned(), meaning }) };
                self.finish(node, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.start(at, anchor, tag.as_deref(), CollectionContent::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.start(at, anchor, tag.as_deref(), CollectionContent::Map { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            _ => Ok(()),
        }
    }

    fn start_document(&mut self, at: Place) -> Result<(), LoadProblem> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        let help = "One file holds one plan: put the others into files of their own.";
        Err(problem("backstop::load::several_documents", at, "a second document begins here", help))
    }

    fn start(&mut self, at: Place, anchor: usize, tag: Option<&Tag>, content: CollectionContent) -> Result<(), LoadProblem> {
        if let Some(tag) = tag {
            return Err(tagged(tag, at));
        }
        if self.open.len() >= NESTING_MAX {
            return Err(too_deep(at));
        }
        self.open.push(OpenCollection { at, anchor, content });
        Ok(())
    }

    fn end(&mut self, at: Place) -> Result<(), LoadProblem> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let end = (at.start + at.len).max(open.at.start);
        let kind = match open.content {
            CollectionContent::List(items) => NodeKind::List(items),
            CollectionContent::Map { entries, .. } => NodeKind::Map(self.once(entries)),
        };
        self.finish(ValueNode { at: place(open.at.start, end - open.at.start), kind }, open.anchor)
    }

    /// The fields without those that come a second time, which are reported.
    fn once(&mut self, entries: Vec<MapEntry>) -> Vec<MapEntry> {
        let mut first: HashMap<String, Place> = HashMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for entry in entries {
            if let Some(place) = first.get(&entry.key) {
                let message = format!("the field `{}` stands here a second time", shortened(&entry.key));
                let again = problem("backstop::load::duplicate_field", entry.key_at, message, "Keep one of the two.");
                self.diagnostics.push(with_first(again, *place));
            } else {
                first.insert(entry.key.clone(), entry.key_at);
                kept.push(entry);
            }
        }
        kept
    }

    /// Puts a complete value where it belongs.
    fn finish(&mut self, node: ValueNode, anchor: usize) -> Result<(), LoadProblem> {
        self.count(1, node.at)?;
        if anchor != 0 {
            let size = size(&node);
            // An anchor costs a copy as an alias does: anchors within anchors could else square the memory.
            self.spend(size, node.at)?;
            self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        }
        self.place(node)
    }

    fn repeat(&mut self, id: usize, at: Place) -> Result<(), LoadProblem> {
        let Some(anchored) = self.anchors.get(&id) else {
            let message = "an alias stands inside of what it repeats";
            return Err(problem("backstop::load::syntax", at, message, "Write the value out instead of `*…`."));
        };
        let (size, node) = (anchored.size, anchored.node.clone());
        if self.open.len() + size.depth > NESTING_MAX {
            return Err(too_deep(at));
        }
        self.spend(size, at)?;
        self.place(node)
    }

    fn place(&mut self, node: ValueNode) -> Result<(), LoadProblem> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            CollectionContent::List(items) => items.push(node),
            CollectionContent::Map { entries, key } => match (key.take(), node) {
                (Some((key, key_at)), value) => entries.push(MapEntry { key, key_at, value }),
                (None, ValueNode { at, kind: NodeKind::Scalar(scalar) }) => *key = Some((scalar.text, at)),
                (None, ValueNode { at, .. }) => {
                    let help = "Write `name: value`; a template that begins with `{{` needs quotes around it.";
                    return Err(problem("backstop::load::syntax", at, "the name of a field must be a text", help));
                }
            },
        }
        Ok(())
    }

    fn spend(&mut self, size: NodeSize, at: Place) -> Result<(), LoadProblem> {
        self.alias_bytes += size.bytes;
        if self.alias_bytes > ALIAS_BYTES_MAX {
            return Err(too_many(at, format!("aliases repeat more than {ALIAS_BYTES_MAX} bytes of text")));
        }
        self.count(size.nodes, at)
    }

    fn count(&mut self, nodes: usize, at: Place) -> Result<(), LoadProblem> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err(too_many(at, format!("the file holds more than {NODES_MAX} values, aliases counted")));
        }
        Ok(())
    }

    fn locate(&self, event: &Event<'_>, span: Span) -> Place {
        let start = span.start.byte_offset().unwrap_or(0).min(self.text.len());
        let end = span.end.byte_offset().unwrap_or(start).clamp(start, self.text.len());
        // Of a block the library tells only the content; its place begins at the marker.
        let marker = match event {
            Event::Scalar(_, ScalarStyle::Literal, ..) => self.marker('|', start),
            Event::Scalar(_, ScalarStyle::Folded, ..) => self.marker('>', start),
            _ => None,
        };
        let start = marker.unwrap_or(start);
        place(start, end - start)
    }

    /// The marker of the block whose content begins at the offset: the first word since the last event that begins with
    /// it. Before it stand `:` or `-`, an anchor, a tag, comments.
    fn marker(&self, marker: char, content: usize) -> Option<usize> {
        let mut at = self.read_to;
        while let Some(rest) = self.text.get(at..content).filter(|rest| !rest.is_empty()) {
            let word = at + rest.len() - rest.trim_start().len();
            let rest = self.text.get(word..content)?;
            if rest.starts_with(marker) {
                return Some(word);
            }
            let end = if rest.starts_with('#') { rest.find('\n') } else { rest.find(char::is_whitespace) };
            at = word + end?;
        }
        None
    }
}

fn size(node: &ValueNode) -> NodeSize {
    let (mut size, inner): (NodeSize, Vec<NodeSize>) = match &node.kind {
        NodeKind::Scalar(scalar) => (NodeSize { bytes: scalar.text.len(), ..NodeSize::default() }, Vec::new()),
        NodeKind::List(items) => (NodeSize { depth: 1, ..NodeSize::default() }, items.iter().map(self::size).collect()),
        NodeKind::Map(entries) => {
            let bytes = entries.iter().map(|entry| entry.key.len()).sum();
            (NodeSize { depth: 1, bytes, nodes: 0 }, entries.iter().map(|entry| self::size(&entry.value)).collect())
        }
    };
    size.nodes += 1 + inner.iter().map(|inner| inner.nodes).sum::<usize>();
    size.bytes += inner.iter().map(|inner| inner.bytes).sum::<usize>();
    size.depth += inner.iter().map(|inner| inner.depth).max().unwrap_or(0);
    size
}

fn meaning(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Place) -> Result<Meaning, LoadProblem> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema_tag("str") => Ok(Meaning::Text),
        Some(tag) => Err(tagged(tag, at)),
        None if style == ScalarStyle::Plain => Ok(core_schema::meaning(text)),
        None => Ok(Meaning::Text),
    }
}

fn tagged(tag: &Tag, at: Place) -> LoadProblem {
    let message = format!("the tag `{}` means nothing in a plan", tag.original());
    problem("backstop::load::tag", at, message, "Leave the tag out, and quote the value where a text is meant.")
}

fn too_deep(at: Place) -> LoadProblem {
    let message = format!("lists and maps are nested more than {NESTING_MAX} deep");
    problem("backstop::load::too_deep", at, message, "No plan needs that; is this the right file?")
}

fn too_many(at: Place, message: String) -> LoadProblem {
    problem("backstop::load::too_many_values", at, message, "Split the plan, or write fewer aliases.")
}

fn syntax(text: &str, error: &ScanError) -> LoadProblem {
    const TABS: &str = "YAML is indented with spaces: replace the tabs at the beginning of the line.";
    use serde_yaml::granit_parser::ErrorKind;
    let start = error.marker().byte_offset().unwrap_or(0).min(text.len());
    let at = place(start, text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8));
    let help = match error.kind() {
        ErrorKind::RecursionLimitExceeded => return too_deep(at),
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => TABS,
        _ if indented_with_tab(text, start) => TABS,
        ErrorKind::UnknownAnchor => {
            "Write `&name` before the first use of `*name`; a glob that begins with `*` needs quotes."
        }
        _ => "The line, or the one before it, isn't YAML; texts with `: `, ` #`, `{` or `%` need quotes or a block (`|`).",
    };
    problem("backstop::load::syntax", at, error.info(), help)
}

/// Whether the line of the offset, or the one before it, begins with white space that has a tab in it.
fn indented_with_tab(text: &str, offset: usize) -> bool {
    let Some(before) = text.get(..offset) else { return false };
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let previous = before[..line.saturating_sub(1)].rfind('\n').map_or(0, |at| at + 1);
    [previous, line].iter().any(|start| {
        let rest = &text[*start..];
        rest[..rest.len() - rest.trim_start_matches([' ', '\t']).len()].contains('\t')
    })
}
