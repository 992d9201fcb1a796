//! Splits HCL 1 into tokens.

use super::cursor::{Cursor, is_letter, is_letter_or_digit};
use super::name::Name;
use super::place::{Place, RuleError};
use super::unquote::{Quoting, unquote};

/// A token.
#[derive(Clone, Debug)]
pub(super) enum Token {
    End,
    /// A bare word.
    Word(Name),
    /// Quoted text; `None` if its escapes are invalid.
    Text(Option<Name>),
    /// An integer or a heredoc: valid as a value, not as a key.
    Value(Name),
    /// A bool or a float: likewise, and not text.
    NoText,
    ListOpen,
    ListClose,
    Open,
    Close,
    Comma,
    Assign,
    /// `.`, `+`, `-`: tokens without a use.
    Stray,
}

impl Token {
    pub(super) const fn describe(&self) -> &'static str {
        match self {
            Self::End => "the end of the text",
            Self::Word(_) => "a bare word",
            Self::Text(_) => "a quoted text",
            Self::Value(_) | Self::NoText => "a number, a bool or a heredoc",
            Self::ListOpen => "'['",
            Self::ListClose => "']'",
            Self::Open => "'{'",
            Self::Close => "'}'",
            Self::Comma => "','",
            Self::Assign => "'='",
            Self::Stray => "'.', '+' or '-'",
        }
    }
}

/// The next token that is not a comment, and its position.
pub(super) fn next_token(cursor: &mut Cursor<'_>) -> Result<(Token, Place), RuleError> {
    loop {
        cursor.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))?;
        let place = cursor.place();
        let from = cursor.at();
        let Some(c) = cursor.next()? else { return Ok((Token::End, place)) };
        let token = match c {
            '#' => {
                line_comment(cursor)?;
                continue;
            }
            '/' => {
                comment(cursor, place)?;
                continue;
            }
            '"' => {
                quoted(cursor, place)?;
                let raw = cursor.since(from);
                Token::Text(unquote(raw.get(1..raw.len() - 1).unwrap_or(""), Quoting::Hcl))
            }
            '<' => heredoc(cursor, place)?,
            '[' => Token::ListOpen,
            ']' => Token::ListClose,
            '{' => Token::Open,
            '}' => Token::Close,
            ',' => Token::Comma,
            '=' => Token::Assign,
            '0'..='9' => number(cursor, c, place, from)?,
            '-' if cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                let first = cursor.next()?.unwrap_or('0');
                number(cursor, first, place, from)?
            }
            '.' if cursor.peek().is_some_and(|c| c.is_ascii_digit()) => {
                digits(cursor)?;
                exponent(cursor)?;
                Token::NoText
            }
            '.' | '+' | '-' => Token::Stray,
            c if is_letter(c) => {
                cursor.take_while(|c| is_letter_or_digit(c) || c == '-' || c == '.')?;
                let word = cursor.since(from);
                if matches!(word, "true" | "false") {
                    Token::NoText
                } else {
                    Token::Word(Name::from(word))
                }
            }
            c => {
                let what = format!("a character {c:?} is not allowed outside of quotes");
                return Err(RuleError::new(place, what));
            }
        };
        return Ok((token, place));
    }
}

fn line_comment(cursor: &mut Cursor<'_>) -> Result<(), RuleError> {
    while cursor.peek() != Some('\n') {
        if cursor.next()?.is_none() {
            break;
        }
    }
    Ok(())
}

fn comment(cursor: &mut Cursor<'_>, place: Place) -> Result<(), RuleError> {
    match cursor.peek() {
        Some('/') => return line_comment(cursor),
        Some('*') => {}
        _ => return Err(RuleError::new(place, "a '/' that begins no comment")),
    }
    cursor.next()?;
    let mut star = false;
    loop {
        match cursor.next()? {
            None => return Err(RuleError::new(place, "a comment that nothing ends")),
            Some('/') if star => return Ok(()),
            c => star = c == Some('*'),
        }
    }
}

