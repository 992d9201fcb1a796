//! Keeps input that can be read only once.

use snapscope_archive::{OpenError, Source, Stream};
use std::io;
use std::sync::Arc;

/// Returns the same snapshot in a form that can be read repeatedly: input from a pipe is copied to
/// a temporary file that only its owner can read and that has no name.
///
/// # Errors
/// If it cannot be read, or there is not enough space for a copy.
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
