//! Names of states in a log: `DATA_DIR@INDEX` and `DATA_DIR@TIME`.

use super::{Moment, Purpose, Rolled, say_inexact};
use crate::exit;
use crate::place::place_and_moment;
use crate::render::escape::one_line;
use crate::server_log::{ServerLog, time_of};
use crate::terminal::note;
use crate::times;
use anyhow::{Context as _, Result, bail};
use snapscope_archive::{OpenOptions, Source, Stream};
use snapscope_decode::Kind;
use snapscope_rewrite::{Level, SnapshotWriter, WriteOptions};
use std::path::Path;
use std::sync::Arc;

/// The snapshot named `DATA_DIR@INDEX` or `DATA_DIR@TIME`, in a temporary file without a name.
/// `None` for other names, and if a file with this name exists.
pub(crate) fn source_at(name: &Path) -> Result<Option<Source>> {
    let Some((place, moment)) = place_and_moment(name) else { return Ok(None) };
    let server = ServerLog::find(Path::new(place))?;
    let moment = match moment_of(moment, &server)? {
        Some(moment) => moment,
        None => bail!(
            "{moment:?} is neither an index nor a time, such as 12345, 2026-11-23T10:02:00Z or 10:02"
        ),
    };
    let options = OpenOptions::default();
    let rolled = Rolled::prepare(&server, None, moment, &options, Purpose::Write)?;
    let text = name.display().to_string();
    note!("snapscope: {}: note: {}", one_line(text.as_bytes()), rolled.place());
    say_inexact(&rolled);
    // The index table is the servers' bookkeeping.
    if rolled.inexact().keys().any(|kind| *kind != Kind::INDEX) {
        exit::note_inexact();
    }
    rolled.losses.clone().are_of_state(&text);
    stream_of(&rolled, &text, &options).map(Some)
}

/// A state as a snapshot in a temporary file without a name.
pub(crate) fn stream_of(rolled: &Rolled, name: &str, options: &OpenOptions) -> Result<Source> {
    let file = tempfile::tempfile().context("cannot create a temporary file")?;
    // It is read once or twice, then dropped.
    let fast = WriteOptions { level: Level::STORED, ..WriteOptions::default() };
    let mut writer = SnapshotWriter::begin(file.try_clone()?, &rolled.meta, &fast)?;
    rolled.write(options, &mut writer)?;
    writer.finish()?;
    Ok(Source::Stream(Stream::at(name, Arc::new(file))))
}

/// Reads an index, a time, or a time of day on the last day of the log.
fn moment_of(text: &str, server: &ServerLog) -> Result<Option<Moment>> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.parse().ok().map(Moment::Index));
    }
    let Ok(typed) = times::typed(text) else { return Ok(None) };
    let time = time_of(text, typed, &[server])?;
    Ok(Some(Moment::Time(times::as_end(text, time))))
}
