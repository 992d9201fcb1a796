//! Standard output as the target of an export.

use snapscope_staged::WriteBehind;
use std::fs::File;
use std::io;
use std::path::Path;

/// Whether a path means standard output: `-`, and not `./-`, which is a file.
pub(crate) fn is_standard_output(at: &Path) -> bool {
    at.as_os_str() == "-"
}

/// Writes to an existing empty file, or to standard output.
pub(crate) fn open(at: &Path) -> io::Result<WriteBehind> {
    if is_standard_output(at) {
        return Ok(WriteBehind::to_stream(standard_output()?));
    }
    Ok(WriteBehind::new(File::options().write(true).open(at)?))
}

#[cfg(unix)]
#[allow(
    clippy::disallowed_methods,
    reason = "the bytes of an export, which the command refuses to print to a terminal"
)]
fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
#[allow(
    clippy::disallowed_methods,
    reason = "the bytes of an export, which the command refuses to print to a terminal"
)]
fn standard_output() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}
