//! Files in which snapshots wait until they are verified and stored.

use snapscope_staged::{StageError, StagedFile, leftovers};
use std::io;
use std::path::Path;

/// Prefix of the names of such files.
const PREFIX: &str = "snapscope-agent-";

/// Creates an empty file readable only by its owner; dropping the value removes it. It is locked,
/// so an agent that starts can distinguish it from leftovers of a killed one.
pub(super) fn create(folder: &Path) -> Result<StagedFile, StageError> {
    let target = folder.join(format!("{PREFIX}{}.snap", std::process::id()));
    StagedFile::begin(&target, false)
}

/// Removes leftovers of killed agents; returns their number.
pub(super) fn remove_leftovers(folder: &Path) -> io::Result<usize> {
    let ours = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(PREFIX));
    let left = leftovers(folder)?;
    Ok(left.iter().filter(|left| ours(&left.target) && left.remove().is_ok()).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_what_nobody_works_on_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let busy = create(dir.path()).unwrap();
        let left = dir.path().join(format!(".{PREFIX}1.snap.abcdef.part"));
        fs::write(&left, "half").unwrap();
        fs::write(dir.path().join("other.part"), "").unwrap();
        assert_eq!(remove_leftovers(dir.path()).unwrap(), 1);
        assert!(!left.exists() && dir.path().join("other.part").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
        drop(busy);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
