//! In which language a text is, which decides what in it are names.

/// Which parts of a text are names.
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
