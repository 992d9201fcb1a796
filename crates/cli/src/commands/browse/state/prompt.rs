//! A line that is typed.

use crate::render::escape::one_line;
use snapscope_objects::kind::{Cell, ObjectKind};
use std::borrow::Cow;

/// The purpose of a line of input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Purpose {
    Search,
    /// Selects from the objects of a kind.
    Filter(&'static ObjectKind),
    WhoCan,
}

impl Purpose {
    pub(in super::super) const fn label(self) -> &'static str {
        match self {
            Self::Search => "Search: ",
            Self::Filter(_) => "Filter: ",
            Self::WhoCan => "Who can: ",
        }
    }

    /// What helps to type it.
    pub(in super::super) fn hint(self) -> Cow<'static, str> {
        match self {
            Self::Search => "a text in any column; empty repeats the last search".into(),
            Self::Filter(kind) => {
                let field = kind.columns.iter().find_map(|column| match column.cell {
                    Cell::Field(field) => Some(field),
                    Cell::Made { .. } => None,
                });
                let field = field.unwrap_or("Name");
                format!("Consul's filter language, such as: {field} contains \"a\"").into()
            }
            Self::WhoCan => "RESOURCE ACCESS NAME, such as: key read app/color".into(),
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
