//! Parses HCL 1 as leniently as servers do.
//!
//! Beyond the documented language these texts are accepted, as servers accept them: a missing value
//! at the very end of the text (`acl =`) ends it. Before 1.21 a `}` in place of a value drops that key
//! and does not close the block.

use super::super::version::{READER_OF_1_21, ServerVersion};
use super::fault::Fault;
use super::hcl_tokens::next_token;
use super::name::Name;
use super::position::{Position, RuleError};
use super::source::Source;
use super::token::{Token, TokenKind};
use super::tree::{Item, Key, Language, Literal, MAX_DEPTH, Node};
use super::unquote::{Quoting, unindent, unquote};
use std::collections::HashSet;

/// Takes an item.
type Take<'t> = dyn FnMut(Item) + 't;

/// Parses a whole text, item by item.
pub(super) fn parse(
    text: &[u8],
    version: ServerVersion,
    take: &mut Take<'_>,
) -> Result<(), RuleError> {
    let is_newer = READER_OF_1_21.contains(version);
    let mut reader = Reader {
        source: Source::new(text, Language::Hcl),
        token: Token { kind: TokenKind::End, text: "".into(), place: Position::default() },
        again: false,
        forgives: !is_newer,
        refuses_repeated: is_newer,
    };
    let read = reader.items(false, 0, take);
    reader.source.verdict()?;
    match read {
        Ok(()) | Err(Stop::End) => Ok(()),
        Err(Stop::Wrong(error)) => Err(error),
    }
}

/// Why parsing stops.
enum Stop {
    /// The text ends in place of a value.
    End,
    Wrong(RuleError),
}

struct Reader<'t> {
    source: Source<'t>,
    /// The token read last.
    token: Token,
    /// Whether to read it again.
    again: bool,
    /// Whether an error at a '}' is forgiven.
    forgives: bool,
    /// Whether a repeated key ends the first of two passes. The second pass follows unless the lexer had
    /// noted an error by then.
    refuses_repeated: bool,
}

