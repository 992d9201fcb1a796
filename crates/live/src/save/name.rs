//! Names for snapshots.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What `-append-filename` may add to a name; always in this order, as Consul does.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameParts {
    /// The agent's Consul version.
    pub version: Option<String>,
    /// Its datacenter.
    pub dc: Option<String>,
    /// Its node's name.
    pub node: Option<String>,
    /// `leader` or `follower`.
    pub status: Option<String>,
}

/// `backup.snap` becomes `backup-1.8.7-dc1-node-leader.snap`.
#[must_use]
pub fn append_to(path: &Path, parts: &NameParts) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    // As Go's filepath.Ext: the part from the last dot on, even if it is the whole name.
    let text = name.to_string_lossy();
    let (stem, extension) = match text.rfind('.') {
        Some(dot) => text.split_at(dot),
        None => (text.as_ref(), ""),
    };
    let mut out = OsString::from(stem);
    for part in [&parts.version, &parts.dc, &parts.node, &parts.status].into_iter().flatten() {
        out.push("-");
        out.push(safe(part));
    }
    out.push(extension);
    path.with_file_name(out)
}

/// The default name of a snapshot: `consul-dc1-1234.snap`, from datacenter and index.
#[must_use]
pub fn file_name(datacenter: Option<&str>, index: u64) -> String {
    match datacenter {
        Some(datacenter) => format!("consul-{}-{index}.snap", safe(datacenter)),
        None => format!("consul-{index}.snap"),
    }
}

/// A name from a server must not lead out of the folder.
fn safe(text: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    text.chars().map(|c| if fits(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_in_front_of_the_extension() {
        let parts = NameParts {
            version: Some("1.8.7".into()),
            dc: Some("dc1".into()),
            node: None,
            status: Some("leader".into()),
        };
        for (path, expected) in [
            ("backup.snap", "backup-1.8.7-dc1-leader.snap"),
            ("/a.b/backup", "/a.b/backup-1.8.7-dc1-leader"),
            ("x/backup.tar.gz", "x/backup.tar-1.8.7-dc1-leader.gz"),
        ] {
            assert_eq!(append_to(Path::new(path), &parts), Path::new(expected));
        }
        assert_eq!(append_to(Path::new("a.snap"), &NameParts::default()), Path::new("a.snap"));
    }

    #[test]
    fn a_server_can_t_choose_the_folder() {
        assert_eq!(file_name(Some("../../etc"), 7), "consul-.._.._etc-7.snap");
        assert_eq!(file_name(Some("dc1"), 7), "consul-dc1-7.snap");
        assert_eq!(file_name(None, 7), "consul-7.snap");
    }
}
