//! Versions of Consul servers, and ranges of them: since when a server knows something, until when.

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

    /// `<`, which the compiler can evaluate.
    const fn is_before(self, other: Self) -> bool {
        if self.major != other.major {
            return self.major < other.major;
        }
        if self.minor != other.minor {
            return self.minor < other.minor;
        }
        self.patch < other.patch
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The versions from one on, up to but without another. Both ends of a fact about servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VersionRange {
    /// The first version; `None` if it was always so.
    pub since: Option<ServerVersion>,
    /// The first version that no longer belongs to it; `None` if it is still so.
    pub until: Option<ServerVersion>,
}

impl VersionRange {
    /// All versions.
    pub const ALL: Self = Self { since: None, until: None };

    /// From `major.minor.0` on.
    #[must_use]
    pub const fn since(major: u32, minor: u32) -> Self {
        Self { since: Some(ServerVersion::new(major, minor, 0)), until: None }
    }

    /// Before `major.minor.0`.
    #[must_use]
    pub const fn before(major: u32, minor: u32) -> Self {
        Self::ALL.until(major, minor)
    }

    /// The same, but ends before `major.minor.0`.
    #[must_use]
    pub const fn until(self, major: u32, minor: u32) -> Self {
        self.until_version(ServerVersion::new(major, minor, 0))
    }

    /// The same, but ends before that version.
    #[must_use]
    pub const fn until_version(self, version: ServerVersion) -> Self {
        Self { since: self.since, until: Some(version) }
    }

    /// Whether a version belongs to it.
    #[must_use]
    pub const fn contains(self, version: ServerVersion) -> bool {
        let begun = match self.since {
            Some(since) => !version.is_before(since),
            None => true,
        };
        let ended = match self.until {
            Some(until) => !version.is_before(until),
            None => false,
        };
        begun && !ended
    }
}

/// `all versions`, `1.13.0 and later`, `before 1.15.0`, `from 1.13.0 to before 1.13.1`.
impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (None, None) => f.write_str("all versions"),
            (Some(since), None) => write!(f, "{since} and later"),
            (None, Some(until)) => write!(f, "before {until}"),
            (Some(since), Some(until)) => write!(f, "from {since} to before {until}"),
        }
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
    }

    #[test]
    fn a_range_has_its_first_version_and_not_its_end() {
        let v = ServerVersion::new;
        let range = VersionRange::since(1, 13).until_version(v(1, 13, 1));
        let inside = [v(1, 12, 9), v(1, 13, 0), v(1, 13, 1), v(2, 0, 0)].map(|v| range.contains(v));
        assert_eq!(inside, [false, true, false, false]);
        assert!(VersionRange::since(1, 13).contains(v(2, 0, 0)));
        assert!(!VersionRange::before(1, 13).contains(v(2, 0, 0)));
        assert!(
            VersionRange::before(1, 13).contains(v(0, 7, 5))
                && VersionRange::ALL.contains(v(0, 7, 5))
        );
        assert_eq!(range.to_string(), "from 1.13.0 to before 1.13.1");
        assert_eq!(VersionRange::before(1, 15).to_string(), "before 1.15.0");
    }
}
