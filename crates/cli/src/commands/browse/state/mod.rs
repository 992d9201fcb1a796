//! What is on the screen, and what keys do to it. It knows neither terminal nor files.

mod cursor;
mod prompt;
mod view;

pub(super) use prompt::{Prompt, Purpose};
pub(super) use view::{Body, Reading, View};

use super::table::{Objects, Target};
use super::worker::{Ask, Told};
use crate::render::escape::one_line;
use view::Kept;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    Enter,
    Escape,
    Left,
    Right,
    Tab,
    Backspace,
    /// Deletes the line of input.
    Clear,
    /// Ctrl-C.
    Interrupt,
    Char(char),
}

/// A pending request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Waiting {
    /// A new view.
    View(Kept),
    /// Another presentation of the current object.
    Again,
    /// A line of the view.
    Line,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Browser {
    /// The snapshot's name, printable.
    pub(super) name: String,
    /// The views from the contents to the current one.
    pub(super) views: Vec<View>,
    pub(super) prompt: Option<Prompt>,
    /// The first visible line of the help.
    pub(super) help: Option<usize>,
    /// The message about the last key.
    pub(super) message: Option<String>,
    /// Problems of the snapshot.
    pub(super) banner: Option<String>,
    waiting: Option<(u64, Waiting)>,
    asked: u64,
    last_search: String,
    width: usize,
    height: usize,
    pub(super) is_over: bool,
}

/// Lines of the screen outside of the view: title, names of columns, status, keys.
pub(super) const FRAME: usize = 4;

