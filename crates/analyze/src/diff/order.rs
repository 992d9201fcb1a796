//! Whether a snapshot is in the order in which servers write.

use super::parts::PartsReader;
use snapscope_archive::Blocks;
use snapscope_decode::Kind;
use snapscope_decode::stream::Section;

/// What is known of the order of two snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Record types whose records don't stand where servers put them.
    disordered: Vec<Kind>,
}

impl Order {
    /// Whether all records of a type stand where servers put them.
    #[must_use]
    pub fn holds(&self, kind: Kind) -> bool {
        !self.disordered.contains(&kind)
    }

    /// What holds for both of two snapshots.
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

/// Reads a snapshot to see whether each section stands in its place, and each record in its
/// section, each of them holding one object, and no two the same.
#[must_use]
pub fn check_order(blocks: Blocks) -> Order {
    let mut order = Order::default();
    let mut reader = PartsReader::new(|_| true);
    let mut highest: Option<(Section, Kind)> = None;
    let mut last: Option<(Kind, Vec<u8>)> = None;
    for block in blocks {
        for frame in block.frames() {
            let parts = reader.parts(&frame, &mut Vec::new());
            // An entry of intentions holds them besides.
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
