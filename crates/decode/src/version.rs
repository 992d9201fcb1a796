//! Versions of Consul, and ranges of versions in which a fact holds.

use std::fmt;

/// A version of Consul.
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
    /// The newest version with which answers were compared.
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

    /// `<` for constants.
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

/// A range of versions; both ends may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionRange {
    /// Its first version.
    pub since: Option<ServerVersion>,
    /// The first version after it.
    pub until: Option<ServerVersion>,
}

impl VersionRange {
    /// All versions.
    pub const ALL: Self = Self { since: None, until: None };

    /// All versions from a minor version on: `since(1, 13)` starts with 1.13.0.
    #[must_use]
    pub const fn since(major: u32, minor: u32) -> Self {
        Self { since: Some(ServerVersion::new(major, minor, 0)), until: None }
    }

    /// The range that ends before a minor version.
    #[must_use]
    pub const fn until(self, major: u32, minor: u32) -> Self {
        self.until_version(ServerVersion::new(major, minor, 0))
    }

    /// The range that ends before a version.
    #[must_use]
    pub const fn until_version(self, version: ServerVersion) -> Self {
        Self { since: self.since, until: Some(version) }
    }

    /// All versions before a minor version.
    #[must_use]
    pub const fn before(major: u32, minor: u32) -> Self {
        Self::ALL.until(major, minor)
    }

    /// Only this version.
    #[must_use]
    pub const fn only(version: ServerVersion) -> Self {
        let ServerVersion { major, minor, patch } = version;
        let next = ServerVersion { major, minor, patch: patch.saturating_add(1) };
        Self { since: Some(version), until: Some(next) }
    }

    /// Whether a version is in the range.
    #[must_use]
    pub const fn contains(self, version: ServerVersion) -> bool {
        let started = match self.since {
            Some(since) => !version.is_before(since),
            None => true,
        };
        let goes_on = match self.until {
            Some(until) => version.is_before(until),
            None => true,
        };
        started && goes_on
    }

    /// The intersection of both ranges; may be empty, see [`is_empty`](Self::is_empty).
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let later = |a: Option<ServerVersion>, b: Option<ServerVersion>| match (a, b) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let earlier = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Self { since: later(self.since, other.since), until: earlier }
    }

    /// Its newest known version: the one before its end, as far as the numbers show, or
    /// [`ServerVersion::NEWEST_KNOWN`] if the end is open.
    #[must_use]
    pub fn newest(self) -> ServerVersion {
        let newest = match self.until {
            None => ServerVersion::NEWEST_KNOWN,
            Some(ServerVersion { major, minor, patch }) => match (minor, patch.checked_sub(1)) {
                (_, Some(patch)) => ServerVersion { major, minor, patch },
                (1.., None) => ServerVersion::new(major, minor.saturating_sub(1), 0),
                (0, None) => ServerVersion::new(major.saturating_sub(1), u32::MAX, 0),
            },
        };
        self.since.map_or(newest, |since| newest.max(since))
    }

    /// Whether it contains no version.
    #[must_use]
    pub fn is_empty(self) -> bool {
        matches!((self.since, self.until), (Some(since), Some(until)) if until <= since)
    }
}

/// The first version of a minor version is printed without its patch number.
struct Minor(ServerVersion);

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.patch {
            0 => write!(f, "{}.{}", self.0.major, self.0.minor),
            _ => self.0.fmt(f),
        }
    }
}

/// `1.13 and later`, `before 1.11`, `1.17 to 1.19`, `1.17`, `any version`.
impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (None, None) => f.write_str("any version"),
            (Some(since), Some(_)) if self == &Self::only(since) => since.fmt(f),
            (Some(since), None) => write!(f, "{} and later", Minor(since)),
            (None, Some(until)) => write!(f, "before {}", Minor(until)),
            (Some(since), Some(ServerVersion { major, minor, patch: 0 }))
                if since.major == major && minor > 0 =>
            {
                let last = minor.saturating_sub(1);
                if since.minor == last {
                    return Minor(since).fmt(f);
                }
                write!(f, "{} to {major}.{last}", Minor(since))
            }
            (Some(since), Some(until)) => write!(f, "{}, before {}", Minor(since), Minor(until)),
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
    fn ranges_have_both_ends() {
        let identity = VersionRange::since(1, 17).until(1, 20);
        for (version, is_in) in [
            ((1, 16, 9), false),
            ((1, 17, 0), true),
            ((1, 19, 2), true),
            ((1, 20, 0), false),
            ((2, 0, 0), false),
        ] {
            let (major, minor, patch) = version;
            assert_eq!(
                identity.contains(ServerVersion::new(major, minor, patch)),
                is_in,
                "{version:?}"
            );
        }
        assert!(VersionRange::since(1, 13).contains(ServerVersion::new(2, 0, 0)));
        assert!(VersionRange::before(1, 11).contains(ServerVersion::new(0, 7, 5)));
        assert!(identity.and(VersionRange::before(1, 11)).is_empty());
        assert_eq!(
            identity.and(VersionRange::since(1, 18)),
            VersionRange::since(1, 18).until(1, 20)
        );
    }

    #[test]
    fn the_newest_of_a_range_is_in_it() {
        for (range, newest) in [
            (VersionRange::ALL, ServerVersion::NEWEST_KNOWN),
            (VersionRange::since(2, 1), ServerVersion::new(2, 1, 0)),
            (VersionRange::since(1, 17).until(1, 20), ServerVersion::new(1, 19, 0)),
            (
                VersionRange {
                    until: Some(ServerVersion::new(1, 7, 7)),
                    ..VersionRange::since(1, 5)
                },
                ServerVersion::new(1, 7, 6),
            ),
        ] {
            assert_eq!(range.newest(), newest);
            assert!(range.contains(newest));
        }
    }

    #[test]
    fn ranges_read_as_text() {
        for (range, text) in [
            (VersionRange::ALL, "any version"),
            (VersionRange::since(1, 13), "1.13 and later"),
            (VersionRange::before(1, 4), "before 1.4"),
            (VersionRange::since(1, 17).until(1, 20), "1.17 to 1.19"),
            (VersionRange::since(1, 17).until(1, 18), "1.17"),
            (VersionRange::since(1, 17).until(2, 0), "1.17, before 2.0"),
            (VersionRange::only(ServerVersion::new(1, 8, 7)), "1.8.7"),
        ] {
            assert_eq!(range.to_string(), text);
        }
    }
}
