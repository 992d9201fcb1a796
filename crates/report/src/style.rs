//! The styles of pages.

/// CSS rules that pages have in common, and the colours of pages and pictures, light and dark, as
/// custom properties.
pub const COMMON_STYLE: &str = concat!(include_str!("colours.css"), include_str!("common.css"));
