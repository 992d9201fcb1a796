//! The plan of a list: which fields to read, and what a worker keeps of a row.

use super::args::ListArgs;
use crate::form::Form;
use crate::index_times::{self, IndexTimes};
use crate::log_damage::Losses;
use crate::render::long_table::{Equal, Fitting};
use crate::render::row_writer::Kept;
use crate::render::table::Heads;
use anyhow::{Result, bail};
use snapscope_analyze::compare::{CompareOptions, Comparer};
use snapscope_objects::filter::{Filter, FilterError, Shape};
use snapscope_objects::kind::{Chosen, Column, KindId, ObjectKind};
use snapscope_objects::row::Row;
use snapscope_objects::value::Projection;
use std::borrow::Cow;

/// Whether a column is derived from masked values and reveals nothing about them.
fn is_size(column: &Chosen, kind: &ObjectKind) -> bool {
    let is_made_of = |value| matches!(column, Chosen::Column(column) if column.is_made_of(value));
    kind.traits.value.is_some_and(is_made_of)
}

/// Improves the error about an unknown field that is a column: names the field that the column
/// shows.
fn with_field_of_column(mut error: FilterError, kind: &ObjectKind) -> FilterError {
    let column = error.unknown_field.as_ref().and_then(|field| {
        let name = field.replace('_', "-");
        kind.columns.iter().find(|column| column.name.eq_ignore_ascii_case(&name))
    });
    let mut fields = column.into_iter().flat_map(Column::fields);
    if let (Some(column), Some(field), None) = (column, fields.next(), fields.next()) {
        error.message = format!(
            "unknown field {}; did you mean {field}, which the column {:?} shows?",
            error.unknown_field.as_deref().unwrap_or_default(),
            column.name
        );
    }
    error
}

