//! The fields to render.

/// Which fields of an object to render.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Projection {
    /// All of them.
    #[default]
    All,
    /// The fields with these names, rendered in full.
    Only(Vec<String>),
}

impl Projection {
    /// Adds these fields.
    pub fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) {
        if let Self::Only(projection) = self {
            for name in names {
                if !projection.iter().any(|known| known == name) {
                    projection.push(name.to_owned());
                }
            }
        }
    }

    /// Whether to render a field.
    #[must_use]
    pub fn has(&self, name: &[u8]) -> bool {
        match self {
            Self::All => true,
            Self::Only(projection) => projection.iter().any(|known| known.as_bytes() == name),
        }
    }
}
