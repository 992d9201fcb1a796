//! Which server's rules apply: what changed between Consul's versions.

use std::fmt;

/// Version of a Consul server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerVersion {
    /// The 1 of 1.21.4.
    pub major: u32,
    /// The 21 of 1.21.4.
    pub minor: u32,
    /// The 4 of 1.21.4.
    pub patch: u32,
}

impl ServerVersion {
    /// The newest version whose answers were compared with ours.
    pub const NEWEST_KNOWN: Self = Self::new(1, 21, 4);

    /// A version.
    #[must_use]
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `1.21.4`, `v1.21.4+ent`, `1.21.4-rc1`; a missing patch counts as 0.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let mut parts = text.get(..end)?.split('.').map(|p| p.parse().ok());
        let (major, minor) = (parts.next()??, parts.next()??);
        let patch = parts.next().map_or(Some(0), |p| p)?;
        parts.next().is_none().then_some(Self { major, minor, patch })
    }

    const fn at_least(self, minor: u32) -> bool {
        self.major > 1 || (self.major == 1 && self.minor >= minor)
    }

    /// Whether there are `mesh` rules and questions.
    #[must_use]
    pub const fn knows_mesh(self) -> bool {
        self.at_least(10)
    }

    /// Whether there are `peering` rules and questions.
    #[must_use]
    pub const fn knows_peering(self) -> bool {
        self.at_least(13)
    }

    /// Whether rules that stand in a token itself count.
    #[must_use]
    pub const fn knows_legacy_tokens(self) -> bool {
        !self.at_least(11)
    }

    /// Whether a rule text may have an `id` and must not have a `revision`, which were fields of
    /// the struct it is read into.
    pub(crate) const fn reads_id_and_revision(self) -> bool {
        !self.at_least(12)
    }

    /// Whether objects of rules in JSON end where a comma is missing. Asked of 1.8.7 only; the
    /// reader of rules was exchanged with 1.21.
    pub(crate) const fn ends_json_objects_anywhere(self) -> bool {
        !self.at_least(21)
    }

    /// Whether of two identities for one service, one of them for all datacenters, the result is
    /// for all datacenters. Later versions unite the lists, and all is an empty list.
    pub(crate) const fn all_datacenters_win(self) -> bool {
        !self.at_least(13)
    }

    /// Whether there are templated policies, and binding rules that bind to them or to policies.
    #[must_use]
    pub const fn knows_templated_policies(self) -> bool {
        self.at_least(17)
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_whatever_follows() {
        for (text, version) in [
            ("1.21.4", Some((1, 21, 4))),
            ("v1.8.7+ent", Some((1, 8, 7))),
            ("1.21.4-criteo3", Some((1, 21, 4))),
            ("1.17", Some((1, 17, 0))),
            ("2.0.0", Some((2, 0, 0))),
            ("1", None),
            ("1.2.3.4", None),
            ("", None),
            ("x1.2", None),
        ] {
            let want = version.map(|(a, b, c)| ServerVersion::new(a, b, c));
            assert_eq!(ServerVersion::parse(text), want, "{text}");
        }
        assert!(ServerVersion::new(2, 0, 0).knows_peering());
    }
}
