//! Explains errors of queries, and suggests what was probably meant.

use rusqlite::Error;
use snapscope_objects::nearest;
use std::io;

/// Why a query failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// The statement failed.
    #[error("{0}")]
    Query(String),
    /// The receiver of its rows failed.
    #[error(transparent)]
    Receiver(#[from] io::Error),
}

/// Tables with their columns.
pub(super) type Known = Vec<(String, Vec<String>)>;

/// The message for SQLite's error about a query. `known` returns all tables with their columns.
pub(super) fn explained(error: &Error, sql: &str, known: impl FnOnce() -> Known) -> SqlError {
    let message = match error {
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::MultipleStatement => "several statements at once".to_owned(),
        other => other.to_string(),
    };
    if let Some(column) = message.strip_prefix("no such column: ") {
        return SqlError::Query(about_column(column, sql, &known()));
    }
    if let Some(table) = message.strip_prefix("no such table: ") {
        let known = known();
        let names = || known.iter().map(|(name, _)| name.as_str());
        let hint = match nearest(table, names()) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("tables: {}", names().collect::<Vec<_>>().join(", ")),
        };
        return SqlError::Query(format!("no such table: {table}; {hint}"));
    }
    if message.starts_with("near \"-\": syntax error") {
        let dashed = |(table, _): &(String, Vec<String>)| {
            let name = table.replace('_', "-");
            (name != *table && sql.contains(&name)).then(|| format!("; did you mean {table:?}?"))
        };
        let hint = known().iter().find_map(dashed).unwrap_or_default();
        return SqlError::Query(format!("{message}{hint}"));
    }
    if message.contains("not authorized") || message.contains("prohibited") {
        return SqlError::Query(format!(
            "{message}: queries can only read; use SELECT, and shell redirection for files"
        ));
    }
    SqlError::Query(message)
}

/// An unknown column, with the columns of the tables that the query names.
fn about_column(column: &str, sql: &str, known: &Known) -> String {
    let words: Vec<&str> = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .collect();
    let is_named = |table: &str| words.iter().any(|word| word.eq_ignore_ascii_case(table));
    let named: Vec<&(String, Vec<String>)> =
        known.iter().filter(|(table, _)| is_named(table)).collect();
    let plain = column.rsplit('.').next().unwrap_or(column);
    let all = named.iter().flat_map(|(_, columns)| columns.iter().map(String::as_str));
    let mut message = format!("no such column: {column}");
    if plain.eq_ignore_ascii_case("snapshot") {
        message.push_str("; views have it if there are several snapshots");
    } else if let Some(meant) = nearest(plain, all) {
        message.push_str(&format!("; did you mean {meant:?}?"));
    }
    for (table, columns) in named {
        message.push_str(&format!("\n  columns of {table}: {}", columns.join(", ")));
    }
    message
}
