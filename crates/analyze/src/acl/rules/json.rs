//! Reads rules in JSON, with the liberties servers take.
//!
//! They read JSON with a reader of their own: commas may be left out of lists or come after the
//! last item, a `}` ends an object wherever a key or value should be, and nothing after the
//! outermost object is looked at. An object also ends where a comma is missing, with whatever is
//! there, and at the end of the text: `{"acl": "write"` is a whole policy.

use super::super::version::{HALF_SURROGATES, ServerVersion};
use super::fault::Fault;
use super::json_tokens::next_token;
use super::name::Name;
use super::place::{Place, RuleError};
use super::source::Source;
use super::token::{Token, TokenKind};
use super::tree::{Item, Key, Language, Literal, MAX_DEPTH, Node};
use super::unquote::{Quoting, unquote};

/// Reads the object a text starts with, and brings it into the shape HCL's blocks have.
pub(super) fn parse(text: &[u8], version: ServerVersion) -> Result<Vec<Item>, RuleError> {
    let lenient = HALF_SURROGATES.contains(version);
    let mut reader = Reader {
        quoting: if lenient { Quoting::LenientJson } else { Quoting::Json },
        source: Source::new(text, Language::Json),
        token: Token { kind: TokenKind::End, text: "".into(), place: Place::default() },
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

/// Why reading stops.
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

    /// The error at the last token. Servers say no place.
    fn wrong(&self, want: &str, server: &str) -> Stop {
        let what = format!("expected {want}, found {}", self.token.kind.describe());
        Stop::Wrong(RuleError::new(self.token.place, what).said(server))
    }

    /// An object after its '{'. Whatever is no comma after an item ends it, as the end of the text
    /// does; and a '}' at which something else was expected.
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
            // As if it were an empty text.
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

    /// A list after its '['. Lists in lists are not understood: the inner '[' is skipped.
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

    /// The text of the last token; `None` if it has no meaning.
    fn text(&self) -> Option<Name> {
        match self.token.kind {
            TokenKind::Text => unquote(self.token.inside(), self.quoting),
            _ => Some(self.token.text.clone()),
        }
    }
}

/// `{"key": {"a": {...}, "b": {...}}}` becomes `key "a" {...} key "b" {...}`: objects that hold
/// nothing but objects, and lists of objects, give their keys to what they hold.
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
