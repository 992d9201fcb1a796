//! The script that applies a patch: a constant text, independent of the snapshot.

use snapscope_staged::create_in;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

const SCRIPT: &str = include_str!("apply.sh");

/// Writes the script as an executable file.
pub(super) fn write(folder: &Path, name: &str) -> io::Result<()> {
    let mut file = create_in(folder, name)?;
    file.write_all(SCRIPT.as_bytes())?;
    make_executable(&file)
}

fn make_executable(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    let _ = file;
    Ok(())
}
