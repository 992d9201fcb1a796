//! Draws the screen: title, view, status, keys. Everything can be distinguished without colours.

use super::columns::{layout, sign};
use super::help::HELP;
use super::state::{Body, Browser, FRAME, View};
use super::table::{Heading, Line, Target};
use crate::render::style;
use crate::render::wrap::{width, without_end, without_middle};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};
use std::borrow::Cow;

/// What is drawn: the state, and facts outside of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) browser: &'a Browser,
    pub(super) is_coloured: bool,
    /// The progress of reading in percent, if the size is known.
    pub(super) progress: Option<u64>,
}

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const REVERSED: Style = Style::new().add_modifier(Modifier::REVERSED);

/// The lines of a screen.
struct Canvas<'b> {
    buffer: &'b mut Buffer,
    width: usize,
}

impl Canvas<'_> {
    /// Writes from a column on; returns the next column.
    fn put(&mut self, row: usize, column: usize, text: &str, style: Style) -> usize {
        let left = self.width.saturating_sub(column);
        let (Ok(x), Ok(y)) = (u16::try_from(column), u16::try_from(row)) else { return column };
        if left == 0 || y >= self.buffer.area.height {
            return column;
        }
        self.buffer.set_stringn(x, y, text, left, style);
        column + width(text).min(left)
    }

    /// A line in one style, up to the edge.
    fn bar(&mut self, row: usize, text: &str, style: Style) {
        let text = without_end(text, self.width);
        let rest = " ".repeat(self.width.saturating_sub(width(&text)));
        let end = self.put(row, 0, &text, style);
        self.put(row, end, &rest, style);
    }
}

/// Draws a screen.
pub(super) fn draw(shown: &Shown<'_>, buffer: &mut Buffer) {
    let (columns, lines) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    let mut canvas = Canvas { buffer, width: columns };
    if columns < 20 || lines <= FRAME {
        canvas.put(0, 0, "too small", PLAIN);
        return;
    }
    let browser = shown.browser;
    canvas.bar(0, &title(browser, columns), REVERSED);
    match (browser.help, browser.views.last()) {
        (Some(top), _) => help(top, browser.height(), &mut canvas),
        (None, Some(view)) => body(view, browser.height(), shown.is_coloured, &mut canvas),
        (None, None) => {}
    }
    status(shown, lines - 2, &mut canvas);
    canvas.put(lines - 1, 0, &without_end(&keys(browser, columns), columns), PLAIN);
}

/// The snapshot's name, and the way to the view.
fn title(browser: &Browser, columns: usize) -> String {
    let mut title = format!(" {}", browser.name);
    for view in &browser.views {
        title.push_str(" > ");
        title.push_str(view.title());
    }
    without_middle(&title, columns).into_owned()
}

fn help(top: usize, height: usize, canvas: &mut Canvas<'_>) {
    let top = top.min(HELP.len().saturating_sub(height + 1));
    for (n, line) in HELP.iter().skip(top).take(height + 1).enumerate() {
        let style = if line.ends_with(':') { BOLD } else { PLAIN };
        canvas.put(n + 1, 1, line, style);
    }
}

fn body(view: &View, height: usize, is_coloured: bool, canvas: &mut Canvas<'_>) {
    let cursor = view.cursor;
    match &view.body {
        Body::Page { wrapped, .. } => {
            for (n, line) in wrapped.iter().skip(cursor.top).take(height).enumerate() {
                canvas.put(n + 2, 0, line, PLAIN);
            }
        }
        Body::Table(table) => {
            let last = table.rows.len().min(cursor.top + height);
            let lines: Vec<Line> = (cursor.top..last)
                .map(|n| table.rows.line(n).unwrap_or_else(|e| Line::broken(&e)))
                .collect();
            let widths = layout(&table.columns, &lines, canvas.width);
            headings(&table.columns, &widths, &lines, canvas);
            for (n, line) in lines.iter().enumerate() {
                let is_chosen = cursor.top + n == cursor.at;
                row(line, &table.columns, &widths, n + 2, is_chosen, is_coloured, canvas);
            }
            if lines.is_empty() {
                canvas.put(2, 0, "nothing here", PLAIN);
            }
        }
    }
}