impl Reader<'_> {
    fn scan(&mut self) -> TokenKind {
        if !std::mem::take(&mut self.again) {
            self.token = next_token(&mut self.source);
        }
        self.token.kind
    }

    fn look_ahead(&mut self) -> TokenKind {
        let kind = self.scan();
        self.again = true;
        kind
    }

    /// The error at the last token.
    fn wrong(&self, want: &str, server: &str) -> Stop {
        let place = self.token.place;
        let what = format!("expected {want}, found {}", self.token.kind.describe());
        Stop::Wrong(RuleError::new(place, what).said(at(place, server)))
    }

    /// The error at the last token, whose kind servers name at the end.
    fn unexpected(&self, want: &str, server: &str) -> Stop {
        self.wrong(want, &format!("{server} got: {}", self.token.kind.server()))
    }

    fn items(&mut self, nested: bool, depth: usize, take: &mut Take<'_>) -> Result<(), Stop> {
        let mut assigned = HashSet::new();
        loop {
            if nested && self.look_ahead() == TokenKind::Close {
                return Ok(());
            }
            let item = match self.item(depth, &mut assigned) {
                Ok(item) => item,
                Err(Stop::End) => return Ok(()),
                Err(wrong) => return Err(wrong),
            };
            take(item);
            if self.look_ahead() == TokenKind::Comma {
                self.again = false;
            }
        }
    }

    /// The keys of an item, and why they end early.
    fn keys(&mut self) -> (Vec<Token>, Option<Stop>) {
        let mut keys = Vec::new();
        loop {
            match self.scan() {
                TokenKind::Word | TokenKind::Text => keys.push(self.token.clone()),
                TokenKind::Assign if keys.len() == 1 => return (keys, None),
                TokenKind::Assign if keys.is_empty() => {
                    return (Vec::new(), Some(self.wrong("a key", "no object keys found!")));
                }
                TokenKind::Assign => {
                    let wrong =
                        self.unexpected("'{' after several keys", "nested object expected: LBRACE");
                    return (Vec::new(), Some(wrong));
                }
                TokenKind::Open if keys.is_empty() => {
                    let wrong = self.unexpected("a key", "expected: IDENT | STRING");
                    return (keys, Some(wrong));
                }
                TokenKind::Open => return (keys, None),
                TokenKind::End => return (keys, Some(Stop::End)),
                TokenKind::Illegal => {
                    let wrong = self.wrong("a key, '=' or '{'", "illegal character");
                    return (keys, Some(wrong));
                }
                _ => {
                    let server = "expected: IDENT | STRING | ASSIGN | LBRACE";
                    return (keys, Some(self.unexpected("a key, '=' or '{'", server)));
                }
            }
        }
    }

    fn item(&mut self, depth: usize, assigned: &mut HashSet<Name>) -> Result<Item, Stop> {
        let (keys, stop) = self.keys();
        match stop {
            // Servers report the missing value instead.
            Some(Stop::End) if !keys.is_empty() => {}
            Some(_) if !keys.is_empty() && self.token.kind == TokenKind::Close => {
                self.token.kind = TokenKind::End;
            }
            Some(stop) => return Err(stop),
            None => {}
        }
        let has_assign = self.token.kind == TokenKind::Assign;
        let value = match self.token.kind {
            TokenKind::Assign => self.value(depth)?,
            TokenKind::Open => self.object(depth)?,
            _ => {
                let names: Vec<String> = keys.iter().map(|key| key.text.to_string()).collect();
                let server = format!(
                    "key '{}' expected start of object ('{{') or assignment ('=')",
                    names.join(" ")
                );
                return Err(self.wrong("'=' or '{' after a key", &server));
            }
        };
        self.look_ahead();
        if has_assign && self.refuses_repeated {
            self.repeated(&keys, assigned)?;
        }
        let keys = keys.iter().map(|key| Key { text: text_of(key), place: key.place }).collect();
        Ok(Item { keys, value })
    }

    /// Servers since 1.21 first parse a text with repeated keys forbidden, then again with them allowed.
    /// If the lexer noted an error before the first repeated key, they report that.
    fn repeated(&mut self, keys: &[Token], assigned: &mut HashSet<Name>) -> Result<(), Stop> {
        for key in keys {
            if !assigned.insert(key.text.clone()) {
                self.refuses_repeated = false;
                if self.source.has_noted() {
                    return Err(self.wrong("another key", ""));
                }
            }
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node, Stop> {
        match self.scan() {
            TokenKind::Open => self.object(depth),
            TokenKind::ListOpen => self.list(depth),
            TokenKind::End => Err(Stop::End),
            _ => self.literal().ok_or_else(|| {
                self.wrong("a value", &format!("Unknown token: {}", self.token.server()))
            }),
        }
    }

    /// The last token as a value; `None` if it is not one.
    fn literal(&self) -> Option<Node> {
        let literal = match self.token.kind {
            TokenKind::Text | TokenKind::Number => Literal::Text(text_of(&self.token)),
            TokenKind::Heredoc => {
                Literal::Text(unindent(&self.token.text).map(|text| Name::from(&*text)))
            }
            TokenKind::Float | TokenKind::Bool => Literal::Other,
            _ => return None,
        };
        Some(Node::Literal(literal, self.token.place))
    }

    fn deeper(&mut self, depth: usize) -> Result<usize, Stop> {
        if depth < MAX_DEPTH {
            return Ok(depth + 1);
        }
        self.source.halt(Fault::Depth);
        Err(Stop::End)
    }

    /// A block, after its '{'.
    fn object(&mut self, depth: usize) -> Result<Node, Stop> {
        let place = self.token.place;
        let depth = self.deeper(depth)?;
        let mut items = Vec::new();
        if let Err(stop) = self.items(true, depth, &mut |item| items.push(item))
            && !(self.forgives && self.token.kind == TokenKind::Close)
        {
            return Err(stop);
        }
        match self.scan() {
            TokenKind::Close => Ok(Node::Object(items, place)),
            _ => Err(self.unexpected("'}'", "object expected closing RBRACE")),
        }
    }

    /// A list, after its '['.
    fn list(&mut self, depth: usize) -> Result<Node, Stop> {
        let place = self.token.place;
        let depth = self.deeper(depth)?;
        let mut nodes = Vec::new();
        let mut need_comma = false;
        loop {
            let kind = self.scan();
            if need_comma && !matches!(kind, TokenKind::Comma | TokenKind::ListClose) {
                let server = "error parsing list, expected comma or list end,";
                return Err(self.unexpected("',' or ']'", server));
            }
            let start = self.token.place;
            match kind {
                TokenKind::ListClose => return Ok(Node::List(nodes, place)),
                TokenKind::Comma => {
                    self.look_ahead();
                    need_comma = false;
                }
                TokenKind::Open => {
                    nodes.push(self.object(depth).map_err(|stop| within(stop, start, "object"))?);
                    need_comma = true;
                }
                TokenKind::ListOpen => {
                    nodes.push(self.list(depth).map_err(|stop| within(stop, start, "list"))?);
                }
                kind => {
                    let Some(node) = self.literal() else {
                        let server =
                            format!("unexpected token while parsing list: {}", kind.server());
                        return Err(self.wrong("a value or ']'", &server));
                    };
                    nodes.push(node);
                    need_comma = true;
                }
            }
        }
    }
}

fn at(place: Position, server: &str) -> String {
    format!("At {}:{}: {server}", place.line, place.column)
}

/// Wraps an error inside a list, as servers do.
fn within(stop: Stop, place: Position, what: &str) -> Stop {
    let Stop::Wrong(mut error) = stop else { return stop };
    if let Some(inner) = error.reader() {
        let outer = at(place, &format!("error while trying to parse {what} within list: {inner}"));
        error = error.said(outer);
    }
    Stop::Wrong(error)
}

/// The text of a key or value; `None` if its escapes are invalid.
fn text_of(token: &Token) -> Option<Name> {
    match token.kind {
        TokenKind::Text => unquote(token.inside(), Quoting::Hcl),
        _ => Some(token.text.clone()),
    }
}
