//! Records that no version of Consul restores.

use super::fold::Obstacles;
use super::report::Cause;
use super::structures::STRUCTURES;
use snapscope_decode::records::EntryKind;
use snapscope_decode::{Frame, VersionRange};

/// Finds records that no version restores, one by one. It has to see all records in order.
#[derive(Debug, Default)]
pub struct Refusals(Obstacles);

impl Refusals {
    /// Whether every version refuses a record, after those before it. A newer version may have kinds of config
    /// entries that are not known here, but not ones whose names contain other characters.
    pub fn refuses(&mut self, frame: &Frame<'_>) -> bool {
        self.0.look(frame);
        std::mem::take(&mut self.0.found).keys().any(refused_by_all)
    }
}

fn refused_by_all(cause: &Cause) -> bool {
    match cause {
        Cause::EntryKind(kind) => {
            let is_name =
                |byte: &u8| byte.is_ascii_lowercase() || matches!(byte, b'0'..=b'9' | b'-');
            EntryKind::by_name(kind).is_none() && !kind.iter().all(is_name)
        }
        Cause::Structure(place) => STRUCTURES.get(*place).is_some_and(|structure| {
            structure.refused_by == VersionRange::ALL && structure.fixed_in.is_empty()
        }),
        Cause::Field(_) | Cause::Misfit(..) => cause.refused_by() == Some(VersionRange::ALL),
        Cause::RecordType(_) => false,
    }
}
