//! Explains why no line is shown: which filter excludes all lines, and which values exist.

use super::effects::Effects;
use super::filters::{FilterArgs, Filters, One};
use super::line::Line;
use super::reader::Reader;
use crate::reading::ReadArgs;
use crate::render::escape::one_line;
use crate::server_log::ServerLog;
use crate::terminal::note;
use crate::times::rfc3339;
use crate::unmatched::{Conjunct, Values, parts};
use anyhow::Result;
use snapscope_decode::GoTime;
use snapscope_decode::text::is_uuid;
use snapscope_objects::filter::{Filter, Selector, Shape};
use snapscope_objects::nearest_name;
use snapscope_objects::printable::counted;
use snapscope_objects::value::{Json, Node, Tape};
use std::ops::ControlFlow;

enum Test {
    One(One),
    Filter(Filter),
}

/// A condition that all shown lines meet.
struct Condition {
    /// As given on the command line.
    text: String,
    test: Test,
    /// The field whose values are shown.
    selector: Option<Selector>,
    /// The requested value.
    value: Option<String>,
    is_matched: bool,
    values: Values,
}

/// What the excluded lines have in the field.
pub(crate) struct Tally<'f> {
    filters: &'f Filters,
    conditions: Vec<Condition>,
    lines: u64,
    indexes: Option<(u64, u64)>,
    times: Option<(GoTime, GoTime)>,
}

impl<'f> Tally<'f> {
    pub(crate) fn new(filters: &'f Filters, shape: &Shape) -> Self {
        let FilterArgs { filter, since, until, object, who } = &filters.args;
        let mut conditions = Vec::new();
        for (one, flag, value) in [
            (One::Since, "--since", since),
            (One::Until, "--until", until),
            (One::Object, "--object", object),
            (One::Who, "--who", who),
        ] {
            let Some(value) = value else { continue };
            // It may be the SecretID of an unknown token.
            let is_hidden = one == One::Who && is_uuid(value.as_bytes());
            conditions.push(Condition {
                text: if is_hidden { "this token".to_owned() } else { format!("{flag} {value}") },
                test: Test::One(one),
                selector: None,
                value: (!is_hidden).then(|| value.clone()),
                is_matched: false,
                values: Values::default(),
            });
        }
        let filter = filter.as_deref().unwrap_or_default();
        conditions.extend(parts(filter, shape).into_iter().map(|part| {
            let Conjunct { text, filter, selector, value } = part;
            let test = Test::Filter(filter);
            Condition { text, test, selector, value, is_matched: false, values: Values::default() }
        }));
        Self { filters, conditions, lines: 0, indexes: None, times: None }
    }

    /// Examines a line that is not shown. `tape` is working memory.
    pub(crate) fn see(&mut self, line: &Line<'_>, tape: &mut Tape, render: impl FnOnce(&mut Tape)) {
        self.lines += 1;
        let first = self.indexes.map_or(line.index, |(first, _)| first);
        self.indexes = Some((first, line.index));
        if let Some(time) = line.time {
            self.times = Some((self.times.map_or(time, |(first, _)| first), time));
        }
        tape.clear();
        render(tape);
        let Some(object) = tape.root() else { return };
        let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        for condition in &mut self.conditions {
            let is_match = match &condition.test {
                Test::One(one) => self.filters.passes(*one, line),
                Test::Filter(filter) => filter.holds(object),
            };
            if is_match {
                condition.is_matched = true;
                continue;
            }
            match &condition.test {
                Test::One(One::Object) => condition.values.add(text(&line.object)),
                Test::One(One::Who) => condition.values.add(text(line.who)),
                Test::One(One::Since | One::Until) => {}
                Test::Filter(_) => {
                    let mut path = condition.selector.iter().flat_map(|selector| &selector.path);
                    let field = path.try_fold(object, |node, name| node.get(name));
                    condition.values.extend(field);
                }
            }
        }
    }

