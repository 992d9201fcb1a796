//! Fits a table to the terminal: decides which columns are shown, and how wide they are.
//!
//! IDs, times, numbers and names are shown in full or not at all; only a long name loses its
//! middle. Free text loses its end. Columns that still do not fit are left out, the last ones
//! first, because the most important ones come first.

use super::table::{Cell, Heads, shown};
use super::wrap::{width, without_last_items, without_middle};

/// Names up to this width are never shortened.
const LONG_NAME: usize = 40;
/// Cells of this width or more are counted together.
const WIDEST: usize = 256;
/// Number of columns that stay even if their names have to be shortened for it.
const KEPT: usize = 2;
/// Names of columns that identify the object; they are never cut.
const NAMES: [&str; 8] =
    ["id", "key", "node", "service", "accessor", "session", "source", "destination"];
/// Widths to which free text is shortened when space is short: first, and at least.
const SHORT_TEXT: [usize; 2] = [24, 16];
/// Blanks between columns.
const GAP: usize = 2;
/// Minimum width of a column of messages beside others; otherwise messages go below their row.
const LEAST_MESSAGE: usize = 40;

/// What all cells of a column have in common.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    name: String,
    /// Width of the name as it is shown.
    head: usize,
    widest: usize,
    /// Cells of each width.
    widths: Vec<usize>,
    /// Whether some cell has blanks, so that its end may be left out.
    has_blanks: bool,
    /// Whether all cells are empty or numbers, and some are numbers.
    is_number: Option<bool>,
    /// The content of all cells so far; `None` once two differ.
    equal: Option<String>,
    rows: usize,
}

impl Measured {
    pub(super) fn new(name: &str, heads: Heads) -> Self {
        let head = if crate::display::has_headers() { width(&heads.of(name)) } else { 0 };
        Self {
            name: name.to_owned(),
            head,
            widest: 0,
            widths: Vec::new(),
            has_blanks: false,
            is_number: None,
            equal: None,
            rows: 0,
        }
    }

    pub(super) fn see(&mut self, cell: &Cell) {
        let text = on_screen(cell);
        let wide = width(&text);
        self.widest = self.widest.max(wide);
        let place = wide.min(WIDEST);
        if self.widths.len() <= place {
            self.widths.resize(place + 1, 0);
        }
        if let Some(count) = self.widths.get_mut(place) {
            *count += 1;
        }
        self.has_blanks |= cell.is_text() && (text.contains(' ') || text.starts_with(['{', '[']));
        match cell {
            Cell::Text(text) if text.is_empty() => {}
            Cell::Text(_) => self.is_number = Some(false),
            Cell::Unknown => {}
            _ => self.is_number = self.is_number.or(Some(true)),
        }
        let is_first = self.rows == 0;
        if is_first || self.equal.as_deref() != Some(&text) {
            self.equal = is_first.then_some(text);
        }
        self.rows += 1;
    }

    /// The maximum width of a name: a few long ones must not push other columns out.
    fn far(&self, room: usize) -> usize {
        let narrow = (room / 2).clamp(LONG_NAME, 2 * LONG_NAME);
        let wide = narrow.max(room / 5 * 3);
        let long: usize = self.widths.iter().skip(narrow + 1).sum();
        if long * 10 <= self.rows { narrow } else { wide }
    }

    /// The line of totals has to fit, too.
    pub(super) fn see_total(&mut self, cell: &Cell) {
        self.widest = self.widest.max(width(&on_screen(cell)));
    }
}

/// A cell as a terminal shows it: times to the second.
pub(super) fn on_screen(cell: &Cell) -> String {
    let text = shown(cell);
    if cell.is_text()
        && let Some(seconds) = to_the_second(&text)
    {
        return seconds;
    }
    text
}

/// A time in RFC 3339 without its fraction; `None` if it is not a time, or has no fraction.
fn to_the_second(text: &str) -> Option<String> {
    let (seconds, rest) = text.split_at_checked(19)?;
    let fits = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let fraction = rest.strip_prefix('.')?;
    let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_zone = zone == "Z" || zone.len() == 6 && zone.starts_with(['+', '-']);
    (seconds.bytes().enumerate().all(fits) && is_zone).then(|| format!("{seconds}{zone}"))
}

