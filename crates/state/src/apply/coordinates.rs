//! Network coordinates.

use crate::document::{Applied, Doc, items, list};
use crate::machine::Machine;
use crate::table::{Table, key_of, node_key};
use snapscope_decode::wire::Value;

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    for update in items(request) {
        let coordinate = Doc::read(update)?;
        let node = coordinate.text("Node").to_vec();
        let is_valid = coordinate.doc("Coord").is_ok_and(|coord| is_valid(&coord));
        // Updates for missing nodes are ignored.
        if is_valid && machine.tables.has_node(&node_key(b"", &node)) {
            let key = key_of(&[&node, coordinate.text("Segment")]);
            machine.tables.put(Table::Coordinates, &key, list(&[update]).into());
        }
    }
    machine.move_index(b"coordinates");
    Ok(())
}

/// Some clients have sent NaN and infinite numbers.
fn is_valid(coordinate: &Doc<'_>) -> bool {
    let is_finite = |value: Value<'_>| match value {
        Value::F64(x) => x.is_finite(),
        Value::F32(x) => x.is_finite(),
        _ => true,
    };
    let numbers = coordinate.items("Vec");
    numbers.into_iter().all(|number| Value::read(number).is_ok_and(is_finite))
        && ["Error", "Adjustment", "Height"].iter().all(|field| is_finite(coordinate.value(field)))
}

/// Deletes a node's coordinates.
pub(super) fn delete_of_node(machine: &mut Machine, node: &[u8]) {
    for (key, _) in machine.tables.below(Table::Coordinates, &key_of(&[node])) {
        machine.remove(Table::Coordinates, &key, b"coordinates");
    }
}
