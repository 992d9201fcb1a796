//! Checks whether a snapshot is in the order in which servers write.

use super::parts::PartsReader;
use snapscope_archive::Blocks;
use snapscope_decode::Kind;
use snapscope_decode::stream::Section;

/// What is known about the order of two snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Record types whose records are not in the servers' order.
    disordered: Vec<Kind>,
}

impl Order {
    /// Whether all records of a type are in the servers' order.
    #[must_use]
    pub fn holds(&self, kind: Kind) -> bool {
        !self.disordered.contains(&kind)
    }

    /// The combined result for two snapshots.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.disordered.extend(other.disordered);
        self
    }

    fn broken(&mut self, kind: Kind) {
        if self.holds(kind) {
            self.disordered.push(kind);
        }
    }
}

/// Reads a snapshot to check whether each section is in its place, and each record in its section,
/// with one object in each and no duplicates.
#[must_use]
pub fn check_order(blocks: Blocks) -> Order {
    let mut order = Order::default();
    let mut reader = PartsReader::of_positions();
    let mut highest: Option<(Section, Kind)> = None;
    let mut last: Option<(Kind, Vec<u8>)> = None;
    for block in blocks {
        for frame in block.frames() {
            let parts = reader.parts(&frame, &mut Vec::new());
            // An entry of intentions also contains the intentions.
            if parts.parts.len() != 1 && frame.kind != Kind::CONFIG_ENTRY {
                order.broken(frame.kind);
            }
            let place = frame.kind.section();
            match highest {
                Some((section, kind)) if place < section => {
                    order.broken(frame.kind);
                    order.broken(kind);
                }
                _ => highest = Some((place, frame.kind)),
            }
            let behind =
                last.is_some_and(|(kind, order)| kind == frame.kind && parts.order <= order);
            if behind {
                order.broken(frame.kind);
            }
            last = Some((frame.kind, parts.order));
        }
    }
    order
}