/// A column that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Its place among all columns.
    pub(super) at: usize,
    pub(super) width: usize,
    pub(super) is_right: bool,
    /// Whether a long value loses its end; otherwise it loses its middle.
    pub(super) loses_end: bool,
}

impl Shown {
    /// A cell in it.
    pub(super) fn fitted(&self, text: &str) -> String {
        match self.loses_end {
            true => without_last_items(text, self.width).into_owned(),
            false => without_middle(text, self.width).into_owned(),
        }
    }
}

/// Where messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Messages {
    /// The table has none.
    None,
    /// In a last column of this width.
    Beside(usize),
    /// On lines of their own below each row.
    Below,
}

/// How a table is laid out.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) columns: Vec<Shown>,
    pub(super) messages: Messages,
    /// Positions of columns that do not fit and are shown before the message below a row.
    pub(super) below: Vec<usize>,
    /// Columns left out because all their values are equal, with the value.
    pub(super) equal: Vec<(String, String)>,
    /// Columns left out because they do not fit.
    pub(super) no_room: Vec<String>,
}

/// What may be left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Freedom {
    /// Whether columns of text with equal values are left out.
    pub(super) equal_texts: bool,
    /// Whether those of numbers are, too.
    pub(super) equal_numbers: bool,
    /// The column of messages, which wrap.
    pub(super) message: Option<usize>,
}

/// Fits columns into a terminal of `room` columns.
pub(super) fn layout(measured: &[Measured], room: usize, freedom: Freedom) -> Layout {
    let mut equal = Vec::new();
    let mut columns: Vec<Shown> = Vec::new();
    for (at, column) in measured.iter().enumerate() {
        if freedom.message == Some(at) {
            continue;
        }
        let is_number = column.is_number == Some(true);
        let may_go = if is_number { freedom.equal_numbers } else { freedom.equal_texts };
        if at > 0
            && may_go
            && column.rows > 1
            && let Some(value) = &column.equal
        {
            equal.push((column.name.clone(), value.clone()));
            continue;
        }
        let width = column.widest.max(column.head);
        let is_name = at == 0 || NAMES.contains(&column.name.as_str());
        let loses_end = column.has_blanks && !is_name;
        columns.push(Shown { at, width, is_right: is_number, loses_end });
    }
    let message = freedom.message.and_then(|at| measured.get(at));
    let mut layout =
        Layout { columns, messages: Messages::None, below: Vec::new(), equal, no_room: Vec::new() };
    match message {
        None => layout.fit(measured, room),
        Some(message) => {
            let beside = room.saturating_sub(LEAST_MESSAGE.min(message.widest) + GAP);
            let widest = layout.total();
            if widest <= beside {
                layout.messages = Messages::Beside(room - widest - GAP);
            } else {
                layout.messages = Messages::Below;
                layout.fit(measured, room);
                let no_room = std::mem::take(&mut layout.no_room);
                let place = |name: &String| measured.iter().position(|c| c.name == *name);
                layout.below = no_room.iter().filter_map(place).collect();
            }
        }
    }
    layout
}

impl Layout {
    fn total(&self) -> usize {
        let widths: usize = self.columns.iter().map(|column| column.width).sum();
        widths + GAP * self.columns.len().saturating_sub(1)
    }

    /// Makes the table fit the terminal.
    fn fit(&mut self, measured: &[Measured], room: usize) {
        // By the position among all columns.
        let mut natural = vec![0; measured.len()];
        for column in &self.columns {
            if let Some(natural) = natural.get_mut(column.at) {
                *natural = column.width;
            }
        }
        let natural_of = |column: &Shown| natural.get(column.at).copied().unwrap_or(0);
        // One long name must not push the rest away.
        let far: Vec<usize> = measured.iter().map(|column| column.far(room)).collect();
        let far = |column: &Shown| far.get(column.at).copied().unwrap_or(LONG_NAME);
        let count = self.columns.len();
        for column in self.columns.iter_mut().filter(|_| count > 1) {
            column.width = column.width.min(far(column));
        }
        for least in SHORT_TEXT {
            self.shrink(room, |column| column.loses_end.then_some(least), measured);
        }
        let mut dropped = Vec::new();
        for least in [KEPT, 1] {
            while self.total() > room && self.columns.len() > least {
                dropped.extend(self.columns.pop());
            }
            self.shrink(room, |column| (!column.loses_end).then_some(LONG_NAME), measured);
        }
        if let [only] = self.columns.as_mut_slice() {
            only.width = only.width.min(room);
        }
        // The columns that were left out made room for those that were shortened.
        let mut left = room.saturating_sub(self.total());
        share(&mut left, &mut self.columns, |column| {
            let most = if count > 1 { far(column).max(column.width) } else { room };
            natural_of(column).min(most)
        });
        // The remaining space goes to texts; long names stay short.
        share(&mut left, &mut self.columns, |column| {
            if column.loses_end { natural_of(column) } else { column.width }
        });
        // A narrow column may fit where a wider one before it did not.
        for column in dropped.into_iter().rev() {
            let is_whole = natural.get(column.at).is_some_and(|natural| *natural <= column.width);
            if is_whole && self.total() + GAP + column.width <= room {
                self.columns.push(column);
            } else if let Some(column) = measured.get(column.at) {
                self.no_room.push(column.name.clone());
            }
        }
    }

