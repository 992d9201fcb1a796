//! Bars beside numbers.

use crate::COLOURS;
use crate::area::Area;
use crate::drawing::{Drawing, escaped};
use std::fmt::Write as _;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 10.0;

/// A small bar beside a number. It shows only what the number says, so it is hidden from screen
/// readers. `share` is from 0 to 1.
#[must_use]
pub fn bar(share: f64, colour: usize) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    // Anything above zero is visible.
    let length = if share > 0.0 { (share * WIDTH).max(1.0) } else { 0.0 };
    format!(
        "<svg class=\"picture bar\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         aria-hidden=\"true\"><rect class=\"back\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"2\"/>\
         <rect class=\"colour-{}\" width=\"{length:.1}\" height=\"{HEIGHT}\" rx=\"2\"/></svg>",
        colour % COLOURS
    )
}

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Its number.
    pub count: u64,
    /// Class of its colour, for meanings such as `critical`.
    pub class: &'static str,
}

/// A stacked bar with a legend below it.
#[must_use]
#[allow(clippy::cast_precision_loss)] // lengths need no more than a few digits
pub fn stacked_bar(segments: &[Segment], width: f64, title: &str) -> String {
    let all: u64 = segments.iter().map(|segment| segment.count).sum();
    let about = segments.iter().map(|s| format!("{}: {}", s.name, s.count)).collect::<Vec<_>>();
    let mut drawing = Drawing::new("stacked", width, 18.0, title, &about.join(", "));
    let shown: Vec<&Segment> = segments.iter().filter(|segment| segment.count > 0).collect();
    // Each part is at least three pixels wide; the rest is shared in proportion.
    let least = 3.0;
    let room = (width - least * shown.len() as f64).max(0.0);
    let mut x = 0.0;
    for segment in &shown {
        let wide = least + room * segment.count as f64 / all.max(1) as f64;
        drawing.open(segment.class, Some(&format!("{}: {}", segment.name, segment.count)));
        drawing.rect("face", Area { x, y: 0.0, width: (wide - 1.0).max(1.0), height: 18.0 }, 2.0);
        drawing.close();
        x += wide;
    }
    let mut out = drawing.finish();
    out.push_str("<ul class=\"legend\">");
    for segment in segments {
        let (name, count) = (escaped(&segment.name), segment.count);
        let _ = write!(
            out,
            "<li><span class=\"swatch {}\"></span>{name} <b>{count}</b></li>",
            segment.class
        );
    }
    out.push_str("</ul>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_lengths_in_proportion() {
        let part = |name: &str, count| Segment { name: name.into(), count, class: "info" };
        let svg = stacked_bar(&[part("a", 1), part("b", 3), part("<c>", 0)], 106.0, "t");
        assert!(svg.contains("width=\"27\"") && svg.contains("width=\"77\""), "{svg}");
        assert!(svg.contains("&lt;c&gt; <b>0</b>"));
        assert!(bar(0.5, 9).contains("colour-1\" width=\"60.0\""));
        assert!(bar(f64::NAN, 0).contains("width=\"0.0\""));
    }
}
