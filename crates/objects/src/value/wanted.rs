//! Which fields are rendered.

/// Which fields of an object are to be rendered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    #[default]
    All,
    /// The fields of these names; what is in them is rendered whole.
    Only(Vec<String>),
}

impl Wanted {
    /// Wants these fields too.
    pub fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if let Self::Only(wanted) = self {
            for name in names {
                if !wanted.iter().any(|known| known == name) {
                    wanted.push(name.to_owned());
                }
            }
        }
    }

    /// Whether a field is to be rendered.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted.iter().any(|known| known.as_bytes() == name),
        }
    }
}
