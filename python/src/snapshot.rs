//! A snapshot.

use crate::answers;
use crate::error::{failed, refused};
use crate::query::Query;
use crate::reading::{How, Opened};
use crate::table::{Table, named};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict, PyIterator, PyList};
use snapscope_analyze::KeyDetails;
use snapscope_analyze::acl::DefaultPolicy;
use snapscope_analyze::audit::Severity;
use snapscope_tables::RELATIONS;
use snapscope_tables::columnar::{COMMON, Class, Common};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

/// A snapshot: `snapshot["tokens"]` is a table.
#[pyclass(frozen, module = "snapscope")]
pub(crate) struct Snapshot {
    pub(crate) opened: Arc<Opened>,
}

/// Opens a snapshot: a .snap file, a tar archive, a raft snapshot folder, a data directory, a state.bin, or the URL of an
/// object in a bucket. Secrets and values of keys are masked, unless you pass `show_secrets=True`. A damaged snapshot
/// answers with what there is, and `damage` says what is missing; with `strict=True`, damage in what a call reads is an
/// error, at the end of reading. `jobs` is the number of threads.
#[pyfunction]
#[pyo3(signature = (place, /, *, show_secrets = false, strict = false, jobs = None))]
pub(crate) fn open(
    py: Python<'_>,
    place: PathBuf,
    show_secrets: bool,
    strict: bool,
    jobs: Option<usize>,
) -> PyResult<Snapshot> {
    let jobs = match jobs.map(NonZeroUsize::new) {
        Some(None) => return Err(PyValueError::new_err("jobs: expected at least 1 thread")),
        Some(jobs) => jobs,
        None => None,
    };
    let opened = Opened::find(py, &place, How { show_secrets, strict, jobs })?;
    Ok(Snapshot { opened: Arc::new(opened) })
}

/// Answers a query about one or several snapshots, as `Snapshot.sql` does. With several, each table starts with a column
/// `snapshot`.
#[pyfunction]
#[pyo3(signature = (query, /, *snapshots))]
pub(crate) fn sql(
    py: Python<'_>,
    query: String,
    snapshots: Vec<PyRef<'_, Snapshot>>,
) -> PyResult<Query> {
    if snapshots.is_empty() {
        return Err(failed("no snapshot given; usage: sql(query, snapshot, ...)"));
    }
    let opened = snapshots.iter().map(|snapshot| Arc::clone(&snapshot.opened)).collect();
    Query::start(py, opened, query)
}

#[pymethods]
impl Snapshot {
    /// Its name: a path or a URL.
    #[getter]
    fn name(&self) -> String {
        self.opened.snapshot.name()
    }

