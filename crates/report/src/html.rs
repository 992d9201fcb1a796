//! Writes HTML pages.

use crate::style::COMMON_STYLE;
use crate::words::{grouped, message, percent, share, shown};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use snapscope_objects::printable::{byte_size, one_line};
use snapscope_pictures::{bar, escaped};
use std::fmt::Write as _;

/// Markup, which contains only what this crate wrote and escaped text.
#[derive(Debug, Default)]
pub(crate) struct Html {
    out: String,
}

impl Html {
    /// Adds markup.
    pub(crate) fn raw(&mut self, markup: &str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// Adds text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.out.push_str(&escaped(text));
        self
    }

    /// Adds an element with a text.
    pub(crate) fn element(&mut self, name: &str, text: &str) -> &mut Self {
        let _ = write!(self.out, "<{name}>{}</{name}>", escaped(text));
        self
    }

    /// Adds a paragraph of text.
    pub(crate) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.element("p", text)
    }

    /// Adds a remark in smaller type.
    pub(crate) fn note(&mut self, text: &str) -> &mut Self {
        let _ = write!(self.out, "<p class=\"note\">{}</p>", escaped(text));
        self
    }

    /// Adds a picture. If it is wider than the page, it scrolls.
    pub(crate) fn picture(&mut self, svg: &str, label: &str) -> &mut Self {
        self.figure("figure", svg, label)
    }

    /// Adds a picture that is drawn twice: for wide windows and paper, and for phones. Texts in a
    /// picture that is made smaller could not be read.
    pub(crate) fn picture_of(
        &mut self,
        label: &str,
        draw: impl Fn(&PictureSize) -> String,
    ) -> &mut Self {
        for size in &PICTURE_SIZES {
            self.figure(size.class, &draw(size), label);
        }
        self
    }

    fn figure(&mut self, class: &str, svg: &str, label: &str) -> &mut Self {
        let label = escaped(label);
        let _ = write!(
            self.out,
            "<div class=\"{class}\" role=\"group\" aria-label=\"{label}\" tabindex=\"0\">{svg}</div>"
        );
        self
    }

    /// Adds the command line that prints the same facts.
    pub(crate) fn command(&mut self, line: &str) -> &mut Self {
        let _ = write!(
            self.out,
            "<p class=\"command\"><span>Command line</span> <code>{}</code></p>",
            escaped(&one_line(line.as_bytes()))
        );
        self
    }

    /// Adds a table.
    pub(crate) fn table(&mut self, table: &Table<'_>) -> &mut Self {
        let caption = escaped(table.caption);
        let classes: Vec<&str> = (0..table.columns.len()).map(|at| table.class(at)).collect();
        let stacks = stacks(&classes);
        let _ = write!(
            self.out,
            "<div class=\"scroll\" role=\"group\" aria-label=\"{caption}\" tabindex=\"0\"><table{}><caption>{caption}\
             </caption><thead><tr>",
            if stacks { " class=\"stacks\"" } else { "" }
        );
        let labels: Vec<String> = table.columns.iter().map(|name| escaped(name)).collect();
        for (name, class) in table.columns.iter().zip(&classes) {
            let _ = write!(self.out, "<th scope=\"col\"{class}>{}</th>", escaped(name));
        }
        self.out.push_str("</tr></thead><tbody>");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (at, (cell, class)) in row.iter().zip(&classes).enumerate() {
                let markup = cell.markup();
                // The first cell is the row's heading. If rows are stacked, the others have labels.
                let _ = match labels.get(at).filter(|_| stacks) {
                    _ if at == 0 => write!(self.out, "<th scope=\"row\"{class}>{markup}</th>"),
                    Some(label) => {
                        write!(self.out, "<td{class} data-label=\"{label}\">{markup}</td>")
                    }
                    None => write!(self.out, "<td{class}>{markup}</td>"),
                };
            }
            self.out.push_str("</tr>");
        }
        self.out.push_str("</tbody></table></div>");
        let more = table.all.saturating_sub(table.rows.len() as u64);
        if more > 0 {
            let _ = write!(self.out, "<p class=\"more\">and {} more</p>", grouped(more));
        }
        self
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

