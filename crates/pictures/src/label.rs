//! Shortens texts to a width.

/// Average width of a character relative to the font size. Readers choose the font, so this is an
/// estimate, rather too wide than too narrow.
const CHARACTER: f64 = 0.62;

/// Estimated width of a text.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let wide = |c: char| if u32::from(c) >= 0x1100 { 1.0 } else { CHARACTER };
    text.chars().map(wide).sum::<f64>() * size
}

/// The text, shortened with an ellipsis if it is too wide; `None` if fewer than three characters
/// would be left.
pub(crate) fn fitted(text: &str, size: f64, most: f64) -> Option<String> {
    if width(text, size) <= most {
        return Some(text.to_owned());
    }
    let mut left = most - size * CHARACTER;
    let mut kept = String::new();
    for c in text.chars() {
        left -= width(c.encode_utf8(&mut [0; 4]), size);
        if left < 0.0 {
            break;
        }
        kept.push(c);
    }
    (kept.chars().count() >= 3).then(|| format!("{kept}\u{2026}"))
}

/// The text of a tile, shortened with an ellipsis if it is too wide.
#[must_use]
pub fn fitted_label(text: &str, most: f64) -> Option<String> {
    fitted(text, 12.0, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_to_its_room() {
        assert_eq!(fitted("apps", 10.0, 100.0).as_deref(), Some("apps"));
        assert_eq!(fitted("applications", 10.0, 40.0).as_deref(), Some("appli\u{2026}"));
        assert_eq!(fitted("applications", 10.0, 15.0), None);
    }
}