impl Browser {
    /// Nothing is read yet.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: one_line(name.as_bytes()),
            views: Vec::new(),
            prompt: None,
            help: None,
            message: None,
            banner: None,
            waiting: None,
            asked: 0,
            last_search: String::new(),
            width: 80,
            height: 20,
            is_over: false,
        }
    }

    /// Adapts to the size of the screen.
    pub(super) fn resize(&mut self, width: usize, height: usize) {
        self.width = width;
        self.height = height.saturating_sub(FRAME).max(1);
        for view in &mut self.views {
            view.fit(self.width, self.height);
        }
    }

    /// Lines for a view.
    pub(super) const fn height(&self) -> usize {
        self.height
    }

    /// The number of the pending question.
    pub(super) const fn current(&self) -> u64 {
        self.asked
    }

    /// Whether an answer is pending.
    pub(super) const fn is_waiting(&self) -> bool {
        self.waiting.is_some() || self.views.is_empty()
    }

    /// Whether a key is handled even while an answer is pending.
    pub(super) const fn is_urgent(&self, key: Key) -> bool {
        match key {
            Key::Interrupt | Key::Escape => true,
            Key::Char('q') => self.prompt.is_none() && self.help.is_none(),
            _ => false,
        }
    }

    /// Handles a key; returns what has to be read for it.
    pub(super) fn key(&mut self, key: Key) -> Option<(u64, Ask)> {
        self.message = None;
        if key == Key::Interrupt {
            self.is_over = true;
            return None;
        }
        if self.help.is_some() {
            self.key_of_help(key);
            return None;
        }
        if let Some(prompt) = self.prompt.take() {
            return self.key_of_prompt(prompt, key);
        }
        match key {
            Key::Char('q') => self.is_over = true,
            Key::Char('?') => self.help = Some(0),
            Key::Escape | Key::Left | Key::Backspace | Key::Char('h') => self.back(),
            Key::Char('a') => return self.ask(Waiting::View(Kept::default()), Ask::Audit),
            Key::Char('w') => {
                let text = self.views.last().and_then(View::question).unwrap_or_default();
                self.prompt = Some(Prompt::new(Purpose::WhoCan, text));
            }
            Key::Char('/') => self.prompt = Some(Prompt::new(Purpose::Search, String::new())),
            Key::Char('f') => self.begin_filter(),
            Key::Char('n') => return self.search(false),
            Key::Char('N') => return self.search(true),
            key => return self.key_of_view(key),
        }
        None
    }

    fn key_of_help(&mut self, key: Key) {
        let top = self.help.unwrap_or(0);
        self.help = match key {
            Key::Down | Key::PageDown | Key::Char('j' | ' ') => Some(top + 1),
            Key::Up | Key::PageUp | Key::Char('k') => Some(top.saturating_sub(1)),
            _ => None,
        };
    }

    fn key_of_prompt(&mut self, mut prompt: Prompt, key: Key) -> Option<(u64, Ask)> {
        match key {
            Key::Escape => return None,
            Key::Enter => return self.typed(prompt),
            Key::Backspace if prompt.text.is_empty() => return None,
            Key::Backspace => {
                prompt.text.pop();
            }
            Key::Clear => prompt.text.clear(),
            Key::Char(c) => prompt.push(c),
            _ => {}
        }
        self.prompt = Some(prompt);
        None
    }

    fn key_of_view(&mut self, key: Key) -> Option<(u64, Ask)> {
        let height = self.height;
        let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
        let view = self.views.last_mut()?;
        match key {
            Key::Up | Key::Char('k') => view.move_by(-1, height),
            Key::Down | Key::Char('j') => view.move_by(1, height),
            Key::PageUp => view.move_by(-page, height),
            Key::PageDown | Key::Char(' ') => view.move_by(page, height),
            Key::Home | Key::Char('g') => view.move_by(isize::MIN, height),
            Key::End | Key::Char('G') => view.move_by(isize::MAX, height),
            Key::Enter | Key::Right | Key::Char('l') => return self.open(),
            Key::Tab => return self.look_again(true, false),
            Key::Char('v') => return self.look_again(false, true),
            Key::Char('s') => return self.sort(),
            Key::Char('p') => return self.toggle_imported(),
            _ => {}
        }
        None
    }

    /// Cancels the pending request, or leaves the view.
    fn back(&mut self) {
        if self.waiting.take().is_some() {
            // The reader notices that nobody waits.
            self.asked += 1;
            self.message = Some("given up".to_owned());
        } else if self.views.len() > 1 {
            self.views.pop();
        }
    }

    fn ask(&mut self, waiting: Waiting, ask: Ask) -> Option<(u64, Ask)> {
        // Nothing can be read before the snapshot is loaded.
        if self.views.is_empty() {
            return None;
        }
        self.asked += 1;
        self.waiting = Some((self.asked, waiting));
        Some((self.asked, ask))
    }

    /// Opens the chosen line.
    fn open(&mut self) -> Option<(u64, Ask)> {
        let (line, width) = (self.views.last()?.line()?, self.width);
        let kept = Kept { question: line.question, ..Kept::default() };
        match line.target {
            Target::Nothing(instead) => {
                self.message = Some(instead);
                None
            }
            Target::Keys(below) => {
                self.ask(Waiting::View(kept), Ask::Level { below, by_size: false })
            }
            Target::List(kind) => {
                let objects = Objects { kind, below: None, filter: None, with_imported: false };
                self.ask(Waiting::View(kept), Ask::List(objects))
            }
            Target::Object(kind, place) => {
                let reading = Reading { kind, place, look: Default::default(), shown: false };
                let ask = reading.ask();
                self.ask(Waiting::View(Kept { reading: Some(reading), ..kept }), ask)
            }
            Target::Text(page) => {
                self.push(View::page((*page).clone(), None, width));
                None
            }
        }
    }

    /// Shows the object in another form, or unmasked.
    fn look_again(&mut self, next: bool, toggle: bool) -> Option<(u64, Ask)> {
        let mut reading = self.views.last()?.reading()?.clone();
        if next {
            reading.look = reading.look.next();
        }
        reading.shown ^= toggle;
        let ask = reading.ask();
        let kept = self.ask(Waiting::Again, ask)?;
        self.views.last_mut()?.set_reading(reading);
        Some(kept)
    }

    /// Sorts a folder of keys by size or by name.
    fn sort(&mut self) -> Option<(u64, Ask)> {
        let view = self.views.last()?;
        let below = view.folder()?;
        let by_size = !view.is_by_size;
        let kept = Kept { replaces: true, is_by_size: by_size, ..Kept::default() };
        self.ask(Waiting::View(kept), Ask::Level { below, by_size })
    }

    /// Lists the objects that were imported from peers, too, or leaves them out again.
    fn toggle_imported(&mut self) -> Option<(u64, Ask)> {
        let view = self.views.last()?;
        let Some(objects) = view.objects().filter(|_| view.imported() > 0).cloned() else {
            self.message = Some("nothing here is imported from peers".to_owned());
            return None;
        };
        let with_imported = !objects.with_imported;
        let kept = Kept { replaces: true, ..Kept::default() };
        self.ask(Waiting::View(kept), Ask::List(Objects { with_imported, ..objects }))
    }

    fn begin_filter(&mut self) {
        match self.views.last().and_then(View::objects) {
            Some(objects) => {
                let text = objects.filter.clone().unwrap_or_default();
                self.prompt = Some(Prompt::new(Purpose::Filter(objects.kind), text));
            }
            None => self.message = Some("open a list of objects to filter them".to_owned()),
        }
    }

    /// A line was typed.
    fn typed(&mut self, prompt: Prompt) -> Option<(u64, Ask)> {
        match prompt.purpose {
            Purpose::Search => {
                if !prompt.text.is_empty() {
                    self.last_search = prompt.text;
                }
                self.search(false)
            }
            Purpose::WhoCan => self.ask(
                Waiting::View(Kept { typed: Some(prompt.clone()), ..Kept::default() }),
                Ask::WhoCan(prompt.text),
            ),
            Purpose::Filter(_) => {
                let objects = self.views.last()?.objects()?.clone();
                let was_filtered = objects.filter.is_some();
                let filter = (!prompt.text.trim().is_empty()).then(|| prompt.text.clone());
                if filter.is_none() {
                    // An empty filter restores the previous list.
                    if was_filtered {
                        self.views.pop();
                    }
                    return None;
                }
                let kept = Kept { typed: Some(prompt), replaces: was_filtered, ..Kept::default() };
                self.ask(Waiting::View(kept), Ask::List(Objects { filter, ..objects }))
            }
        }
    }

    fn search(&mut self, backwards: bool) -> Option<(u64, Ask)> {
        let (text, height) = (self.last_search.clone(), self.height);
        if text.is_empty() {
            self.message = Some("nothing to search for; / asks".to_owned());
            return None;
        }
        let view = self.views.last_mut()?;
        let from = view.cursor.at;
        match &view.body {
            Body::Table(table) => {
                let rows = std::sync::Arc::clone(&table.rows);
                self.ask(Waiting::Line, Ask::Find { rows, text, from, backwards })
            }
            Body::Page { .. } => {
                if !view.search_page(&text, backwards, height) {
                    self.message = Some(not_found(&text));
                }
                None
            }
        }
    }

    fn push(&mut self, mut view: View) {
        view.fit(self.width, self.height);
        self.views.push(view);
    }

    /// Handles an answer. Answers to cancelled questions are dropped.
    pub(super) fn answer(&mut self, to: u64, told: Told) {
        if let Told::Loaded { contents, .. } = told {
            self.push(View::table(contents, &Kept::default()));
            return;
        }
        let Some((_, waiting)) = self.waiting.take_if(|(awaited, _)| *awaited == to) else {
            return;
        };
        match (told, waiting) {
            (Told::Table(table), Waiting::View(kept)) => {
                if kept.replaces {
                    self.views.pop();
                }
                self.push(View::table(table, &kept));
            }
            (Told::Page(page), Waiting::View(kept)) => {
                let mut view = View::page(page, kept.reading, self.width);
                view.set_question(kept.question);
                self.push(view);
            }
            (Told::Page(page), Waiting::Again) => {
                let (width, height) = (self.width, self.height);
                if let Some(view) = self.views.last_mut() {
                    view.replace_page(page, width, height);
                }
            }
            (Told::Found(Some(at)), Waiting::Line) => {
                let height = self.height;
                if let Some(view) = self.views.last_mut() {
                    view.go_to(at, height);
                }
            }
            (Told::Found(None), _) => self.message = Some(not_found(&self.last_search)),
            (Told::Failed(why), waiting) => {
                self.message = Some(one_line(why.lines().next().unwrap_or_default().as_bytes()));
                // The input can be corrected.
                if let Waiting::View(Kept { typed, .. }) = waiting {
                    self.prompt = typed;
                }
            }
            _ => {}
        }
    }
}

fn not_found(text: &str) -> String {
    format!("\"{}\" not found", one_line(text.as_bytes()))
}

#[cfg(test)]
mod tests;