    /// The names of its tables.
    #[getter]
    fn tables(&self) -> Vec<&'static str> {
        RELATIONS.iter().map(|relation| relation.name.as_str()).collect()
    }

    /// Returns a table.
    fn __getitem__(&self, name: &str) -> PyResult<Table> {
        Ok(Table::of(Arc::clone(&self.opened), named(name)?))
    }

    /// Whether there is a table of this name.
    fn __contains__(&self, name: &str) -> bool {
        named(name).is_ok()
    }

    /// The names of its tables.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyList::new(py, self.tables())?.try_iter()
    }

    /// Number of tables.
    fn __len__(&self) -> usize {
        RELATIONS.len()
    }

    /// What is damaged, in sentences; empty without damage. The first call reads all objects.
    #[getter]
    fn damage(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        py.detach(|| self.opened.damage().map(<[String]>::to_vec))
    }

    /// Number of records that can be read.
    #[getter]
    fn records(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.opened.damage().map(drop))?;
        self.opened.refuse_damage()?;
        Ok(self.opened.outcome().map_or(0, |(closing, _)| closing.records))
    }

    /// Which snapshot of which cluster it is: `cluster`, `datacenter`, `snapshot`, `taken` and `raft_index`, None where
    /// the snapshot does not record it. The first call reads the snapshot.
    #[getter]
    fn identity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let values = py.detach(|| self.opened.common().map(<[Common]>::to_vec))?;
        let identity = PyDict::new(py);
        for ((name, class), value) in COMMON.iter().zip(values) {
            match value {
                Common::Text(text) => identity.set_item(name, text)?,
                Common::Number(Some(micros)) if *class == Class::Time => {
                    identity.set_item(name, time(py, micros)?)?;
                }
                Common::Number(number) => identity.set_item(name, number)?,
            }
        }
        Ok(identity)
    }

    /// Returns records and bytes by type, as `snapscope inspect --format json` prints them. With `kv_depth` also the space
    /// used by keys, by as many of their segments; only of keys that start with `kv_prefix`.
    #[pyo3(signature = (*, kv_depth = None, kv_prefix = String::new()))]
    fn inspect<'py>(
        &self,
        py: Python<'py>,
        kv_depth: Option<usize>,
        kv_prefix: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let keys = kv_depth.map(|depth| KeyDetails { depth, prefix: kv_prefix.into_bytes() });
        let json = py.detach(|| answers::inspect::inspect(&self.opened, keys.as_ref()))?;
        answers::object(py, &json)
    }

    /// Returns what is wrong in the snapshot, as `snapscope audit -o json` prints it, from a severity up: `info`, `low`,
    /// `medium`, `high` or `critical`.
    #[pyo3(signature = (*, min_severity = "info"))]
    fn audit<'py>(&self, py: Python<'py>, min_severity: &str) -> PyResult<Bound<'py, PyAny>> {
        let least = Severity::ALL.into_iter().find(|known| known.word() == min_severity);
        let least = least.ok_or_else(|| {
            let known: Vec<&str> = Severity::ALL.into_iter().map(Severity::word).collect();
            refused(format!("unknown severity {min_severity:?}; known: {}", known.join(", ")))
        })?;
        let json = py.detach(|| answers::audit::audit(&self.opened, least))?;
        answers::object(py, &json)
    }

    /// Returns whether a token can do something, and which rule decides, as `snapscope acl can -o json` prints it;
    /// `["Allow"]` is the answer. `token` is an accessor, the start of one, a SecretID or `anonymous`; `resource` is
    /// `key`, `service`, `node`, ...; `access` is `read` or `write`, for keys also `list` or `write-prefix`; `segment` is
    /// the name of the key, service, node, ... `default_policy`, `deny` or `allow`, decides where no rule applies; snapshots
    /// do not record it.
    #[pyo3(signature = (token, resource, access, segment = "", *, default_policy = None))]
    fn can<'py>(
        &self,
        py: Python<'py>,
        token: &str,
        resource: &str,
        access: &str,
        segment: &str,
        default_policy: Option<&str>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let default_policy = match default_policy {
            None => None,
            Some("deny") => Some(DefaultPolicy::Deny),
            Some("allow") => Some(DefaultPolicy::Allow),
            Some(other) => {
                return Err(refused(format!("default_policy {other:?}: expected deny or allow")));
            }
        };
        let asked = answers::acl::Asked { token, resource, access, segment, default_policy };
        let json = py.detach(|| answers::acl::can(&self.opened, &asked))?;
        answers::object(py, &json)
    }

    /// Answers a query, in SQL as SQLite has it. The result hands out Arrow streams, as tables do.
    #[pyo3(signature = (query, /))]
    fn sql(&self, py: Python<'_>, query: String) -> PyResult<Query> {
        Query::start(py, vec![Arc::clone(&self.opened)], query)
    }

    fn __repr__(&self) -> String {
        format!("<snapscope.Snapshot {:?}>", self.opened.snapshot.name())
    }
}

/// A time as Python has it, in UTC.
fn time(py: Python<'_>, micros: i64) -> PyResult<Bound<'_, PyAny>> {
    let module = py.import("datetime")?;
    let utc = module.getattr("timezone")?.getattr("utc")?;
    let epoch = module.getattr("datetime")?.call_method1("fromtimestamp", (0, utc))?;
    epoch.add(module.getattr("timedelta")?.call1((0, 0, micros))?)
}