    /// Narrows columns, the last ones first, down to what `least` allows, until all fit.
    fn shrink(
        &mut self,
        room: usize,
        least: impl Fn(&Shown) -> Option<usize>,
        measured: &[Measured],
    ) {
        for at in (0..self.columns.len()).rev() {
            let over = self.total().saturating_sub(room);
            let Some(column) = self.columns.get_mut(at) else { continue };
            let Some(least) = least(column) else { continue };
            let least = least.max(measured.get(column.at).map_or(0, |column| column.head));
            column.width = column.width.saturating_sub(over).max(least.min(column.width));
        }
    }
}

/// Widens columns, the narrowest ones first, up to what each needs.
fn share(left: &mut usize, columns: &mut [Shown], needs: impl Fn(&Shown) -> usize) {
    while *left > 0 {
        let short = columns.iter_mut().filter(|column| needs(column) > column.width);
        let Some(column) = short.min_by_key(|column| column.width) else { return };
        column.width += 1;
        *left -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FREE: Freedom = Freedom { equal_texts: true, equal_numbers: true, message: None };

    fn measured(columns: &[(&str, &[&str])]) -> Vec<Measured> {
        let measured = |(name, cells): &(&str, &[&str])| {
            let mut measured = Measured::new(name, Heads::Words);
            cells.iter().for_each(|cell| measured.see(&Cell::Text(cell.as_bytes().to_vec())));
            measured
        };
        columns.iter().map(measured).collect()
    }

    fn names(layout: &Layout, columns: &[(&str, &[&str])]) -> Vec<(String, usize)> {
        let name = |shown: &Shown| (columns[shown.at].0.to_owned(), shown.width);
        layout.columns.iter().map(name).collect()
    }

    #[test]
    fn text_loses_its_end_then_the_last_columns_go() {
        let id = "1470be8f-7c71-e2ce-8759-114d9874ba0e";
        let text = "a description that goes on and on and on";
        let columns: [(&str, &[&str]); 4] = [
            ("id", &[id, id]),
            ("description", &[text, "other"]),
            ("created", &["2026-11-23T03:08:14.009Z", "2026-11-24T03:08:14.009Z"]),
            ("local", &["false", "false"]),
        ];
        let all = measured(&columns);
        let wide = layout(&all, 200, FREE);
        assert_eq!(
            names(&wide, &columns),
            [("id", 36), ("description", 40), ("created", 20)].map(|(n, w)| (n.to_owned(), w))
        );
        assert_eq!(wide.equal, [("local".to_owned(), "false".to_owned())]);
        let narrow = layout(&all, 80, FREE);
        assert_eq!(
            names(&narrow, &columns),
            [("id", 36), ("description", 20), ("created", 20)].map(|(n, w)| (n.to_owned(), w))
        );
        let narrower = layout(&all, 60, FREE);
        assert_eq!(narrower.no_room, ["created"]);
        assert_eq!(narrower.total(), 60);
        let least = layout(&all, 30, FREE);
        assert_eq!((least.total(), least.no_room.len()), (30, 2));
    }

    #[test]
    fn one_long_name_loses_its_middle() {
        let long = "k".repeat(300);
        let columns: [(&str, &[&str]); 2] = [("key", &[&long, "a"]), ("flags", &["1", "2"])];
        let layout = layout(&measured(&columns), 100, FREE);
        assert_eq!(layout.columns[0].width, 60);
        let shown = layout.columns[0].fitted(&long);
        assert!(shown.starts_with('k') && shown.ends_with('k') && shown.contains("..."));
    }

    /// If only a few names are long, they are shortened more than if many were.
    #[test]
    fn a_few_long_names_do_not_push_numbers_away() {
        let long = "k".repeat(150);
        let keys: Vec<&str> =
            (0..20).map(|at| if at == 7 { long.as_str() } else { "app" }).collect();
        let counts: Vec<&str> = (0..20).map(|at| if at == 7 { "1" } else { "2" }).collect();
        let columns: [(&str, &[&str]); 2] = [("key", &keys), ("count", &counts)];
        assert_eq!(layout(&measured(&columns), 200, FREE).columns[0].width, 80);
        assert_eq!(layout(&measured(&columns), 80, FREE).columns[0].width, 40);
        let all = [long.as_str(); 20];
        let columns: [(&str, &[&str]); 2] = [("key", &all), ("count", &counts)];
        assert_eq!(layout(&measured(&columns), 200, FREE).columns[0].width, 120);
    }

    /// Keys that differ only in their middle must not look the same, so the last column is left out
    /// instead.
    #[test]
    fn a_name_is_whole_rather_than_a_last_column_shown() {
        let key = "app/accounts/admin/000010/database/password";
        let flags = "9878183379816420090";
        let columns: [(&str, &[&str]); 4] = [
            ("key", &[key, "a"]),
            ("size", &["1253", "1"]),
            ("flags", &[flags, "1"]),
            ("modified", &["123456789", "1"]),
        ];
        let layout = layout(&measured(&columns), 80, FREE);
        assert_eq!(layout.columns[0].width, key.len());
        assert_eq!(layout.no_room, ["modified"]);
    }

    #[test]
    fn messages_go_beside_or_below() {
        let text = "word ".repeat(30);
        let columns: [(&str, &[&str]); 2] =
            [("id", &["abc", "abd"]), ("finding", &[&text, "other"])];
        let freedom = Freedom { message: Some(1), ..FREE };
        assert_eq!(layout(&measured(&columns), 80, freedom).messages, Messages::Beside(75));
        assert_eq!(layout(&measured(&columns), 40, freedom).messages, Messages::Below);
    }

    /// Columns that do not fit beside the others are not lost: they go below, with the message.
    #[test]
    fn what_has_no_room_goes_before_the_message() {
        let text = "word ".repeat(30);
        let columns: [(&str, &[&str]); 3] = [
            ("rule", &["a rule that is long enough", "b"]),
            ("id", &["1470be8f-7c71-e2ce-8759-114d9874ba0e", "x"]),
            ("finding", &[&text, "other"]),
        ];
        let freedom = Freedom { message: Some(2), ..FREE };
        let layout = layout(&measured(&columns), 50, freedom);
        assert_eq!((layout.messages, layout.below), (Messages::Below, vec![1]));
        assert!(layout.no_room.is_empty());
    }

    #[test]
    fn texts_share_the_room() {
        let (id, text) = ("1470be8f-7c71-e2ce-8759-114d9874ba0e", "free text ".repeat(9));
        let columns: [(&str, &[&str]); 4] =
            [("id", &[id, id]), ("a", &[&text, ""]), ("b", &[&text, ""]), ("c", &[&text, ""])];
        let layout = layout(&measured(&columns), 80, FREE);
        assert_eq!(
            names(&layout, &columns),
            [("id", 36), ("a", 20), ("b", 20)].map(|(n, w)| (n.to_owned(), w))
        );
        assert_eq!(layout.no_room, ["c"]);
    }

    #[test]
    fn times_are_shown_to_the_second() {
        for (text, shown) in [
            ("2026-11-23T03:08:14.009628542Z", "2026-11-23T03:08:14Z"),
            ("2026-11-23T03:08:14.5+01:00", "2026-11-23T03:08:14+01:00"),
            ("2026-11-23T03:08:14Z", "2026-11-23T03:08:14Z"),
            ("2026-11-23T03:08:14.5 or so", "2026-11-23T03:08:14.5 or so"),
        ] {
            assert_eq!(on_screen(&Cell::Text(text.into())), shown);
        }
    }
}
