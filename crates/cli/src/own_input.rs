//! Keeps a command from replacing the file that it reads.

use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Refuses a `target` that is one of the inputs, under any name: `--force` would replace it.
pub(crate) fn spare_inputs(flag: &str, target: &Path, inputs: &[&Path]) -> Result<()> {
    // A new file replaces nothing.
    if !target.exists() {
        return Ok(());
    }
    for input in inputs {
        let place = place(input);
        let name = target.display();
        if is_same(&place, target) || is_part(&place, target) {
            bail!(
                "{flag} {name} is the snapshot itself, which would be overwritten; write to another \
                 file"
            );
        }
        if place.is_dir() && is_inside(&place, target) {
            bail!(
                "{flag} {name} is a file of the input {}, which would be overwritten; write to \
                 another file",
                input.display()
            );
        }
    }
    Ok(())
}

/// The file or folder that an argument refers to: `DATA_DIR@INDEX` is in a data directory.
fn place(input: &Path) -> PathBuf {
    let before_at = || input.to_str()?.rsplit_once('@').map(|(place, _)| PathBuf::from(place));
    if input.exists() { input.into() } else { before_at().unwrap_or_else(|| input.into()) }
}

/// Whether two names refer to the same file or folder, even through links of either sort.
fn is_same(a: &Path, b: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if let (Ok(a), Ok(b)) = (fs::metadata(a), fs::metadata(b)) {
            return (a.dev(), a.ino()) == (b.dev(), b.ino());
        }
    }
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

/// Whether a file is one of those that make up a snapshot: beside a `state.bin`, or in a folder.
fn is_part(place: &Path, target: &Path) -> bool {
    let folder = if place.is_dir() { Some(place) } else { place.parent() };
    let is_state = place.is_dir() || place.file_name().is_some_and(|name| name == "state.bin");
    let parts = ["state.bin", "meta.json"];
    is_state && parts.iter().any(|part| folder.is_some_and(|at| is_same(&at.join(part), target)))
}

fn is_inside(folder: &Path, target: &Path) -> bool {
    matches!(
        (folder.canonicalize(), target.canonicalize()),
        (Ok(folder), Ok(target)) if target.starts_with(&folder)
    )
}
