//! Reads rules in JSON, with the liberties servers take.
//!
//! They read JSON with a reader of their own: commas may be left out of lists or stand behind the
//! last item, a `}` ends an object wherever a key or value should stand, and nothing behind the
//! outermost object is looked at. Before Consul 1.21 an object also ends where a comma is missing,
//! with whatever stands there, and at the end of the text.

use super::super::version::{self, ServerVersion};
use super::cursor::{Cursor, is_letter, is_letter_or_digit};
use super::name::Name;
use super::place::{Place, RuleError};
use super::tree::{Item, Key, MAX_DEPTH, Node};
use super::unquote::{Quoting, unquote};

/// Reads the object a text begins with, and brings it into the shape HCL's blocks have.
pub(super) fn parse(text: &[u8], version: ServerVersion) -> Result<Vec<Item>, RuleError> {
    let mut reader = Reader {
        cursor: Cursor::new(text, false),
        token: Token::End,
        place: Place::default(),
        broken: false,
        anything_ends: version::JSON_OBJECTS_END_ANYWHERE.contains(version),
    };
    reader.advance()?;
    match reader.token {
        Token::Open => Ok(flatten(reader.object(0)?)),
        _ => reader.unexpected("'{'"),
    }
}

#[derive(Clone, Debug)]
enum Token {
    End,
    Text(Option<Name>),
    Number(Name),
    Bool(Name),
    Null,
    ListOpen,
    ListClose,
    Open,
    Close,
    Comma,
    Colon,
    Period,
}

impl Token {
    const fn describe(&self) -> &'static str {
        match self {
            Self::End => "the end of the text",
            Self::Text(_) => "a quoted text",
            Self::Number(_) => "a number",
            Self::Bool(_) => "a bool",
            Self::Null => "null",
            Self::ListOpen => "'['",
            Self::ListClose => "']'",
            Self::Open => "'{'",
            Self::Close => "'}'",
            Self::Comma => "','",
            Self::Colon => "':'",
            Self::Period => "'.'",
        }
    }
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    /// The token read last.
    token: Token,
    place: Place,
    /// Whether there was an error that nothing forgives (see `object`).
    broken: bool,
    /// Whether an object ends where a comma is missing.
    anything_ends: bool,
}

