//! Published vulnerabilities of Consul servers, and the versions that fix them.
//!
//! Vulnerabilities of Enterprise alone, of API clients or of other products are not included. The
//! table covers everything published up to [`AS_OF`].

use crate::acl::ServerVersion;

/// The day of the table's last review.
pub(super) const AS_OF: &str = "2026-08-17";

/// A published vulnerability.
struct Vulnerability {
    id: &'static str,
    /// The first version that has it.
    since: ServerVersion,
    /// The first fixed version of each minor line. Later lines are not affected, and of earlier
    /// lines no version is fixed. Lines with a fix only for Enterprise are included.
    mended: &'static [ServerVersion],
}

const fn v(major: u32, minor: u32, patch: u32) -> ServerVersion {
    ServerVersion::new(major, minor, patch)
}

macro_rules! vulnerabilities {
    ($($id:literal from $since:expr, mended in $($mended:expr),+;)*) => {
        &[$(Vulnerability { id: $id, since: $since, mended: &[$($mended),+] },)*]
    };
}

static VULNERABILITIES: &[Vulnerability] = vulnerabilities! {
    "CVE-2020-7219" from v(0, 0, 0), mended in v(1, 6, 3);
    "CVE-2020-7955" from v(1, 4, 1), mended in v(1, 6, 3);
    "CVE-2020-12758" from v(1, 6, 0), mended in v(1, 6, 6), v(1, 7, 4);
    "CVE-2020-12797" from v(1, 4, 0), mended in v(1, 6, 6), v(1, 7, 4);
    "CVE-2020-13250" from v(1, 2, 0), mended in v(1, 6, 6), v(1, 7, 4);
    "CVE-2020-25864" from v(0, 0, 0), mended in v(1, 7, 14), v(1, 8, 10), v(1, 9, 5);
    "CVE-2020-28053" from v(1, 2, 0), mended in v(1, 6, 10), v(1, 7, 10), v(1, 8, 6);
    "CVE-2021-32574" from v(1, 3, 0), mended in v(1, 8, 14), v(1, 9, 8), v(1, 10, 1);
    "CVE-2021-36213" from v(1, 9, 0), mended in v(1, 9, 8), v(1, 10, 1);
    "CVE-2021-37219" from v(0, 0, 0), mended in v(1, 8, 15), v(1, 9, 9), v(1, 10, 2);
    "CVE-2021-38698" from v(0, 0, 0), mended in v(1, 8, 15), v(1, 9, 9), v(1, 10, 2);
    "CVE-2021-41803" from v(1, 8, 1), mended in v(1, 11, 9), v(1, 12, 5), v(1, 13, 2);
    "CVE-2022-24687" from v(1, 8, 0), mended in v(1, 9, 15), v(1, 10, 8), v(1, 11, 3);
    "CVE-2022-29153" from v(0, 0, 0), mended in v(1, 9, 17), v(1, 10, 10), v(1, 11, 5);
    "CVE-2022-40716" from v(0, 0, 0), mended in v(1, 11, 9), v(1, 12, 5), v(1, 13, 2);
    "CVE-2023-0845" from v(1, 14, 0), mended in v(1, 14, 5);
    "CVE-2023-1297" from v(1, 14, 0), mended in v(1, 14, 5), v(1, 15, 3);
    "CVE-2023-2816" from v(1, 15, 0), mended in v(1, 15, 3);
    "CVE-2023-3518" from v(1, 16, 0), mended in v(1, 16, 1);
    "CVE-2024-10005" from v(1, 9, 0), mended in v(1, 15, 15), v(1, 18, 5), v(1, 19, 3), v(1, 20, 1);
    "CVE-2024-10006" from v(1, 9, 0), mended in v(1, 15, 15), v(1, 18, 5), v(1, 19, 3), v(1, 20, 1);
    "CVE-2024-10086" from v(1, 4, 1), mended in v(1, 15, 15), v(1, 18, 5), v(1, 19, 3), v(1, 20, 0);
    "CVE-2025-11374" from v(0, 0, 0), mended in v(1, 18, 12), v(1, 20, 8), v(1, 21, 6), v(1, 22, 0);
    "CVE-2025-11375" from v(0, 0, 0), mended in v(1, 18, 12), v(1, 20, 8), v(1, 21, 6), v(1, 22, 0);
    "CVE-2026-19012" from v(1, 18, 0), mended in v(1, 21, 17), v(1, 22, 11), v(2, 0, 3);
    "CVE-2026-19016" from v(1, 19, 1), mended in v(1, 21, 17), v(1, 22, 11), v(2, 0, 3);
    "CVE-2026-19017" from v(1, 18, 21), mended in v(1, 21, 17), v(1, 22, 11), v(2, 0, 3);
};

impl Vulnerability {
    fn is_in(&self, version: ServerVersion) -> bool {
        let same_line = |mended: &&ServerVersion| {
            (mended.major, mended.minor) == (version.major, version.minor)
        };
        let is_mended = match self.mended.iter().find(same_line) {
            Some(mended) => version >= *mended,
            None => self.mended.iter().all(|mended| version > *mended),
        };
        version >= self.since && !is_mended
    }
}

/// The published vulnerabilities a version has.
pub(super) fn of(version: ServerVersion) -> Vec<&'static str> {
    VULNERABILITIES.iter().filter(|known| known.is_in(version)).map(|known| known.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_mended_line_by_line() {
        let has = |id: &str, version| of(version).contains(&id);
        // Published as fixed in 1.9.17, 1.10.10 and 1.11.5.
        for (version, affected) in [
            (v(1, 8, 19), true),
            (v(1, 9, 16), true),
            (v(1, 9, 17), false),
            (v(1, 10, 9), true),
            (v(1, 10, 10), false),
            (v(1, 11, 4), true),
            (v(1, 11, 5), false),
            (v(1, 12, 0), false),
        ] {
            assert_eq!(has("CVE-2022-29153", version), affected, "{version}");
        }
        assert!(!has("CVE-2023-3518", v(1, 15, 9)) && has("CVE-2023-3518", v(1, 16, 0)));
        assert!(has("CVE-2026-19016", v(1, 20, 6)) && !has("CVE-2026-19016", v(1, 21, 17)));
        assert_eq!(of(v(2, 0, 3)), [""; 0]);
    }
}
