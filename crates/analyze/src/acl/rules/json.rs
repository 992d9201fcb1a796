//! Parses rules in JSON as leniently as servers do.
//!
//! Servers have their own JSON parser. Commas may be missing in lists or follow the last item. A
//! `}` ends an object in place of a key or value. Text after the outermost object is ignored. An
//! object also ends at a missing comma, whatever follows, and at the end of the text: `{"acl":
//! "write"` is a whole policy.

use super::super::version::{HALF_SURROGATES, ServerVersion};
use super::cursor::{Cursor, is_letter, is_letter_or_digit};
use super::name::Name;
use super::place::{Place, RuleError};
use super::tree::{Item, Key, Literal, MAX_DEPTH, Node};
use super::unquote::{Quoting, unquote};

/// Parses the object at the start of a text, and converts it to the shape of HCL's blocks.
pub(super) fn parse(text: &[u8], version: ServerVersion) -> Result<Vec<Item>, RuleError> {
    let lenient = HALF_SURROGATES.contains(version);
    let mut reader = Reader {
        quoting: if lenient { Quoting::LenientJson } else { Quoting::Json },
        cursor: Cursor::new(text, false),
        token: Token::End,
        place: Place::default(),
        broken: false,
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
    Float,
    Bool,
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
            Self::Number(_) | Self::Float => "a number",
            Self::Bool => "a bool",
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
    quoting: Quoting,
    cursor: Cursor<'t>,
    /// The token read last.
    token: Token,
    place: Place,
    /// Whether there was a final error (see `object`).
    broken: bool,
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
        // Servers treat a NUL as the end of the text, but continue after it.
        if cursor.skip_nul() {
            return Ok(());
        }
        let from = cursor.at();
        let Some(c) = cursor.next()? else { return Ok(()) };
        self.token = match c {
            '"' => {
                quoted(cursor, self.place)?;
                let raw = cursor.since(from);
                Token::Text(unquote(raw.get(1..raw.len() - 1).unwrap_or(""), self.quoting))
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
                digits(cursor)?;
                // The digits after an `e` are a separate number here.
                if matches!(cursor.peek(), Some('e' | 'E')) {
                    cursor.next()?;
                }
                Token::Float
            }
            '.' => Token::Period,
            c if is_letter(c) => {
                cursor.take_while(|c| is_letter_or_digit(c) || c == '-')?;
                let word = cursor.since(from);
                cursor.skip_nul();
                match word {
                    "true" | "false" => Token::Bool,
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
        let what = format!("expected {want}, found {}", self.token.describe());
        Err(RuleError::new(self.place, what))
    }

    /// An object, after its '{'. Anything but a comma after an item ends it, and so does the end of
    /// the text, or an unexpected '}'.
    fn object(&mut self, depth: usize) -> Result<Vec<Item>, RuleError> {
        if depth >= MAX_DEPTH {
            self.broken = true;
            let what = format!("more than {MAX_DEPTH} levels of nesting");
            return Err(RuleError::new(self.place, what));
        }
        let mut items = Vec::new();
        loop {
            match self.item(depth + 1) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => return Ok(items),
                Err(e) if self.broken => return Err(e),
                Err(e) => match self.token {
                    Token::Close => return Ok(items),
                    _ => return Err(e),
                },
            }
            self.advance()?;
            if !matches!(self.token, Token::Comma) {
                return Ok(items);
            }
        }
    }

    /// The next item; `None` if the text ends in place of a key or a value.
    fn item(&mut self, depth: usize) -> Result<Option<Item>, RuleError> {
        let mut keys = Vec::new();
        loop {
            self.advance()?;
            match &self.token {
                Token::Text(text) => keys.push(Key { text: text.clone(), place: self.place }),
                Token::Colon if !keys.is_empty() => break,
                Token::End => return Ok(None),
                _ => return self.unexpected("a quoted key and ':'"),
            }
        }
        self.advance()?;
        let place = self.place;
        let value = match &self.token {
            Token::Text(text) => Node::Literal(Literal::Text(text.clone()), place),
            Token::Number(text) => Node::Literal(Literal::Text(Some(text.clone())), place),
            Token::Float | Token::Bool => Node::Literal(Literal::Other, place),
            // Treated as an empty text.
            Token::Null => Node::Literal(Literal::Text(Some(Name::from(""))), place),
            Token::Open => Node::Object(self.object(depth)?, place),
            Token::ListOpen => self.list(depth)?,
            Token::End => return Ok(None),
            _ => return self.unexpected("a value"),
        };
        Ok(Some(Item { keys, value }))
    }

    /// A list, after its '['. Nested lists are not supported: the inner '[' is skipped.
    fn list(&mut self, depth: usize) -> Result<Node, RuleError> {
        let place = self.place;
        let mut nodes = Vec::new();
        loop {
            self.advance()?;
            match &self.token {
                Token::Text(text) => {
                    nodes.push(Node::Literal(Literal::Text(text.clone()), self.place));
                }
                Token::Number(text) => {
                    nodes.push(Node::Literal(Literal::Text(Some(text.clone())), self.place));
                }
                Token::Float => nodes.push(Node::Literal(Literal::Other, self.place)),
                Token::Open => {
                    let place = self.place;
                    nodes.push(Node::Object(self.object(depth)?, place));
                }
                Token::Comma | Token::Bool | Token::ListOpen => {}
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

/// Digits, and a NUL after them: servers treat it as the end of the text and do not put it back.
fn digits(cursor: &mut Cursor<'_>) -> Result<(), RuleError> {
    let from = cursor.at();
    cursor.take_while(|c| c.is_ascii_digit())?;
    if cursor.at() > from {
        cursor.skip_nul();
    }
    Ok(())
}

/// The part after an `e`. If no digit follows, servers skip the next character.
fn exponent(cursor: &mut Cursor<'_>) -> Result<(), RuleError> {
    cursor.next()?;
    if matches!(cursor.peek(), Some('+' | '-')) {
        cursor.next()?;
    }
    if cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        return digits(cursor);
    }
    if !cursor.skip_nul() {
        cursor.next()?;
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
    cursor.skip_nul();
    match cursor.peek() {
        Some('e' | 'E') => {
            exponent(cursor)?;
            return Ok(Token::Float);
        }
        Some('.') => {
            cursor.next()?;
            digits(cursor)?;
            if matches!(cursor.peek(), Some('e' | 'E')) {
                exponent(cursor)?;
            }
            return Ok(Token::Float);
        }
        _ => {}
    }
    let whole = Name::from(cursor.since(from));
    cursor.skip_nul();
    if first == '0' && (cursor.at() > second || cursor.peek().is_none()) {
        return Err(RuleError::new(place, "a number that begins with 0"));
    }
    Ok(Token::Number(whole))
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