/// Reads up to the closing quote. Inside `${ }` quotes and line ends belong to the text.
fn quoted(cursor: &mut Cursor<'_>, place: Place) -> Result<(), RuleError> {
    let mut braces = 0u32;
    loop {
        match cursor.next()? {
            None => return Err(RuleError::new(place, "a quoted text that nothing ends")),
            Some('\n') if braces == 0 => {
                return Err(RuleError::new(place, "a quoted text must end on its line"));
            }
            Some('"') if braces == 0 => return Ok(()),
            Some('$') if braces == 0 && cursor.peek() == Some('{') => {
                cursor.next()?;
                braces = 1;
            }
            Some('{') if braces > 0 => braces += 1,
            Some('}') if braces > 0 => braces -= 1,
            Some('\\') => cursor.escape()?,
            Some(_) => {}
        }
    }
}

/// `<<WORD`, lines, and a line with only WORD. The lines are the value, including their last
/// newline, so no level can be written like this.
fn heredoc(cursor: &mut Cursor<'_>, place: Place) -> Result<Token, RuleError> {
    let bad = |what: &str| Err(RuleError::new(place, what));
    if cursor.next()? != Some('<') {
        return bad("a '<' that begins no heredoc");
    }
    let indented = cursor.peek() == Some('-');
    if indented {
        cursor.next()?;
    }
    let from = cursor.at();
    cursor.take_while(is_letter_or_digit)?;
    let word = cursor.since(from);
    if cursor.next()? != Some('\n') {
        return bad("a heredoc's first line may hold nothing but its word");
    }
    // Servers include the '-' here, so a bare `END` does not end `<<-END`.
    let shortest = word.len() + usize::from(indented);
    if shortest == 0 {
        return bad("a heredoc without a word");
    }
    let body = cursor.at();
    loop {
        let start = cursor.at();
        cursor.take_while(|c| c != '\n')?;
        let line = cursor.since(start);
        if cursor.next()?.is_none() {
            return bad("a heredoc that nothing ends");
        }
        let bare = line.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
        if line.len() >= shortest && bare.trim_end_matches('\r') == word {
            let text = cursor.since(body);
            let value = text.get(..start - body).unwrap_or("");
            return Ok(Token::Value(Name::from(value)));
        }
    }
}

fn digits(cursor: &mut Cursor<'_>) -> Result<(), RuleError> {
    cursor.take_while(|c| c.is_ascii_digit())
}

fn exponent(cursor: &mut Cursor<'_>) -> Result<bool, RuleError> {
    if !matches!(cursor.peek(), Some('e' | 'E')) {
        return Ok(false);
    }
    cursor.next()?;
    if matches!(cursor.peek(), Some('+' | '-')) {
        cursor.next()?;
    }
    digits(cursor)?;
    Ok(true)
}

fn number(
    cursor: &mut Cursor<'_>,
    first: char,
    place: Place,
    from: usize,
) -> Result<Token, RuleError> {
    if first == '0' && matches!(cursor.peek(), Some('x' | 'X')) {
        cursor.next()?;
        if !cursor.peek().is_some_and(|c| c.is_ascii_hexdigit()) {
            return Err(RuleError::new(place, "a hexadecimal number without digits"));
        }
        cursor.take_while(|c| c.is_ascii_hexdigit())?;
        return Ok(Token::Value(Name::from(cursor.since(from))));
    }
    digits(cursor)?;
    let whole = cursor.since(from);
    let mut float = exponent(cursor)?;
    if !float && cursor.peek() == Some('.') {
        float = true;
        cursor.next()?;
        digits(cursor)?;
        exponent(cursor)?;
    }
    // Servers ignore the digit right after the 0.
    let octal = whole.split_once('0').map_or("", |(_, digits)| digits.get(1..).unwrap_or(""));
    if !float && first == '0' && octal.contains(['8', '9']) {
        return Err(RuleError::new(place, "an octal number with a digit 8 or 9"));
    }
    Ok(if float { Token::NoText } else { Token::Value(Name::from(cursor.since(from))) })
}
