//! Rows as Arrow's arrays.

use super::schema::{Class, Column, entries, item, own_schema};
use crate::cells::Value;
use crate::scan::Batch;
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, MapBuilder,
    MapFieldNames, StringBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::ArrowError;
use jiff::Timestamp;
use serde_json::Value as Json;
use std::sync::Arc;

/// The rows of some batches, whose columns are those that `columns` are made from, at the positions in `requested`.
///
/// # Errors
/// If Arrow refuses the arrays.
pub fn record_batch(
    columns: &[Column],
    requested: &[usize],
    batches: &[Batch],
) -> Result<RecordBatch, ArrowError> {
    let rows = batches.iter().map(Batch::rows).sum();
    let array = |column: &Column| {
        let at = requested.iter().position(|known| *known == column.from).unwrap_or(usize::MAX);
        let of = |batch| (0..Batch::rows(batch)).map(move |row| batch.value(row, at));
        array(column.class, rows, batches.iter().flat_map(of))
    };
    let arrays = columns.iter().map(array).collect::<Result<_, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(own_schema(columns), arrays, &options)
}

/// Values as an array of this type.
///
/// # Errors
/// If Arrow refuses them.
pub fn array<'v>(
    class: Class,
    rows: usize,
    values: impl Iterator<Item = Value<'v>>,
) -> Result<ArrayRef, ArrowError> {
    Ok(match class {
        Class::Text | Class::Digits => {
            // As bytes, which are checked to be UTF-8 all at once.
            let mut out = BinaryBuilder::with_capacity(rows, rows * 16);
            for value in values {
                match value {
                    Value::Null => out.append_null(),
                    Value::Int(n) => out.append_value(n.to_string()),
                    Value::Real(x) => out.append_value(x.to_string()),
                    Value::Text(text) => out.append_value(text),
                    Value::Blob(text) => {
                        out.append_value(String::from_utf8_lossy(text).as_bytes());
                    }
                }
            }
            Arc::new(StringArray::try_from_binary(out.finish())?)
        }
        Class::OddBytes | Class::Bytes => {
            let mut out = BinaryBuilder::with_capacity(rows, 0);
            for value in values {
                match value {
                    Value::Blob(bytes) => out.append_value(bytes),
                    Value::Text(text) if class == Class::Bytes => out.append_value(text),
                    _ => out.append_null(),
                }
            }
            Arc::new(out.finish())
        }
        Class::Int => {
            let mut out = Int64Builder::with_capacity(rows);
            values.for_each(|value| out.append_option(int(value)));
            Arc::new(out.finish())
        }
        Class::Bool => {
            let mut out = BooleanBuilder::with_capacity(rows);
            values.for_each(|value| out.append_option(int(value).map(|n| n != 0)));
            Arc::new(out.finish())
        }
        Class::Float => {
            let mut out = Float64Builder::with_capacity(rows);
            values.for_each(|value| out.append_option(float(value)));
            Arc::new(out.finish())
        }
        Class::Time => {
            let mut out = TimestampMicrosecondBuilder::with_capacity(rows).with_timezone("UTC");
            values.for_each(|value| out.append_option(time(value)));
            Arc::new(out.finish())
        }
        Class::Texts => texts(values),
        Class::TextMap => map(values)?,
    })
}

fn int(value: Value<'_>) -> Option<i64> {
    match value {
        Value::Int(n) => Some(n),
        // A number that is too large for SQL's integers is text.
        Value::Text(digits) => {
            let n: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
            Some(n.cast_signed())
        }
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss)] // a float that was stored as an integer
fn float(value: Value<'_>) -> Option<f64> {
    match value {
        Value::Real(x) => Some(x),
        Value::Int(n) => Some(n as f64),
        _ => None,
    }
}

/// A time as the API shows it. The year 1 means that there is none.
fn time(value: Value<'_>) -> Option<i64> {
    let Value::Text(text) = value else { return None };
    let text = std::str::from_utf8(text).ok()?;
    if text.starts_with("0001-01-01") {
        return None;
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

fn json(value: Value<'_>) -> Option<Json> {
    match value {
        Value::Text(text) => serde_json::from_slice(text).ok(),
        _ => None,
    }
}

fn shown(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn texts<'v>(values: impl Iterator<Item = Value<'v>>) -> ArrayRef {
    let mut out = ListBuilder::new(StringBuilder::new()).with_field(item());
    for value in values {
        let list = json(value);
        let items = list.as_ref().and_then(Json::as_array);
        for item in items.into_iter().flatten() {
            out.values().append_option(shown(item));
        }
        out.append(items.is_some());
    }
    Arc::new(out.finish())
}

fn map<'v>(values: impl Iterator<Item = Value<'v>>) -> Result<ArrayRef, ArrowError> {
    let names = MapFieldNames {
        entry: "entries".to_owned(),
        key: "keys".to_owned(),
        value: "values".to_owned(),
    };
    let mut out = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    if let [keys, values] = &entries()[..] {
        out = out.with_keys_field(Arc::clone(keys)).with_values_field(Arc::clone(values));
    }
    for value in values {
        let map = json(value);
        let members = map.as_ref().and_then(Json::as_object);
        for (key, value) in members.into_iter().flatten() {
            out.keys().append_value(key);
            out.values().append_option(shown(value));
        }
        out.append(members.is_some())?;
    }
    Ok(Arc::new(out.finish()))
}
