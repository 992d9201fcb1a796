//! Expressions about records of any type, as `decode` shows them.

use super::compile::Filter;
use super::error::FilterError;
use super::expr::{Expr, Selector};
use super::parse::parse;
use super::shape::{Field, Shape};
use crate::json::Sink as _;
use crate::render::{Options, render_record};
use crate::value::{Projection, Tape};
use snapscope_decode::records::{
    CoordinateRef, PEERING, PEERING_SECRET, PEERING_TRUST_BUNDLE, RESOURCE, record_schema,
};
use snapscope_decode::schema::WireStruct;
use snapscope_decode::stream::KINDS;
use snapscope_decode::{Frame, Kind};

/// An expression about lines `{"Type": ..., "Data": ...}`: `Type == KVS and Data.Flags != 0`.
///
/// `Data.` is optional: a selector that starts with neither `Type` nor `Data` is about the record
/// itself. A statement about a field that a record's type does not have never matches, so `Key
/// matches "^a" or Type == Session` finds both.
#[derive(Debug)]
pub struct RecordFilter {
    expr: Expr,
    /// By type byte; created at the first record of a type.
    filters: Vec<Option<Filter>>,
    tape: Tape,
}

impl RecordFilter {
    /// Compiles an expression about records of these types; about all types if `None`.
    ///
    /// # Errors
    /// If the text is not an expression, or a statement fits none of the types.
    pub fn compile(text: &str, kinds: Option<&[Kind]>) -> Result<Self, FilterError> {
        let mut expr = if text.is_empty() { Expr::All(Vec::new()) } else { parse(text)? };
        into_data(&mut expr);
        let all: Vec<Kind>;
        let kinds = if let Some(kinds) = kinds {
            kinds
        } else {
            // Unknown types would make every statement valid.
            let known = KINDS.iter().map(|kind| Kind(kind.number));
            all = known.filter(|kind| !matches!(record_shape(*kind), Shape::Any)).collect();
            &all
        };
        let lines = Shape::OneOf(kinds.iter().map(|kind| line_shape(*kind)).collect());
        Filter::of(&expr, text, &lines)?;
        // A tape has its wanted fields from the start, so the names are those of all types.
        let mut projection = Projection::Only(Vec::new());
        let mut names = Vec::new();
        fields_of(&expr, &mut names);
        projection.add(names.iter().map(String::as_str));
        Ok(Self { expr, filters: vec![None; 256], tape: Tape::only_inside(projection) })
    }

    /// Returns a filter of the same expression for another thread.
    #[must_use]
    pub fn another(&self) -> Self {
        Self { expr: self.expr.clone(), filters: self.filters.clone(), tape: self.tape.clone() }
    }

    /// Whether the expression matches a record.
    pub fn holds(&mut self, frame: &Frame<'_>) -> bool {
        let Some(slot) = self.filters.get_mut(usize::from(frame.kind.0)) else { return false };
        let filter =
            slot.get_or_insert_with(|| Filter::lenient(&self.expr, &line_shape(frame.kind)));
        let tape = &mut self.tape;
        tape.clear();
        tape.begin_object();
        tape.key(b"Type");
        tape.text(frame.kind.to_string().as_bytes());
        tape.key(b"Data");
        // Problems of a record are reported when it is rendered.
        let _ = render_record(frame, Options::default(), tape);
        tape.end_object();
        tape.root().is_some_and(|line| filter.holds(line))
    }
}

/// Adds `Data` to selectors without it.
fn into_data(expr: &mut Expr) {
    match expr {
        Expr::Any(parts) | Expr::All(parts) => parts.iter_mut().for_each(into_data),
        Expr::Not(inner) => into_data(inner),
        Expr::Match(statement) => {
            let path = &mut statement.selector.path;
            if !matches!(path.first().map(Vec::as_slice), Some(b"Type" | b"Data")) {
                path.insert(0, b"Data".to_vec());
            }
        }
    }
}

/// The fields directly inside `Data` that an expression uses.
fn fields_of(expr: &Expr, out: &mut Vec<String>) {
    match expr {
        Expr::Any(parts) | Expr::All(parts) => parts.iter().for_each(|part| fields_of(part, out)),
        Expr::Not(inner) => fields_of(inner, out),
        Expr::Match(statement) => {
            let Selector { path, .. } = &statement.selector;
            out.extend(path.get(1).map(|name| String::from_utf8_lossy(name).into_owned()));
        }
    }
}

fn line_shape(kind: Kind) -> Shape {
    Shape::Fields(vec![("Type", Shape::Text), ("Data", record_shape(kind))])
}

/// The fields of the records of a type, as `decode` prints them.
fn record_shape(kind: Kind) -> Shape {
    static VALUE: &[Field] = &[
        // Compared as stored, not in base64.
        Field { name: "Value", shape: || Shape::Bytes },
        Field { name: "KeyBase64", shape: || Shape::Base64 },
    ];
    match (kind, record_schema(kind)) {
        (Kind::KVS | Kind::TOMBSTONE, Some(schema)) => {
            Shape::With(VALUE, Box::new(Shape::Struct(schema)))
        }
        (Kind::CONFIG_ENTRY, _) => Shape::Fields(vec![
            ("Op", Shape::Text),
            ("Datacenter", Shape::Text),
            ("Entry", Shape::config_entry(None)),
            ("Token", Shape::Text),
        ]),
        (Kind::COORDINATE_BATCH_UPDATE, _) => {
            Shape::List(Box::new(Shape::Struct(
                <CoordinateRef<'static> as WireStruct<'static>>::schema(),
            )))
        }
        (Kind::PEERING, _) => Shape::Message(&PEERING, false),
        (Kind::PEERING_TRUST_BUNDLE, _) => Shape::Message(&PEERING_TRUST_BUNDLE, false),
        (Kind::PEERING_SECRET, _) => Shape::Message(&PEERING_SECRET, false),
        (Kind::RESOURCE, _) => Shape::Message(&RESOURCE, true),
        (_, Some(schema)) => Shape::Struct(schema),
        _ => Shape::Any,
    }
}
