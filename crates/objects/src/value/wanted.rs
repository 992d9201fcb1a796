//! The fields to render.

/// Which fields of an object to render.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All of them.
    #[default]
    All,
    /// The fields with these names, rendered in full.
    Only(Vec<String>),
}

impl Wanted {
    /// Adds these fields.
    pub fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if let Self::Only(wanted) = self {
            for name in names {
                if !wanted.iter().any(|known| known == name) {
                    wanted.push(name.to_owned());
                }
            }
        }
    }

    /// Whether to render a field.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(wanted) => wanted.iter().any(|known| known.as_bytes() == name),
        }
    }
}
