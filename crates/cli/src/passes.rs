//! Two passes over one file.

use anyhow::{Result, bail};
use snapscope_archive::Closing;

/// Fails if two passes over a file did not read the same.
pub(crate) fn ensure_same(name: &str, first: &Closing, second: &Closing) -> Result<()> {
    let (a, b) = (&first.integrity, &second.integrity);
    if first.records != second.records
        || a.actual_size != b.actual_size
        || a.members != b.members
        || a.crc64 != b.crc64
    {
        bail!("{name}: the file changed while it was read; nothing was written");
    }
    Ok(())
}
