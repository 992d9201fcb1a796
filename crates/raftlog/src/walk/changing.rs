//! Files that a server may be changing.

use std::path::Path;
use std::time::Duration;

/// How often a file is read again that seems to change while it is read, without any progress.
pub(super) const TRIES: u32 = 20;
/// How long a server may take between the writes of two pages.
pub(super) const PAUSE: Duration = Duration::from_millis(5);
/// A file that was left alone for this long is not being written.
const QUIET: Duration = Duration::from_secs(10);

/// Whether a server may be writing to a file.
pub(super) fn is_being_written(path: &Path) -> bool {
    let changed = std::fs::metadata(path).and_then(|file| file.modified());
    // The clocks of two machines may differ.
    changed.map_or(true, |at| at.elapsed().map_or(true, |ago| ago < QUIET))
}
