//! Parses HCL 1 as leniently as servers do.
//!
//! Beyond the documented language these texts are accepted, as servers accept them: a missing value
//! at the very end of the text (`acl =`) ends it, and a `}` in place of a value drops that key and
//! does not close the block.

use super::cursor::Cursor;
use super::hcl_tokens::{Token, next_token};
use super::place::{Place, RuleError};
use super::tree::{Item, Key, Literal, MAX_DEPTH, Node};

/// Takes an item.
type Take<'t> = dyn FnMut(Item) + 't;

/// Parses a whole text, item by item.
pub(super) fn parse(text: &[u8], take: &mut Take<'_>) -> Result<(), RuleError> {
    let mut reader = Reader {
        cursor: Cursor::new(text, true),
        token: Token::End,
        place: Place::default(),
        again: false,
    };
    reader.items(false, 0, take)
}

/// A value, or the end of the text in its place.
type ValueOrEnd = Option<Node>;

struct Reader<'t> {
    cursor: Cursor<'t>,
    /// The token read last.
    token: Token,
    place: Place,
    /// Whether to read it again.
    again: bool,
}

impl Reader<'_> {
    fn advance(&mut self) -> Result<(), RuleError> {
        if self.again {
            self.again = false;
            return Ok(());
        }
        // An error of the lexer is final, unlike one at a '}' (see `object`).
        self.token = Token::End;
        (self.token, self.place) = next_token(&mut self.cursor)?;
        Ok(())
    }

    fn look_ahead(&mut self) -> Result<&Token, RuleError> {
        self.advance()?;
        self.again = true;
        Ok(&self.token)
    }

    fn unexpected<T>(&self, want: &str) -> Result<T, RuleError> {
        let what = format!("{want} is expected, found is {}", self.token.describe());
        Err(RuleError::new(self.place, what))
    }

    fn items(&mut self, nested: bool, depth: usize, take: &mut Take<'_>) -> Result<(), RuleError> {
        loop {
            if nested && matches!(self.look_ahead()?, Token::Close) {
                return Ok(());
            }
            let Some(item) = self.item(depth)? else { return Ok(()) };
            take(item);
            if matches!(self.look_ahead()?, Token::Comma) {
                self.again = false;
            }
        }
    }

    /// The next item; `None` at the end of the text.
    fn item(&mut self, depth: usize) -> Result<Option<Item>, RuleError> {
        let mut keys = Vec::new();
        let value = loop {
            self.advance()?;
            match &self.token {
                Token::Word(text) => keys.push(Key { text: Some(text.clone()), place: self.place }),
                Token::Text(text) => keys.push(Key { text: text.clone(), place: self.place }),
                Token::Assign if keys.len() == 1 => break self.value(depth)?,
                Token::Assign if keys.is_empty() => return self.unexpected("a key"),
                Token::Assign => return self.unexpected("'{' behind several keys"),
                Token::Open if keys.is_empty() => return self.unexpected("a key"),
                Token::Open => break Some(self.object(depth)?),
                Token::End if keys.is_empty() => return Ok(None),
                Token::End => return self.unexpected("'=' or '{' behind a key"),
                Token::Close if !keys.is_empty() => {
                    let error = self.unexpected("'=' or '{' behind a key");
                    self.token = Token::End;
                    return error;
                }
                _ => return self.unexpected("a key, '=' or '{'"),
            }
        };
        Ok(value.map(|value| Item { keys, value }))
    }

    fn value(&mut self, depth: usize) -> Result<ValueOrEnd, RuleError> {
        self.advance()?;
        Ok(Some(match &self.token {
            Token::Text(text) => Node::Literal(Literal::Text(text.clone()), self.place),
            Token::Value(text) => Node::Literal(Literal::Text(Some(text.clone())), self.place),
            Token::NoText => Node::Literal(Literal::Other, self.place),
            Token::Open => self.object(depth)?,
            Token::ListOpen => self.list(depth)?,
            Token::End => return Ok(None),
            _ => return self.unexpected("a value"),
        }))
    }

    fn deeper(&mut self, depth: usize) -> Result<usize, RuleError> {
        if depth < MAX_DEPTH {
            return Ok(depth + 1);
        }
        self.token = Token::End;
        Err(RuleError::new(self.place, format!("more than {MAX_DEPTH} levels of nesting")))
    }

    /// A block, after its '{'.
    fn object(&mut self, depth: usize) -> Result<Node, RuleError> {
        let place = self.place;
        let depth = self.deeper(depth)?;
        let mut items = Vec::new();
        if let Err(e) = self.items(true, depth, &mut |item| items.push(item))
            && !matches!(self.token, Token::Close)
        {
            return Err(e);
        }
        self.advance()?;
        match self.token {
            Token::Close => Ok(Node::Object(items, place)),
            _ => self.unexpected("'}'"),
        }
    }

    /// A list, after its '['.
    fn list(&mut self, depth: usize) -> Result<Node, RuleError> {
        let place = self.place;
        let depth = self.deeper(depth)?;
        let mut nodes = Vec::new();
        let mut need_comma = false;
        loop {
            self.advance()?;
            match &self.token {
                Token::ListClose => return Ok(Node::List(nodes, place)),
                Token::Comma => need_comma = false,
                _ if need_comma => return self.unexpected("',' or ']'"),
                Token::Text(text) => {
                    nodes.push(Node::Literal(Literal::Text(text.clone()), self.place));
                    need_comma = true;
                }
                Token::Value(text) => {
                    nodes.push(Node::Literal(Literal::Text(Some(text.clone())), self.place));
                    need_comma = true;
                }
                Token::NoText => {
                    nodes.push(Node::Literal(Literal::Other, self.place));
                    need_comma = true;
                }
                Token::Open => {
                    nodes.push(self.object(depth)?);
                    need_comma = true;
                }
                Token::ListOpen => nodes.push(self.list(depth)?),
                _ => return self.unexpected("a value or ']'"),
            }
        }
    }
}
