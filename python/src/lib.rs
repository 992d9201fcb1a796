//! The Python package `snapscope`: snapshots as Arrow tables and as answers.
//!
//! A table is read on separate threads, which do not use Python, while a consumer takes batches. Everything else releases
//! the GIL while it reads. `snapscope/__init__.py` is the public interface.

mod answers;
mod error;
mod identity;
mod places;
mod query;
mod reading;
mod snapshot;
mod stream;
mod table;

use pyo3::prelude::*;

/// The module that Python imports.
#[pymodule]
fn _snapscope(module: &Bound<'_, PyModule>) -> PyResult<()> {
    error::add(module)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<snapshot::Snapshot>()?;
    module.add_class::<table::Table>()?;
    module.add_class::<table::TableSchema>()?;
    module.add_class::<query::Query>()?;
    module.add_function(wrap_pyfunction!(snapshot::open, module)?)?;
    module.add_function(wrap_pyfunction!(snapshot::sql, module)?)?;
    module.add_function(wrap_pyfunction!(answers::diff::diff, module)?)?;
    module.add_function(wrap_pyfunction!(answers::history::history, module)?)?;
    module.add_function(wrap_pyfunction!(places::find, module)?)?;
    module.add_function(wrap_pyfunction!(table::schema, module)?)
}
