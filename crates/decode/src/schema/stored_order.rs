//! The order in which servers store a struct's fields, computed by the compiler.

// If this fails, nothing compiles.
#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

/// The indexes of names in sorted order.
pub const fn sorted_places<const N: usize>(names: [&str; N]) -> [u8; N] {
    let mut places = [0u8; N];
    let mut sorted = 0;
    while sorted < N {
        let mut at = sorted;
        while at > 0 && is_before(names[sorted], names[places[at - 1] as usize]) {
            places[at] = places[at - 1];
            at -= 1;
        }
        places[at] = sorted as u8;
        sorted += 1;
    }
    places
}

const fn is_before(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

#[cfg(test)]
mod tests {
    use super::sorted_places;

    #[test]
    fn places_are_in_the_order_of_the_names() {
        assert_eq!(sorted_places(["Key", "Value", "Flags", "ID", "IDs", "I"]), [2, 5, 3, 4, 0, 1]);
        assert_eq!(sorted_places::<0>([]), [0u8; 0]);
    }
}
