use crate::soak::Soak;

#[test]
fn a_bounded_run() {
    let mut soak = Soak::new();
    let valid = (0..20_000).filter(|seed| soak.execute(*seed)).count();
    // Both kinds must occur, or this tests nothing.
    assert!((2000..18_000).contains(&valid), "{valid} valid");
}
