//! The languages of texts, which decide which words are names.

/// The parts of a text that are names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// All words are.
    Plain,
    /// All words, except in `${...}`.
    Template,
    /// Long words, except after a backslash.
    Syntax,
    /// All words, except after a backslash.
    Rules,
}

impl Language {
    pub(super) const fn least(self) -> usize {
        match self {
            Self::Syntax => 6,
            Self::Plain | Self::Template | Self::Rules => 1,
        }
    }

    pub(super) const fn has_escapes(self) -> bool {
        matches!(self, Self::Syntax | Self::Rules)
    }
}
