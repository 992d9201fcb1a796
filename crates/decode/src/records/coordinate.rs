//! Network coordinates.

use crate::schema::{List, Nested, Text};
use crate::wire_struct;

wire_struct! {
    /// A node's network coordinate.
    struct CoordinateRef "Coordinate" {
        "Node" node: Text<'a>;
        "Segment" segment: Text<'a>;
        "Partition" partition: Text<'a>, omit_empty;
        "Coord" coord: Nested<'a, Option<SerfCoordinateRef<'a>>>;
    }

    /// Consul's `SerfCoordinate`.
    struct SerfCoordinateRef "SerfCoordinate" {
        "Vec" vec: List<'a, f64>;
        "Error" error: f64;
        "Adjustment" adjustment: f64;
        "Height" height: f64;
    }
}
