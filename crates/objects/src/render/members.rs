//! Single fields of a record, under names other than the stored ones.

use super::engine::Engine;
use super::stored::Stored;
use super::zero::is_empty;
use crate::json::Sink;
use snapscope_decode::schema::Shown;

/// When a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Show {
    /// Always; as its zero value if it is not stored.
    Always,
    /// If it is stored, even if empty.
    IfStored,
    /// If it is neither absent nor empty.
    NotEmpty,
}

impl<S: Sink> Engine<'_, S> {
    /// Renders a field as the member `name` of the open object.
    pub(crate) fn member(&mut self, name: &str, stored: &Stored<'_>, field: &str, show: Show) {
        let Some(at) = stored.find(field) else { return };
        let Some(spec) = stored.schema.fields.get(at) else { return };
        let value = stored.at(at);
        let shown = match show {
            Show::Always => true,
            Show::IfStored => value.is_some(),
            Show::NotEmpty => value.is_some() && !is_empty(spec.class, value),
        };
        if shown && self.sink.wants(name.as_bytes()) {
            if name == spec.json {
                self.sink.field(spec);
            } else {
                self.sink.key(name.as_bytes());
            }
            let before = self.problems.len();
            self.value(spec.class, value);
            for problem in self.problems.iter_mut().skip(before) {
                *problem = problem.clone().inside(field, 0);
            }
        }
    }

    /// Renders a list as a member of the open object; `[]` where the API shows an absent one as
    /// empty.
    pub(crate) fn list_member(&mut self, name: &str, stored: &Stored<'_>, field: &str) {
        if stored.get(field).is_some() {
            self.member(name, stored, field, Show::Always);
        } else if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.begin_list();
            self.sink.end_list();
        }
    }

    /// Renders a struct without one of its fields, under the names of the API.
    pub(crate) fn members_but(&mut self, stored: &Stored<'_>, but: &str) {
        for field in stored.schema.fields {
            let show = match field.shown {
                Shown::Always => Show::IfStored,
                Shown::OmitEmpty | Shown::OmitZero | Shown::Hidden => Show::NotEmpty,
            };
            if field.stored != but {
                self.member(field.json, stored, field.stored, show);
            }
        }
        self.unknown_members("", stored);
    }

    /// Renders unknown stored fields, with `prefix` before their names.
    pub(crate) fn unknown_members(&mut self, prefix: &str, stored: &Stored<'_>) {
        for (key, value) in stored.unknown() {
            let name = [prefix.as_bytes(), key].concat();
            if self.sink.wants(&name) {
                self.sink.key(&name);
                self.generic(value);
            }
        }
    }

    /// Renders a text as a member of the open object.
    pub(crate) fn text_member(&mut self, name: &str, text: &[u8]) {
        if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.text(text);
        }
    }

    /// Renders a number as a member of the open object.
    pub(crate) fn uint_member(&mut self, name: &str, n: u64) {
        if self.sink.wants(name.as_bytes()) {
            self.sink.key(name.as_bytes());
            self.sink.uint(n);
        }
    }
}