    /// Reports on standard error why nothing is shown.
    pub(crate) fn say(&self) {
        let all = counted(self.lines, "line", "lines");
        if self.lines == 0 {
            note!("snapscope: note: no entries");
            return;
        }
        let mut none = self.conditions.iter().filter(|c| !c.is_matched).peekable();
        if none.peek().is_none() {
            note!("snapscope: note: none of {all} matches all filters at once");
        }
        for condition in none {
            let text = one_line(condition.text.as_bytes());
            note!("snapscope: note: {text} matches none of {all}{}", self.hint(condition));
        }
    }

    fn hint(&self, condition: &Condition) -> String {
        let Condition { test, selector, value, values, .. } = condition;
        match test {
            Test::One(One::Since | One::Until) => self.extent(),
            Test::One(One::Object) => objects(values, value.as_deref().unwrap_or_default()),
            Test::One(One::Who) => values.hint("who", value.as_deref()),
            Test::Filter(_) => {
                let name = selector.as_ref().map(ToString::to_string).unwrap_or_default();
                values.hint(&name, value.as_deref())
            }
        }
    }

    /// Which entries exist.
    fn extent(&self) -> String {
        let Some((first, last)) = self.indexes else { return String::new() };
        let times = self.times.map_or_else(String::new, |(first, last)| {
            format!(" ({} to {})", rfc3339(first), rfc3339(last))
        });
        format!("; they have the indexes {first} to {last}{times}")
    }
}

impl Values {
    /// Adds the values of a field, which may be a list.
    fn extend(&mut self, field: Option<Node<'_>>) {
        match field.map(|field| field.json()) {
            Some(Json::List(items)) => items.for_each(|item| self.extend(Some(item))),
            Some(Json::Text(text)) => self.add(String::from_utf8_lossy(text).into_owned()),
            Some(Json::Uint(number)) => self.add(number.to_string()),
            Some(Json::Bool(is_true)) => self.add(is_true.to_string()),
            _ => {}
        }
    }
}

/// Objects that may have been meant: those with a similar name, or in the same folder, or else the
/// existing types.
fn objects(values: &Values, asked: &str) -> String {
    if let Some(near) = nearest_name(asked, values.iter()) {
        return format!("; did you mean \"{}\"?", one_line(near.as_bytes()));
    }
    // From the innermost folder outwards.
    for (at, _) in asked.rmatch_indices('/') {
        let Some(folder) = asked.get(..=at) else { continue };
        let inside = values.iter().filter(|value| value.starts_with(folder));
        let inside: Values = inside.map(str::to_owned).collect();
        if let Some(listed) = inside.listed() {
            let folder = one_line(folder.trim_end_matches('/').as_bytes());
            return format!("; objects of {folder}: {listed}");
        }
    }
    let kind = asked.split('/').next().unwrap_or_default();
    let kinds = values.iter().filter_map(|value| value.split('/').next());
    let kinds: Values = kinds.map(str::to_owned).collect();
    kinds.hint("the type", Some(kind))
}

/// Explains why a log has no line to show. Reads the log once more for that.
pub(super) fn explain(server: &ServerLog, filters: &Filters, read: &ReadArgs) -> Result<()> {
    let effects = if filters.need_effects() { Effects::OfThese } else { Effects::None };
    let mut reader = Reader::prepare(server, read, effects, u64::MAX)?;
    let mut tally = Tally::new(filters, &Line::shape());
    let mut tape = Tape::new();
    reader.state.requested = filters.requested().cloned();
    let Reader { identities, entries, state, .. } = &mut reader;
    // Findings about the log were reported by the first pass.
    entries.each(server, &mut |_| {}, &mut |mut batch| {
        state.apply(&mut batch);
        batch.lines(identities, &mut |line| tally.see(line, &mut tape, |tape| line.render(tape)));
        ControlFlow::Continue(())
    })?;
    tally.say();
    Ok(())
}
