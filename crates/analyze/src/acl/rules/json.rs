//! Parses rules in JSON as leniently as servers do.
//!
//! Servers have their own JSON parser. Commas may be missing in lists or follow the last item. A
//! `}` ends an object in place of a key or value. Text after the outermost object is ignored. An
//! object also ends at a missing comma, whatever follows, and at the end of the text: `{"acl":
//! "write"` is a whole policy.

use super::super::version::{HALF_SURROGATES, ServerVersion};
use super::fault::Fault;
use super::json_tokens::next_token;
use super::name::Name;
use super::position::{Position, RuleError};
use super::source::Source;
use super::token::{Token, TokenKind};
use super::tree::{Item, Key, Language, Literal, MAX_DEPTH, Node};
use super::unquote::{Quoting, unquote};

/// Parses the object at the start of a text, and converts it to the shape of HCL's blocks.
pub(super) fn parse(text: &[u8], version: ServerVersion) -> Result<Vec<Item>, RuleError> {
    let lenient = HALF_SURROGATES.contains(version);
    let mut reader = Reader {
        quoting: if lenient { Quoting::LenientJson } else { Quoting::Json },
        source: Source::new(text, Language::Json),
        token: Token { kind: TokenKind::End, text: "".into(), place: Position::default() },
    };
    let read = match reader.scan() {
        TokenKind::Open => reader.object(0),
        TokenKind::End => Err(Stop::End),
        _ => {
            let server = format!("Expected object, got unknown token: {}", reader.token.server());
            Err(reader.wrong("'{'", &server))
        }
    };
    reader.source.verdict()?;
    match read {
        Ok(items) => Ok(flatten(items)),
        Err(Stop::Wrong(error)) => Err(error),
        Err(Stop::End) => {
            let error =
                RuleError::new(reader.token.place, "expected '{', found the end of the text");
            Err(error.said("EOF token found"))
        }
    }
}

/// Why parsing stops.
enum Stop {
    /// The text ends in place of a key or value.
    End,
    Wrong(RuleError),
}

struct Reader<'t> {
    quoting: Quoting,
    source: Source<'t>,
    /// The token read last.
    token: Token,
}

impl Reader<'_> {
    fn scan(&mut self) -> TokenKind {
        self.token = next_token(&mut self.source);
        self.token.kind
    }

    /// The error at the last token, for which servers report no position.
    fn wrong(&self, want: &str, server: &str) -> Stop {
        let what = format!("expected {want}, found {}", self.token.kind.describe());
        Stop::Wrong(RuleError::new(self.token.place, what).said(server))
    }

    /// An object, after its '{'. Anything but a comma after an item ends it, and so does the end of
    /// the text, or an unexpected '}'.
    fn object(&mut self, depth: usize) -> Result<Vec<Item>, Stop> {
        if depth >= MAX_DEPTH {
            self.source.halt(Fault::Depth);
            return Err(Stop::End);
        }
        let mut items = Vec::new();
        loop {
            match self.item(depth + 1) {
                Ok(item) => items.push(item),
                Err(Stop::End) => return Ok(items),
                Err(_) if self.token.kind == TokenKind::Close => return Ok(items),
                Err(wrong) => return Err(wrong),
            }
            if self.scan() != TokenKind::Comma {
                return Ok(items);
            }
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, Stop> {
        let mut keys = Vec::new();
        loop {
            match self.scan() {
                TokenKind::Text => keys.push(Key { text: self.text(), place: self.token.place }),
                TokenKind::Colon if !keys.is_empty() => break,
                TokenKind::End => return Err(Stop::End),
                TokenKind::Illegal => return Err(self.wrong("a quoted key and ':'", "illegal")),
                kind => {
                    let server = format!("expected: STRING got: {}", kind.server());
                    return Err(self.wrong("a quoted key and ':'", &server));
                }
            }
        }
        self.scan();
        let place = self.token.place;
        let value = match self.token.kind {
            TokenKind::Text | TokenKind::Number => Node::Literal(Literal::Text(self.text()), place),
            TokenKind::Float | TokenKind::Bool => Node::Literal(Literal::Other, place),
            // Treated as an empty text.
            TokenKind::Null => Node::Literal(Literal::Text(Some(Name::from(""))), place),
            TokenKind::Open => Node::Object(self.object(depth)?, place),
            TokenKind::ListOpen => self.list(depth)?,
            TokenKind::End => return Err(Stop::End),
            _ => {
                let token = self.token.server();
                let server = format!("Expected object value, got unknown token: {token}");
                return Err(self.wrong("a value", &server));
            }
        };
        Ok(Item { keys, value })
    }

    /// A list, after its '['. Nested lists are not supported: the inner '[' is skipped.
    fn list(&mut self, depth: usize) -> Result<Node, Stop> {
        let place = self.token.place;
        let mut nodes = Vec::new();
        loop {
            let kind = self.scan();
            match kind {
                TokenKind::Text | TokenKind::Number => {
                    nodes.push(Node::Literal(Literal::Text(self.text()), self.token.place));
                }
                TokenKind::Float => nodes.push(Node::Literal(Literal::Other, self.token.place)),
                TokenKind::Open => {
                    let place = self.token.place;
                    nodes.push(Node::Object(self.object(depth)?, place));
                }
                TokenKind::Comma | TokenKind::Bool | TokenKind::ListOpen => {}
                TokenKind::ListClose => return Ok(Node::List(nodes, place)),
                kind => {
                    let server = format!("unexpected token while parsing list: {}", kind.server());
                    return Err(self.wrong("a value or ']'", &server));
                }
            }
        }
    }

    /// The text of the last token; `None` if its escapes are invalid.
    fn text(&self) -> Option<Name> {
        match self.token.kind {
            TokenKind::Text => unquote(self.token.inside(), self.quoting),
            _ => Some(self.token.text.clone()),
        }
    }
}

/// `{"key": {"a": {...}, "b": {...}}}` becomes `key "a" {...} key "b" {...}`: objects that contain
/// only objects, and lists of objects, pass their keys to their content.
fn flatten(items: Vec<Item>) -> Vec<Item> {
    let mut out = Vec::with_capacity(items.len());
    for item in items {
        flatten_item(item, &mut out);
    }
    for item in &mut out {
        flatten_node(&mut item.value);
    }
    out
}

fn flatten_node(node: &mut Node) {
    match node {
        Node::Object(items, _) => *items = flatten(std::mem::take(items)),
        Node::List(nodes, _) => nodes.iter_mut().for_each(flatten_node),
        Node::Literal(..) => {}
    }
}

fn flatten_item(item: Item, out: &mut Vec<Item>) {
    let Item { keys, value } = item;
    match value {
        Node::Object(items, place) => {
            let only_objects = items.iter().all(|i| matches!(i.value, Node::Object(..)));
            if items.is_empty() || !only_objects {
                out.push(Item { keys, value: Node::Object(items, place) });
                return;
            }
            for inner in items {
                let keys = keys.iter().cloned().chain(inner.keys).collect();
                flatten_item(Item { keys, value: inner.value }, out);
            }
        }
        Node::List(nodes, place) => {
            if nodes.is_empty() || !nodes.iter().all(|n| matches!(n, Node::Object(..))) {
                out.push(Item { keys, value: Node::List(nodes, place) });
                return;
            }
            for value in nodes {
                flatten_item(Item { keys: keys.clone(), value }, out);
            }
        }
        value @ Node::Literal(..) => out.push(Item { keys, value }),
    }
}