/// A table with its first rows.
#[derive(Debug)]
pub(crate) struct Table<'t> {
    caption: &'t str,
    columns: &'t [&'t str],
    rows: Vec<Vec<Cell>>,
    /// Number of rows, including those left out.
    all: u64,
}

impl<'t> Table<'t> {
    /// A table with all its rows.
    pub(crate) fn new(
        caption: &'t str,
        columns: &'t [&'t str],
        rows: impl IntoIterator<Item = Vec<Cell>>,
    ) -> Self {
        let rows: Vec<Vec<Cell>> = rows.into_iter().collect();
        Self { caption, columns, all: rows.len() as u64, rows }
    }

    /// Says how many rows there are; the table has the first of them.
    pub(crate) const fn first_of(mut self, all: u64) -> Self {
        self.all = all;
        self
    }

    /// The class of a column: numbers are aligned on the right, and neither they nor shares are
    /// broken into lines.
    fn class(&self, column: usize) -> &'static str {
        let has =
            |is: fn(&Cell) -> bool| self.rows.iter().any(|row| row.get(column).is_some_and(is));
        if has(Cell::is_number) {
            " class=\"number\""
        } else if has(|cell| matches!(cell, Cell::Share(..))) {
            " class=\"share\""
        } else {
            ""
        }
    }
}

/// Whether columns of these classes are too wide for a phone. Then each row becomes a block there.
fn stacks(classes: &[&str]) -> bool {
    // A column of numbers takes about half as much space as one of texts.
    let widths = classes.iter().map(|class| if class.is_empty() { 2 } else { 1 });
    widths.sum::<usize>() > 5
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// A text of this program, or one that is already safe.
    Text(String),
    /// A name from the snapshot.
    Name(Vec<u8>),
    /// A name from a fixed set, such as a type, shown as code.
    Code(String),
    /// A number.
    Count(u64),
    /// A number in a unit of its own, or `-` if it is unknown.
    Amount(String),
    /// A number of bytes.
    Bytes(u64),
    /// A difference in bytes.
    Growth(i64),
    /// A share of a whole, as a coloured bar and in percent.
    Share(u64, u64, usize),
    /// A state. Its class decides its colour.
    Badge(&'static str, String),
}

impl Cell {
    const fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Amount(_) | Self::Bytes(_) | Self::Growth(_))
    }

    fn markup(&self) -> String {
        match self {
            Self::Text(text) | Self::Amount(text) => escaped(text),
            Self::Name(name) if name.is_empty() => "<span class=\"soft\">(empty)</span>".to_owned(),
            Self::Name(name) => {
                let name = shown(name);
                let class = match name.chars().count() {
                    ..=14 => "name short",
                    15..=48 => "name",
                    _ => "name long",
                };
                format!("<bdi class=\"{class}\">{}</bdi>", escaped(&name))
            }
            Self::Code(text) => format!("<code>{}</code>", escaped(text)),
            Self::Count(n) => format!("<data value=\"{n}\">{}</data>", grouped(*n)),
            Self::Bytes(n) => format!("<data value=\"{n}\">{}</data>", byte_size(*n)),
            Self::Growth(n) => {
                let sign = if *n < 0 { "\u{2212}" } else { "+" };
                let size = byte_size(n.unsigned_abs());
                format!(
                    "<data value=\"{n}\">{}</data>",
                    if *n == 0 { size } else { format!("{sign}{size}") }
                )
            }
            Self::Share(part, whole, colour) => {
                format!(
                    "{} {}",
                    bar(share(*part, *whole), *colour),
                    escaped(&percent(*part, *whole))
                )
            }
            Self::Badge(class, text) => {
                format!("<span class=\"badge {class}\">{}</span>", escaped(text))
            }
        }
    }
}