/// The names of the columns, and the number of those that do not fit.
fn headings(
    columns: &[Heading],
    widths: &[Option<usize>],
    lines: &[Line],
    canvas: &mut Canvas<'_>,
) {
    let mut at = 0;
    for (n, (column, width)) in columns.iter().zip(widths).enumerate() {
        let Some(width) = width else { continue };
        let mut cells = lines.iter().filter_map(|line| line.cells.get(n));
        let is_number = cells.any(|cell| cell.is_number);
        canvas.put(1, at, &fitted(&column.name, *width, is_number, false), BOLD);
        at += width + 2;
    }
    if let Some(sign) = sign(widths.iter().filter(|width| width.is_none()).count()) {
        canvas.put(1, canvas.width.saturating_sub(sign.len()), &sign, PLAIN);
    }
}

fn row(
    line: &Line,
    columns: &[Heading],
    widths: &[Option<usize>],
    at: usize,
    is_chosen: bool,
    is_coloured: bool,
    canvas: &mut Canvas<'_>,
) {
    if is_chosen {
        canvas.bar(at, "", REVERSED);
    }
    let base = if is_chosen { REVERSED } else { PLAIN };
    if let Some(cell) = line.cells.first().filter(|_| line.is_sentence) {
        let most = canvas.width;
        canvas.put(at, 0, &without_end(&cell.text, most), base);
        return;
    }
    let mut column = 0;
    for (n, (cell, width)) in line.cells.iter().zip(widths).enumerate() {
        let Some(width) = width else { continue };
        let name = columns.get(n).map_or("", |column| column.name.as_str());
        let colour =
            style::of(name, &cell.text).and_then(colour).filter(|_| is_coloured && !is_chosen);
        let style = colour.map_or(base, |colour| base.fg(colour));
        canvas.put(at, column, &fitted(&cell.text, *width, cell.is_number, n == 0), style);
        column += width + 2;
    }
}

const fn colour(style: style::Style) -> Option<Color> {
    Some(match style {
        style::Style::Red => Color::Red,
        style::Style::Yellow => Color::Yellow,
        style::Style::Green => Color::Green,
        style::Style::Cyan => Color::Cyan,
        style::Style::Dim | style::Style::Bold => return None,
    })
}

/// Text of this width; numbers are aligned to the right.
fn fitted(text: &str, most: usize, is_number: bool, is_name: bool) -> Cow<'_, str> {
    if is_number {
        return format!("{}{text}", " ".repeat(most.saturating_sub(width(text)))).into();
    }
    // Names often differ only at their ends.
    if is_name { without_middle(text, most) } else { without_end(text, most) }
}

/// The status line: problems of the snapshot, the last message, the pending request; or the line of
/// input.
fn status(shown: &Shown<'_>, row: usize, canvas: &mut Canvas<'_>) {
    let browser = shown.browser;
    if let Some(prompt) = &browser.prompt {
        let column = canvas.put(row, 0, prompt.purpose.label(), BOLD);
        let room = canvas.width.saturating_sub(column + 1);
        let column = canvas.put(row, column, &end_of(&prompt.text, room), PLAIN);
        let column = canvas.put(row, column, " ", REVERSED);
        if prompt.text.is_empty() {
            canvas.put(row, column + 1, &prompt.purpose.hint(), PLAIN);
        }
        return;
    }
    let place =
        browser.views.last().filter(|_| browser.help.is_none()).map(place).unwrap_or_default();
    let mut column = 0;
    if let Some(banner) = &browser.banner {
        // The last message has space beside it.
        let most = if browser.message.is_some() {
            canvas.width / 2
        } else {
            canvas.width - width(&place) - 1
        };
        column =
            canvas.put(row, 0, &without_end(banner, most), REVERSED.add_modifier(Modifier::BOLD))
                + 1;
    }
    let reading = match shown.progress {
        Some(hundredths) if browser.views.is_empty() => format!("reading: {hundredths} %"),
        _ => "reading; Esc gives up".to_owned(),
    };
    let said = match (&browser.message, browser.is_waiting()) {
        (Some(message), _) => message.as_str(),
        (None, true) => reading.as_str(),
        (None, false) => browser.views.last().and_then(note).unwrap_or_default(),
    };
    let room = canvas.width.saturating_sub(column + width(&place) + 1);
    canvas.put(row, column, &without_end(said, room), PLAIN);
    let right = canvas.width.saturating_sub(width(&place));
    canvas.put(row, right, &place, PLAIN);
}

