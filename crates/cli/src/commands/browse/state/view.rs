//! A view: a table with a selected line, or a text.

use super::super::keys::Below;
use super::super::object::Look;
use super::super::table::{Line, Objects, Page, Place, Table};
use super::super::worker::Ask;
use super::cursor::Cursor;
use super::prompt::Prompt;
use snapscope_objects::kind::ObjectKind;
use unicode_width::UnicodeWidthChar as _;

/// What a view needs in addition to its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) reading: Option<Reading>,
    pub(super) question: Option<String>,
    /// The input line that was typed for it.
    pub(super) typed: Option<Prompt>,
    /// Whether it replaces the current view.
    pub(super) replaces: bool,
    pub(super) is_by_size: bool,
}

/// The object that a page shows, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Reading {
    pub(in super::super) kind: &'static ObjectKind,
    pub(in super::super) place: Place,
    pub(in super::super) look: Look,
    /// Whether secrets and values are shown.
    pub(in super::super) shown: bool,
}

impl Reading {
    pub(super) fn ask(&self) -> Ask {
        let Self { kind, place, look, shown } = self.clone();
        Ask::Object { kind, place, look, shown }
    }
}

/// What is in a view.
#[derive(Debug)]
pub(in super::super) enum Body {
    Table(Table),
    Page {
        page: Page,
        reading: Option<Reading>,
        /// The lines, wrapped to the width of the screen.
        wrapped: Vec<String>,
    },
}

/// A view.
#[derive(Debug)]
pub(in super::super) struct View {
    pub(in super::super) body: Body,
    pub(in super::super) cursor: Cursor,
    /// Whether a folder of keys is sorted by size.
    pub(in super::super) is_by_size: bool,
}

impl View {
    pub(super) fn table(table: Table, kept: &Kept) -> Self {
        let cursor = Cursor::default();
        Self { body: Body::Table(table), cursor, is_by_size: kept.is_by_size }
    }

    pub(super) fn page(page: Page, reading: Option<Reading>, width: usize) -> Self {
        let wrapped = wrapped(&page.lines, width);
        let body = Body::Page { page, reading, wrapped };
        Self { body, cursor: Cursor::default(), is_by_size: false }
    }

    pub(in super::super) fn title(&self) -> &str {
        match &self.body {
            Body::Table(table) => &table.title,
            Body::Page { page, .. } => &page.title,
        }
    }

    /// The number of lines.
    pub(in super::super) fn count(&self) -> usize {
        match &self.body {
            Body::Table(table) => table.rows.len(),
            Body::Page { wrapped, .. } => wrapped.len(),
        }
    }

    /// The selected line of a table.
    pub(in super::super) fn line(&self) -> Option<Line> {
        match &self.body {
            Body::Table(table) if self.cursor.at < table.rows.len() => {
                table.rows.line(self.cursor.at).ok()
            }
            _ => None,
        }
    }

    /// The default question about who can access the selected object.
    pub(super) fn question(&self) -> Option<String> {
        match &self.body {
            Body::Table(_) => self.line()?.question,
            Body::Page { page, .. } => page.question.clone(),
        }
    }

    pub(super) fn set_question(&mut self, question: Option<String>) {
        if let Body::Page { page, .. } = &mut self.body {
            page.question = question;
        }
    }

    /// The objects that a filter selects from.
    pub(in super::super) fn objects(&self) -> Option<&Objects> {
        match &self.body {
            Body::Table(table) => table.objects.as_ref(),
            Body::Page { .. } => None,
        }
    }

    /// How many of its objects, shown or not, are imported from peers.
    pub(in super::super) fn imported(&self) -> u64 {
        match &self.body {
            Body::Table(table) => table.imported,
            Body::Page { .. } => 0,
        }
    }

    /// The folder of keys that it shows.
    pub(in super::super) fn folder(&self) -> Option<Below> {
        let objects = self.objects().filter(|objects| objects.filter.is_none())?;
        objects.below.clone()
    }

