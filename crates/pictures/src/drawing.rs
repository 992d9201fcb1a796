//! Writes SVG.

use std::fmt::Write as _;

/// Escapes text for XML and HTML, for elements and attributes. Characters that XML forbids, and
/// invisible ones or those that change the direction of text, become U+FFFD.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(' '),
            c if is_hostile(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{61c}'
        )
}

/// An SVG image that is being written.
#[derive(Debug)]
pub(crate) struct Drawing {
    out: String,
}

impl Drawing {
    /// Starts an image. `class` is the class of the whole image; screen readers read `title` and
    /// `about`.
    pub(crate) fn new(class: &str, width: f64, height: f64, title: &str, about: &str) -> Self {
        let mut out = String::new();
        let (width, height) = (number(width), number(height));
        let label = escaped(&format!("{title}. {about}"));
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"picture {class}\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{label}\"><title>{}</title><desc>{}</desc>",
            escaped(title),
            escaped(about),
        );
        Self { out }
    }

    /// Opens a group, with a tooltip unless it is empty.
    pub(crate) fn open(&mut self, class: &str, title: Option<&str>) {
        let _ = write!(self.out, "<g class=\"{class}\">");
        if let Some(title) = title {
            let _ = write!(self.out, "<title>{}</title>", escaped(title));
        }
    }

    pub(crate) fn close(&mut self) {
        self.out.push_str("</g>");
    }

    pub(crate) fn rect(&mut self, class: &str, area: super::Area, radius: f64) {
        let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(number);
        let _ = write!(
            self.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"",
        );
        if radius > 0.0 {
            let _ = write!(self.out, " rx=\"{}\"", number(radius));
        }
        self.out.push_str("/>");
    }

    /// Writes a text. Its class decides size and anchor.
    pub(crate) fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{}\" y=\"{}\">{}</text>",
            number(x),
            number(y),
            escaped(text)
        );
    }

    pub(crate) fn path(&mut self, class: &str, data: &str) {
        let _ = write!(self.out, "<path class=\"{class}\" d=\"{data}\"/>");
    }

    pub(crate) fn circle(&mut self, class: &str, x: f64, y: f64, radius: f64) {
        let _ = write!(
            self.out,
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            number(x),
            number(y),
            number(radius)
        );
    }

    pub(crate) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

/// A number with at most one decimal.
pub(crate) fn number(x: f64) -> String {
    let text = format!("{x:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let text = escaped("<script>alert('x')</script>\u{202e}\u{0}\u{ffff}\"&");
        assert!(!text.contains('<') && !text.contains('\u{202e}') && !text.contains('\u{0}'));
        assert_eq!(escaped("a&b"), "a&amp;b");
        assert_eq!([number(1.0), number(-0.01), number(2.25)], ["1", "0", "2.2"]);
    }
}