impl Reader<'_> {
    fn advance(&mut self) -> Result<(), RuleError> {
        let cut = self.cut();
        self.broken |= cut.is_err();
        cut
    }

    fn cut(&mut self) -> Result<(), RuleError> {
        self.token = Token::End;
        let cursor = &mut self.cursor;
        cursor.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))?;
        self.place = cursor.place();
        let from = cursor.at();
        let Some(c) = cursor.next()? else { return Ok(()) };
        self.token = match c {
            '"' => {
                quoted(cursor, self.place)?;
                let raw = cursor.since(from);
                Token::Text(unquote(raw.get(1..raw.len() - 1).unwrap_or(""), Quoting::Json))
            }
            '[' => Token::ListOpen,
            ']' => Token::ListClose,
            '{' => Token::Open,
            '}' => Token::Close,
            ',' => Token::Comma,
            ':' => Token::Colon,
            '0'..='9' => number(cursor, c, self.place, from)?,
            '-' if cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                let first = cursor.next()?.unwrap_or('0');
                number(cursor, first, self.place, from)?
            }
            '.' if cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                fraction(cursor)?;
                Token::Number(Name::from(cursor.since(from)))
            }
            '.' => Token::Period,
            c if is_letter(c) => {
                cursor.take_while(|c| is_letter_or_digit(c) || c == '-')?;
                let word = cursor.since(from);
                match word {
                    "true" | "false" => Token::Bool(Name::from(word)),
                    "null" => Token::Null,
                    _ => return Err(RuleError::new(self.place, "a bare word is not allowed")),
                }
            }
            c => {
                let what = format!("a character {c:?} is not allowed outside of quotes");
                return Err(RuleError::new(self.place, what));
            }
        };
        Ok(())
    }

    fn unexpected<T>(&self, want: &str) -> Result<T, RuleError> {
        let what = format!("{want} is expected, found is {}", self.token.describe());
        Err(RuleError::new(self.place, what))
    }

    /// An object behind its '{'.
    fn object(&mut self, depth: usize) -> Result<Vec<Item>, RuleError> {
        if depth >= MAX_DEPTH {
            self.broken = true;
            let what = format!("more than {MAX_DEPTH} levels of nesting");
            return Err(RuleError::new(self.place, what));
        }
        let mut items = Vec::new();
        loop {
            match self.item(depth + 1) {
                Ok(item) => items.push(item),
                Err(e) if self.broken => return Err(e),
                Err(e) => match self.token {
                    Token::Close => return Ok(items),
                    Token::End if self.anything_ends => return Ok(items),
                    _ => return Err(e),
                },
            }
            self.advance()?;
            match self.token {
                Token::Comma => {}
                Token::Close => return Ok(items),
                _ if self.anything_ends => return Ok(items),
                _ => return self.unexpected("',' or '}'"),
            }
        }
    }

    fn item(&mut self, depth: usize) -> Result<Item, RuleError> {
        let mut keys = Vec::new();
        loop {
            self.advance()?;
            match &self.token {
                Token::Text(text) => keys.push(Key { text: text.clone(), place: self.place }),
                Token::Colon if !keys.is_empty() => break,
                _ => return self.unexpected("a quoted key and ':'"),
            }
        }
        self.advance()?;
        let place = self.place;
        let value = match &self.token {
            Token::Text(text) => Node::Literal(text.clone(), place),
            Token::Number(text) | Token::Bool(text) => Node::Literal(Some(text.clone()), place),
            // As if it were an empty text.
            Token::Null => Node::Literal(Some(Name::from("")), place),
            Token::Open => Node::Object(self.object(depth)?, place),
            Token::ListOpen => self.list(depth)?,
            _ => return self.unexpected("a value"),
        };
        Ok(Item { keys, value })
    }

    /// A list behind its '['. Lists in lists are not understood: the inner '[' is skipped.
    fn list(&mut self, depth: usize) -> Result<Node, RuleError> {
        let place = self.place;
        let mut nodes = Vec::new();
        loop {
            self.advance()?;
            match &self.token {
                Token::Text(text) => nodes.push(Node::Literal(text.clone(), self.place)),
                Token::Number(text) => nodes.push(Node::Literal(Some(text.clone()), self.place)),
                Token::Open => {
                    let place = self.place;
                    nodes.push(Node::Object(self.object(depth)?, place));
                }
                Token::Comma | Token::Bool(_) | Token::ListOpen => {}
                Token::ListClose => return Ok(Node::List(nodes, place)),
                _ => return self.unexpected("a value or ']'"),
            }
        }
    }
}

fn quoted(cursor: &mut Cursor<'_>, place: Place) -> Result<(), RuleError> {
    loop {
        match cursor.next()? {
            None => return Err(RuleError::new(place, "a quoted text that nothing ends")),
            Some('\n') => return Err(RuleError::new(place, "a quoted text must end on its line")),
            Some('"') => return Ok(()),
            Some('\\') => cursor.escape()?,
            Some(_) => {}
        }
    }
}

fn fraction(cursor: &mut Cursor<'_>) -> Result<(), RuleError> {
    cursor.take_while(|c| c.is_ascii_digit())?;
    if matches!(cursor.peek(), Some('e' | 'E')) {
        cursor.next()?;
        if matches!(cursor.peek(), Some('+' | '-')) {
            cursor.next()?;
        }
        cursor.take_while(|c| c.is_ascii_digit())?;
    }
    Ok(())
}

fn number(
    cursor: &mut Cursor<'_>,
    first: char,
    place: Place,
    from: usize,
) -> Result<Token, RuleError> {
    let second = cursor.at();
    cursor.take_while(|c| c.is_ascii_digit())?;
    let longer = cursor.at() > second;
    match cursor.peek() {
        Some('.') => {
            cursor.next()?;
            fraction(cursor)?;
        }
        Some('e' | 'E') => fraction(cursor)?,
        _ if first == '0' && longer => {
            return Err(RuleError::new(place, "a number that begins with 0"));
        }
        _ => {}
    }
    Ok(Token::Number(Name::from(cursor.since(from))))
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