    pub(in super::super) fn reading(&self) -> Option<&Reading> {
        match &self.body {
            Body::Page { reading, .. } => reading.as_ref(),
            Body::Table(_) => None,
        }
    }

    pub(super) fn set_reading(&mut self, new: Reading) {
        if let Body::Page { reading, .. } = &mut self.body {
            *reading = Some(new);
        }
    }

    /// Shows another page about the same object.
    pub(super) fn replace_page(&mut self, new: Page, width: usize, height: usize) {
        if let Body::Page { page, wrapped: lines, .. } = &mut self.body {
            *lines = wrapped(&new.lines, width);
            *page = Page { question: page.question.take(), ..new };
            self.cursor = Cursor::default();
        }
        self.fit_height(height);
    }

    /// Adapts to the size of the screen.
    pub(super) fn fit(&mut self, width: usize, height: usize) {
        if let Body::Page { page, wrapped: lines, .. } = &mut self.body {
            *lines = wrapped(&page.lines, width);
        }
        self.fit_height(height);
    }

    fn fit_height(&mut self, height: usize) {
        match &self.body {
            Body::Table(_) => self.cursor.fit(self.count(), height),
            Body::Page { .. } => self.cursor.scroll_by(0, self.count(), height),
        }
    }

    pub(super) fn move_by(&mut self, by: isize, height: usize) {
        let count = self.count();
        match &self.body {
            Body::Table(_) => self.cursor.move_by(by, count, height),
            Body::Page { .. } => self.cursor.scroll_by(by, count, height),
        }
    }

    pub(super) fn go_to(&mut self, at: usize, height: usize) {
        self.cursor.go_to(at, self.count(), height);
    }

    /// Scrolls to the next line that has a text; returns whether there is one.
    pub(super) fn search_page(&mut self, text: &str, backwards: bool, height: usize) -> bool {
        let Body::Page { wrapped, .. } = &self.body else { return false };
        let (text, count, from) = (text.to_lowercase(), wrapped.len(), self.cursor.at);
        let at = |step: usize| if backwards { from + count - step } else { from + step } % count;
        let has = |at: &usize| wrapped.get(*at).is_some_and(|l| l.to_lowercase().contains(&text));
        let Some(found) = (1..=count).map(at).find(has) else { return false };
        // The last screen may start before it; a search continues from the line all the same.
        self.cursor.top = found.min(count.saturating_sub(height.max(1)));
        self.cursor.at = found;
        true
    }
}

/// Wraps lines to a width: after a blank, or inside a word that is wider.
fn wrapped(lines: &[String], width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        let mut rest = line.as_str();
        loop {
            let (start, more) = rest.split_at(cut(rest, width));
            all.push(start.to_owned());
            if more.is_empty() {
                break;
            }
            rest = more;
        }
    }
    all
}

/// The number of bytes of a text that are on its first line.
fn cut(text: &str, width: usize) -> usize {
    let (mut taken, mut blank) = (0, None);
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > width {
            return blank.unwrap_or(at);
        }
        // The blanks of an indentation are not between words.
        if c == ' ' && text.get(..at).is_some_and(|before| !before.trim_start().is_empty()) {
            blank = Some(at + 1);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr as _;

    proptest! {
        #[test]
        fn broken_lines_fit_and_nothing_is_lost(
            lines in prop::collection::vec("[a你é ]{0,40}", 0..8), width in 2usize..20,
        ) {
            let broken = wrapped(&lines, width);
            prop_assert_eq!(broken.concat(), lines.concat());
            prop_assert!(broken.len() >= lines.len());
            prop_assert!(broken.iter().all(|line| line.width() <= width));
        }
    }

    #[test]
    fn words_stay_whole_if_they_fit() {
        let lines = ["  one two three".to_owned(), "123456789012".to_owned(), String::new()];
        assert_eq!(wrapped(&lines, 10), ["  one two ", "three", "1234567890", "12", ""]);
        assert_eq!(wrapped(&lines, 9), ["  one ", "two three", "123456789", "012", ""]);
    }
}