/// The size of a picture that is drawn for one kind of window.
#[derive(Debug)]
pub(crate) struct PictureSize {
    class: &'static str,
    pub(crate) width: f64,
    /// Height in relation to that for wide windows.
    pub(crate) scale: f64,
}

/// The content of a page is 1072 pixels wide, or as wide as a phone without margins.
const PICTURE_SIZES: [PictureSize; 2] = [
    PictureSize { class: "figure wide", width: 1072.0, scale: 1.0 },
    PictureSize { class: "figure narrow", width: 358.0, scale: 0.8 },
];

/// A page.
#[derive(Debug)]
pub(crate) struct Page<'p> {
    pub(crate) title: String,
    /// The line below the title.
    pub(crate) about: String,
    /// Why the page is incomplete, if it is.
    pub(crate) incomplete: Option<&'p str>,
    /// Each with its ID, its heading, which the table of contents links to, and its content.
    pub(crate) sections: Vec<(&'static str, &'static str, Html)>,
}

const STYLE: &str = include_str!("page.css");

impl Page<'_> {
    /// Returns the whole file.
    pub(crate) fn finish(self) -> String {
        let style = [COMMON_STYLE, STYLE, snapscope_pictures::STYLE].concat();
        let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let title = escaped(&self.title);
        let mut html = Html::default();
        html.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        html.raw(&format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
             img-src data:; base-uri 'none'; form-action 'none'\">"
        ));
        html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        html.raw("<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">");
        html.raw("<meta name=\"robots\" content=\"noindex\"><link rel=\"icon\" href=\"data:,\">");
        html.raw(&format!("<title>{title}</title><style>{style}</style></head><body>"));
        html.raw("<a class=\"skip\" href=\"#content\">Skip to the content</a><header>");
        html.element("h1", &self.title);
        html.raw("<p class=\"about\"><bdi>").text(&self.about).raw("</bdi></p></header>");
        html.raw("<nav aria-label=\"Contents\"><ul>");
        for (id, title, _) in &self.sections {
            html.raw(&format!("<li><a href=\"#{id}\">{title}</a></li>"));
        }
        html.raw("</ul></nav><main id=\"content\">");
        if let Some(why) = self.incomplete {
            html.raw(
                "<div class=\"banner\" role=\"alert\"><strong>This report is incomplete.</strong> ",
            );
            html.text(&message(why)).raw("</div>");
        }
        for (id, title, body) in self.sections {
            html.raw(&format!(
                "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">"
            ));
            html.text(title).raw("</h2>").raw(&body.finish()).raw("</section>");
        }
        let version = env!("CARGO_PKG_VERSION");
        html.raw("</main><footer><p>");
        html.text(&format!(
            "Written by snapscope {version} on {}. Secrets are masked, and values of keys are left out.",
            crate::words::time(crate::words::now())
        ));
        html.raw("</p></footer></body></html>\n");
        html.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_escapes_what_it_shows() {
        let hostile = "<img src=x onerror=alert(1)>\u{202e}";
        for cell in [
            Cell::Text(hostile.into()),
            Cell::Name(hostile.as_bytes().to_vec()),
            Cell::Code(hostile.into()),
            Cell::Badge("info", hostile.into()),
        ] {
            let markup = cell.markup();
            assert!(!markup.contains("<img") && !markup.contains('\u{202e}'), "{markup}");
        }
        assert_eq!(Cell::Growth(-2048).markup(), "<data value=\"-2048\">\u{2212}2KB</data>");
    }

    #[test]
    fn a_page_forbids_everything_but_its_own_style() {
        let page = Page {
            title: "</title><script>".into(),
            about: "a&b".into(),
            incomplete: Some("<b>"),
            sections: Vec::new(),
        };
        let html = page.finish();
        assert!(
            html.contains("default-src 'none'")
                && !html.contains("<script")
                && !html.contains("<b>")
        );
    }
}
