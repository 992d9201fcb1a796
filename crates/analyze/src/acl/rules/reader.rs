//! Decodes plain values, and makes the errors of servers' decoder.

use super::super::version::{READER_OF_1_21, ServerVersion};
use super::name::Name;
use super::position::{Position, RuleError};
use super::tree::{Item, Key, Language, Literal, Node};

/// The version and language of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) version: ServerVersion,
    pub(super) language: Language,
}

impl Reader {
    /// Whether servers read keys of an object that they do not use.
    pub(super) fn looks_at_keys(self) -> bool {
        self.language == Language::Json && READER_OF_1_21.contains(self.version)
    }

    /// Formats a position as servers do: in JSON they have none.
    fn place(self, place: Position) -> String {
        match self.language {
            Language::Hcl => format!("{}:{}", place.line, place.column),
            Language::Json => "-".to_owned(),
        }
    }

    /// Adds the server's error for a value at a position.
    pub(super) fn says(self, error: RuleError, place: Position, server: &str) -> RuleError {
        error.said(format!("At {}: {server}", self.place(place)))
    }

    /// Adds the server's error for an object, whose position is that of its first key. For an empty object,
    /// servers before 1.21 panic.
    pub(super) fn says_of_object(
        self,
        error: RuleError,
        items: &[Item],
        server: &str,
    ) -> RuleError {
        match items.first().and_then(|item| item.keys.first()) {
            Some(key) => self.says(error, key.place, server),
            None if READER_OF_1_21.contains(self.version) => error.said(format!("At -: {server}")),
            None => error,
        }
    }

    /// Adds the server's error for any value.
    pub(super) fn says_of(self, error: RuleError, node: &Node, server: &str) -> RuleError {
        match node {
            Node::Object(items, _) => self.says_of_object(error, items, server),
            Node::Literal(_, place) | Node::List(_, place) => self.says(error, *place, server),
        }
    }

    /// Decodes the text in `word = "text"`. `name` is the field's name in servers' errors.
    pub(super) fn plain_text(self, item: &Item, name: &str) -> Result<Name, RuleError> {
        let (node, keys) = (&item.value, item.keys.len());
        if let (Node::Literal(Literal::Text(text), place), 1) = (node, keys) {
            return text.clone().ok_or_else(|| without_meaning(*place));
        }
        let key = item.keys.first();
        let word = key.and_then(|k| k.text.as_ref()).map_or("this".into(), Name::lossy);
        let found = match node {
            Node::Literal(..) if keys == 1 => "a bool or a float",
            _ if keys == 1 => node.describe(),
            _ => "a block with a name",
        };
        let place = key.map_or(node.place(), |k| k.place);
        let error = RuleError::new(place, format!("{word} must be a string, not {found}"));
        let server = |of: &str| format!("{name}: unknown type for string {of}");
        Err(match item.keys.get(1) {
            Some(second) => self.says(error, second.place, &server(OBJECT_LIST)),
            None => self.says_of(error, node, &server(go_type(node))),
        })
    }
}

const OBJECT_LIST: &str = "*ast.ObjectList";

/// The type of a value in servers' errors.
pub(super) const fn go_type(node: &Node) -> &'static str {
    match node {
        Node::Literal(..) => "*ast.LiteralType",
        Node::Object(..) => OBJECT_LIST,
        Node::List(..) => "*ast.ListType",
    }
}

/// The error for an invalid escape, on which servers panic.
pub(super) fn without_meaning(place: Position) -> RuleError {
    RuleError::new(place, "unknown escape in this string")
}

pub(super) fn text_of(key: &Key) -> Result<&Name, RuleError> {
    key.text.as_ref().ok_or_else(|| without_meaning(key.place))
}

/// Keywords are compared without case, in all of Unicode: ſ is an s and K (Kelvin) a k.
pub(super) fn is_word(text: &[u8], word: &str) -> bool {
    if text.is_ascii() {
        return text.eq_ignore_ascii_case(word.as_bytes());
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let folded = text.chars().map(|c| match c {
        'ſ' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    });
    folded.eq(word.chars())
}
