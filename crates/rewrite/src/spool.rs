//! What can be read only once, kept so that it can be read again.

use snapscope_archive::{OpenError, Source, Stream};
use std::io;
use std::sync::Arc;

/// The same snapshot, such that it can be read as often as needed: what comes from a pipe is copied to a
/// temporary file that only its owner can read and that has no name.
///
/// # Errors
/// When it can't be read, or there is no room for a copy.
pub fn spooled(source: Source) -> Result<Source, OpenError> {
    if source.reopenable() {
        return Ok(source);
    }
    let name = source.name();
    let io_error = |error| OpenError::Io { path: name.clone(), error };
    let mut file = tempfile::tempfile().map_err(io_error)?;
    io::copy(&mut source.reader()?, &mut file).map_err(io_error)?;
    Ok(Source::Stream(Stream::at(name, Arc::new(file))))
}