/// The plan of a list.
pub(super) struct Plan<'a> {
    pub(super) args: &'a ListArgs,
    pub(super) kind: &'static ObjectKind,
    filter: Option<Filter>,
    pub(super) columns: Vec<Chosen>,
    /// The sort column, and whether the largest comes first.
    pub(super) sort: Option<(Chosen, bool)>,
    /// Whether whole objects are printed, as in JSON.
    whole: bool,
    pub(super) comparer: Comparer,
    /// When objects were written, if there is a log.
    times: Option<IndexTimes>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        args: &'a ListArgs,
        kind: &'static ObjectKind,
        times: Option<IndexTimes>,
    ) -> Result<Self> {
        if args.service.is_some() && kind.id != KindId::Instances {
            bail!("--service works with instances, not with {}", kind.name);
        }
        if args.kind_of_entry.is_some() && kind.id != KindId::ConfigEntries {
            bail!("--kind works with config-entries, not with {}", kind.name);
        }
        if args.prefix.is_some() && kind.id_fields != ["Key"] {
            bail!("--prefix works with kv, keys, locks and tombstones, not with {}", kind.name);
        }
        let shape = Self::shape_of(args, kind, times.is_some());
        let compiled = |text: &str| {
            Filter::compile(text, &shape).map_err(|error| with_field_of_column(error, kind))
        };
        let filter = args.filter.as_deref().map(compiled).transpose()?;
        let columns = if args.columns.is_empty() {
            // CSV always has the same columns.
            let is_short = args.output == Form::Text && kind.id == KindId::Keys;
            let mut columns = kind.table(args.wide || is_short);
            if times.is_some() {
                let is_wide = args.wide || args.output != Form::Text;
                let most = if is_wide { usize::MAX } else { 1 };
                for name in index_times::names(&shape).take(most) {
                    columns.push(kind.column(&shape, name)?);
                }
            }
            columns
        } else {
            let find = |name: &String| kind.column(&shape, name);
            args.columns.iter().map(find).collect::<Result<_, _>>()?
        };
        let sort = args.sort.as_deref().map(|name| {
            let plain = name.strip_prefix('-').unwrap_or(name);
            kind.column(&shape, plain).map(|column| (column, plain.len() < name.len()))
        });
        // A list may be long, so it never contains values of keys.
        let options = CompareOptions { hide_values: true, ..CompareOptions::default() };
        Ok(Self {
            args,
            kind,
            filter,
            columns,
            sort: sort.transpose()?,
            whole: matches!(args.output, Form::Json | Form::Jsonl),
            comparer: Comparer::new(options),
            times,
        })
    }

    fn shape_of(args: &ListArgs, kind: &ObjectKind, is_timed: bool) -> Shape {
        let shape = match &args.kind_of_entry {
            Some(entry) => Shape::config_entry(Some(entry)),
            None => kind.shape(),
        };
        if is_timed { index_times::timed(shape) } else { shape }
    }

    /// The requested times that are not known because of damage.
    pub(super) fn lost_times(&self) -> Losses {
        self.times.as_ref().map_or_else(Losses::default, IndexTimes::losses)
    }

    /// The fields of the listed objects.
    pub(super) fn shape(&self) -> Shape {
        Self::shape_of(self.args, self.kind, self.times.is_some())
    }

    /// Whether objects are selected by anything besides their kind.
    pub(super) const fn is_selective(&self) -> bool {
        let ListArgs { service, kind_of_entry, prefix, peer, .. } = self.args;
        self.filter.is_some()
            || service.is_some()
            || kind_of_entry.is_some()
            || prefix.is_some()
            || peer.is_some()
    }

    /// What may be left out on a terminal. Requested columns are always shown.
    pub(super) const fn fitting(&self) -> Fitting {
        let is_asked = self.args.wide || !self.args.columns.is_empty();
        Fitting {
            equal: if is_asked { Equal::Kept } else { Equal::LeftOut },
            message: None,
            heads: Heads::Words,
            all: "--columns NAME,... or -o json shows them",
        }
    }

    /// The fields to read.
    pub(super) fn projection(&self) -> Projection {
        let mut projection = if self.whole {
            Projection::All
        } else {
            self.kind.projection(&self.columns, self.filter.as_ref())
        };
        let sort: Vec<_> = self.sort.iter().flat_map(|(column, _)| column.fields()).collect();
        projection.add(sort.iter().map(String::as_str));
        projection.add(["ServiceName", "Kind", "Key"].into_iter().filter(|_| !self.whole));
        projection.add(index_times::indexes().filter(|_| !self.whole && self.times.is_some()));
        projection
    }

    /// What is kept of a row; `None` if the row is not selected.
    pub(super) fn keep(&self, stored: &Row) -> Option<Kept> {
        let is = |field: &str, projection: &Option<String>| {
            projection.as_ref().is_none_or(|text| stored.text(field) == text.as_bytes())
        };
        let args = self.args;
        let is_below =
            args.prefix.as_ref().is_none_or(|p| stored.text("Key").starts_with(p.as_bytes()));
        if !is_below || !is("ServiceName", &args.service) || !is("Kind", &args.kind_of_entry) {
            return None;
        }
        let timed = |row: &Row| self.times.as_ref().map(|times| times.row(row));
        let with_times = timed(stored);
        let row = with_times.as_ref().unwrap_or(stored);
        if self.filter.as_ref().is_some_and(|filter| !filter.holds(row.object())) {
            return None;
        }
        if args.count {
            return Some(Kept { sort: None, cells: Vec::new(), json: Vec::new() });
        }
        let sort = self.sort.as_ref().map(|(column, descending)| {
            let mut key = Vec::new();
            column.cell(row.object()).sort_key(*descending, &mut key);
            key
        });
        // Times are never masked.
        let masked = (!args.show_secrets).then(|| self.comparer.masked(stored));
        let masked = masked.map(|row| timed(&row).map_or(row, Cow::Owned));
        let safe = masked.as_deref().unwrap_or(row);
        if self.whole {
            return Some(Kept { sort, cells: Vec::new(), json: safe.to_json() });
        }
        let cell = |column: &Chosen| {
            let row = if is_size(column, self.kind) { row } else { safe };
            column.cell(row.object()).into_owned()
        };
        Some(Kept { sort, cells: self.columns.iter().map(cell).collect(), json: Vec::new() })
    }
}
