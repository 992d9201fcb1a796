//! What all shapes use.

use crate::records::Record;
use crate::shapes::ConsulVersion;
use std::io;

/// Takes the records of a shape, one by one.
pub(super) type Take<'t> = dyn FnMut(Record) -> io::Result<()> + 't;

pub(super) const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

pub(super) fn uuid(at: u64) -> String {
    format!("00000000-0000-4000-8000-{at:012x}")
}
