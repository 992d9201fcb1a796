//! Text from a snapshot made safe to show.

pub(crate) use snapscope_objects::printable::one_line;
