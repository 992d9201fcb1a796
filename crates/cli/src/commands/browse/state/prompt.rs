//! A line that is typed.

use crate::render::escape::one_line;

/// The purpose of a line of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    Search,
    Filter,
    WhoCan,
}

impl Purpose {
    pub(in super::super) const fn label(self) -> &'static str {
        match self {
            Self::Search => "Search: ",
            Self::Filter => "Filter: ",
            Self::WhoCan => "Who can: ",
        }
    }

    /// What helps to type it.
    pub(in super::super) const fn hint(self) -> &'static str {
        match self {
            Self::Search => "a text in any column; empty repeats the last search",
            Self::Filter => "Consul's filter language, such as: Node matches \"^web\"",
            Self::WhoCan => "RESOURCE ACCESS NAME, such as: key read app/color",
        }
    }
}

/// A line that is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Prompt {
    pub(in super::super) purpose: Purpose,
    pub(in super::super) text: String,
}

impl Prompt {
    pub(in super::super) const fn new(purpose: Purpose, text: String) -> Self {
        Self { purpose, text }
    }

    /// Inserts a character, unless it is invisible.
    pub(in super::super) fn push(&mut self, c: char) {
        let mut bytes = [0; 4];
        let typed: &str = c.encode_utf8(&mut bytes);
        if one_line(typed.as_bytes()) == typed {
            self.text.push(c);
        }
    }
}