fn note(view: &View) -> Option<&str> {
    match &view.body {
        Body::Table(table) => table.note.as_deref(),
        Body::Page { reading: Some(reading), .. } if !reading.shown => {
            Some("secrets and values are masked")
        }
        Body::Page { reading: Some(_), .. } => Some("secrets and values are shown"),
        Body::Page { .. } => None,
    }
}

/// The selected line, and the number of lines.
fn place(view: &View) -> String {
    match view.count() {
        0 => String::new(),
        count => format!("{}/{count}", view.cursor.at + 1),
    }
}

/// As much of the end as fits.
fn end_of(text: &str, most: usize) -> String {
    let mut taken = 0;
    let chars = text.chars().rev().take_while(|c| {
        taken += unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
        taken <= most
    });
    let chars: Vec<char> = chars.collect();
    chars.into_iter().rev().collect()
}

/// What the keys do that have an effect.
fn keys(browser: &Browser, most: usize) -> String {
    if browser.prompt.is_some() {
        // An error about the input line is shown until the user types again.
        let keys = || "Enter go  Esc leave  Ctrl-U clear".to_owned();
        return browser.message.clone().unwrap_or_else(keys);
    }
    if browser.help.is_some() {
        return "Up Down scroll  any other key leaves the help".to_owned();
    }
    // The keys, each with a shorter text for it.
    let mut keys = vec![("q quit", "q quit"), ("? help", "? help")];
    if let Some(view) = browser.views.last() {
        keys.extend(keys_of(view));
        if browser.views.len() > 1 {
            keys.push(("Esc back", "Esc back"));
        }
        keys.extend(keys_of_list(view));
        keys.extend([("/ search", "/ find"), ("w who can", "w who"), ("a audit", "a audit")]);
    }
    fitting(&keys, most)
}

/// The keys for the selected line or the page.
fn keys_of(view: &View) -> Vec<(&'static str, &'static str)> {
    match (&view.body, view.reading()) {
        (Body::Table(_), _) => match view.line() {
            Some(line) if line.is_sentence => vec![("Enter read all", "Enter read")],
            Some(line) if !matches!(line.target, Target::Nothing(_)) => {
                vec![("Enter open", "Enter open")]
            }
            _ => Vec::new(),
        },
        (Body::Page { .. }, Some(reading)) => {
            let next = reading.look.next().key();
            vec![
                if reading.shown { ("v hide", "v hide") } else { ("v show", "v show") },
                (next, next),
            ]
        }
        (Body::Page { .. }, None) => Vec::new(),
    }
}

/// The keys for lists of objects and folders of keys.
fn keys_of_list(view: &View) -> Vec<(&'static str, &'static str)> {
    let mut keys = Vec::new();
    if let Some(objects) = view.objects() {
        keys.push(("f filter", "f filter"));
        if view.imported() > 0 && objects.with_imported {
            keys.push(("p without peers", "p local"));
        } else if view.imported() > 0 {
            keys.push(("p with peers", "p peers"));
        }
    }
    if view.folder().is_some() {
        keys.push(if view.is_by_size { ("s by name", "s name") } else { ("s by size", "s size") });
    }
    keys
}

/// All keys, in short if that is needed; those that do not fit even then are in the help.
fn fitting(keys: &[(&'static str, &'static str)], most: usize) -> String {
    const GAP: &str = "  ";
    let long: Vec<&str> = keys.iter().map(|(long, _)| *long).collect();
    let line = long.join(GAP);
    if width(&line) <= most {
        return line;
    }
    let mut line = String::new();
    for (_, short) in keys {
        let gap = if line.is_empty() { "" } else { GAP };
        if width(&line) + gap.len() + width(short) > most {
            break;
        }
        line.push_str(gap);
        line.push_str(short);
    }
    line
}
