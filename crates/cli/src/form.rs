//! The output formats of answers, and flags that take one of a few values.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Output format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// One JSON value.
    Json,
    /// A JSON value on each line.
    Jsonl,
    Csv,
    Sarif,
    /// A folder with the changes that turn one state into another.
    Patch,
    /// A file with typed columns.
    #[cfg(feature = "columnar")]
    Parquet,
}

/// The names of all forms. Text has three: a table, lines, and what Consul prints.
const FORMS: &[(&str, Form, &str)] = &[
    ("table", Form::Text, "Columns or lines for people"),
    ("text", Form::Text, "Lines for people"),
    ("pretty", Form::Text, "What `consul snapshot inspect` prints"),
    ("json", Form::Json, "One JSON value"),
    ("jsonl", Form::Jsonl, "One JSON line per row"),
    ("csv", Form::Csv, "Comma-separated values with a header line"),
    ("sarif", Form::Sarif, "SARIF 2.1.0, for code scanning"),
    ("patch", Form::Patch, "A folder with the changes that turn A's state into B's"),
    #[cfg(feature = "columnar")]
    ("parquet", Form::Parquet, "A Parquet file, for --out or a pipe"),
];

/// The forms of a list of rows.
pub(crate) const ROWS: &[&str] = &["table", "json", "jsonl", "csv"];

/// The forms of a list of rows whose columns have types, as far as they are built.
pub(crate) const TYPED_ROWS: &[&str] = &["table", "json", "jsonl", "csv", "parquet"];

/// Takes one of these forms.
pub(crate) fn forms(names: &'static [&'static str]) -> impl TypedValueParser<Value = Form> {
    let known = FORMS.iter().filter(|(name, ..)| names.contains(name));
    let values = known.map(|(name, form, about)| {
        // Each command shows one name for text, and accepts all of them.
        let others =
            FORMS.iter().filter(|(other, ..)| *form == Form::Text && !names.contains(other));
        let others = others.filter(|(_, other, _)| *other == Form::Text).map(|(other, ..)| *other);
        PossibleValue::new(*name).help(*about).aliases(others)
    });
    PossibleValuesParser::new(values).map(|name| {
        FORMS.iter().find(|(known, ..)| *known == name).map_or(Form::Text, |(_, form, _)| *form)
    })
}

/// Takes a maximum number of rows; 0 means all.
pub(crate) fn limit(text: &str) -> Result<u64, String> {
    match text.parse() {
        Ok(0) => Ok(u64::MAX),
        Ok(limit) => Ok(limit),
        Err(_) => Err("expected a whole number; 0 shows all".to_owned()),
    }
}

/// Takes one of these values by its name.
pub(crate) fn one_of<T: Clone + Send + Sync + 'static, const N: usize>(
    values: [T; N],
    name: fn(&T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.iter().map(name)).try_map(move |given| {
        values.iter().find(|value| name(value) == given).cloned().ok_or("unknown value")
    })
}
