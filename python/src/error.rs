//! Errors as Python's exceptions.

use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyFileNotFoundError, PyPermissionError};
use pyo3::prelude::*;
use snapscope_archive::{Finding, OpenError, Place};
use std::io;

create_exception!(
    snapscope,
    SnapscopeError,
    PyException,
    "Base class of this package's errors. `offset` is the byte at which reading failed, in the file or in state.bin as \
     the message says, or None."
);
create_exception!(
    snapscope,
    DamagedError,
    SnapscopeError,
    "The file is not a snapshot, or it is damaged and was opened with strict=True."
);
create_exception!(snapscope, QueryError, SnapscopeError, "A query or a filter is not valid.");

/// Adds the classes to the module.
pub(crate) fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let base = py.get_type::<SnapscopeError>();
    base.setattr("offset", py.None())?;
    module.add("SnapscopeError", base)?;
    module.add("DamagedError", py.get_type::<DamagedError>())?;
    module.add("QueryError", py.get_type::<QueryError>())
}

/// An error about a snapshot.
pub(crate) fn failed(message: impl ToString) -> PyErr {
    SnapscopeError::new_err(message.to_string())
}

/// An error about a query.
pub(crate) fn refused(message: impl ToString) -> PyErr {
    QueryError::new_err(message.to_string())
}

/// A snapshot that cannot be opened. Errors of the system have their own classes in Python.
pub(crate) fn not_opened(error: &OpenError) -> PyErr {
    let message = error.to_string();
    match error {
        OpenError::Io { error, .. } => match error.kind() {
            io::ErrorKind::NotFound => PyFileNotFoundError::new_err(message),
            io::ErrorKind::PermissionDenied => PyPermissionError::new_err(message),
            _ => failed(message),
        },
        _ => failed(message),
    }
}

/// Damage, with its offset.
pub(crate) fn damaged(name: &str, what: &str, offset: Option<u64>) -> PyErr {
    let error = DamagedError::new_err(format!("{name}: {what}"));
    match Python::attach(|py| error.value(py).setattr("offset", offset)) {
        Ok(()) => error,
        Err(other) => other,
    }
}

/// The offset of a finding.
pub(crate) const fn offset_of(finding: &Finding) -> Option<u64> {
    match finding.place {
        Some(Place::File(at) | Place::Tar(at) | Place::State(at)) => Some(at),
        None => None,
    }
}
