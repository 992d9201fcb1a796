//! A table of a snapshot.

use crate::error::{failed, refused};
use crate::reading::Opened;
use crate::stream::{Chosen, Rows, schema_capsule, stream_capsule};
use arrow_schema::{Field, Schema, SchemaRef};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyCapsule};
use snapscope_objects::filter::Filter;
use snapscope_objects::nearest;
use snapscope_tables::columnar::{COMMON, VERSION, VERSION_KEY, columns, field};
use snapscope_tables::{
    Bound as Id, Condition, Narrowing, RELATIONS, Relation, Request, Rows as From, Scan, relation,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A table of a snapshot, or a part of it. It hands out Arrow streams, so `polars.DataFrame(table)`,
/// `pyarrow.table(table)`, `pandas.DataFrame.from_arrow(table)` and DuckDB take it. Each stream reads the snapshot again.
#[pyclass(frozen, module = "snapscope")]
pub(crate) struct Table {
    opened: Arc<Opened>,
    relation: &'static Relation,
    columns: Vec<Chosen>,
    narrowing: Narrowing,
    filter: Option<Arc<Filter>>,
}

/// A name, or several.
#[derive(FromPyObject)]
enum Names {
    #[pyo3(transparent, annotation = "str")]
    One(String),
    #[pyo3(transparent, annotation = "list[str]")]
    Several(Vec<String>),
}

impl Names {
    fn listed(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        }
    }
}

impl Table {
    pub(crate) fn of(opened: Arc<Opened>, relation: &'static Relation) -> Self {
        let columns = columns(relation).into_iter().map(Chosen::Own).collect();
        Self { opened, relation, columns, narrowing: Narrowing::default(), filter: None }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let Self { opened, relation, columns, narrowing, filter } = self;
        let mut other = Self {
            opened: Arc::clone(opened),
            relation,
            columns: columns.clone(),
            narrowing: narrowing.clone(),
            filter: filter.clone(),
        };
        change(&mut other);
        other
    }

    fn request(&self) -> Request {
        let own = self.columns.iter().filter_map(|column| match column {
            Chosen::Own(column) => Some(column.from),
            Chosen::Common(_) => None,
        });
        let mut own: Vec<usize> = own.collect();
        own.sort_unstable();
        own.dedup();
        Request {
            narrowing: self.narrowing.clone(),
            filter: self.filter.clone(),
            lists_as_json: true,
            ..Request::new(self.relation, own)
        }
    }

    fn rows(&self) -> PyResult<Rows> {
        let is_common = |column: &Chosen| matches!(column, Chosen::Common(_));
        let common = match self.columns.iter().any(is_common) {
            true => self.opened.common()?.to_vec(),
            false => Vec::new(),
        };
        let request = self.request();
        let requested = request.columns.clone();
        Ok(Rows {
            opened: Arc::clone(&self.opened),
            scan: Scan::start(Arc::clone(&self.opened.snapshot), request),
            schema: arrow_schema(&self.columns),
            columns: self.columns.clone(),
            requested,
            common,
            is_over: false,
            is_ended: false,
        })
    }
}

#[pymethods]
impl Table {
    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.relation.name
    }

    /// Its content, in one line.
    #[getter]
    fn about(&self) -> &str {
        &self.relation.about
    }

    /// The names of its columns.
    #[getter]
    fn columns(&self) -> Vec<&str> {
        self.columns.iter().map(name_of).collect()
    }

    /// Returns the table with these columns only, in this order; one column needs no list. Other columns are not decoded.
    /// The columns `cluster`, `datacenter`, `snapshot`, `taken` and `raft_index` can be selected, too.
    fn select(&self, columns: Names) -> PyResult<Self> {
        let columns = columns.listed();
        let known: Vec<Chosen> = all_columns(self.relation);
        let chosen = columns.iter().map(|name| find(&known, name, self.relation));
        let chosen: Vec<Chosen> = chosen.collect::<PyResult<_>>()?;
        Ok(self.with(|table| table.columns = chosen))
    }

    /// Returns the table with the columns `cluster`, `datacenter`, `snapshot`, `taken` and `raft_index` in front, as
    /// Parquet files have them, so that tables of many snapshots can be put together. The snapshot is read once more to
    /// find them.
    fn with_snapshot(&self) -> Self {
        self.with(|table| {
            let own = table.columns.iter().filter(|column| matches!(column, Chosen::Own(_)));
            table.columns = common().chain(own.cloned()).collect();
        })
    }

    /// Returns the rows for which an expression of Consul's filter language holds, such as `Service == "web"`.
    #[pyo3(name = "filter")]
    fn filtered(&self, expression: &str) -> PyResult<Self> {
        let From::Objects(table) = self.relation.rows else {
            let name = &self.relation.name;
            return Err(refused(format!("table {name:?} has no objects to filter; use sql()")));
        };
        let filter = Filter::compile(expression, &table.kind.shape()).map_err(refused)?;
        Ok(self.with(|table| table.filter = Some(Arc::new(filter))))
    }

    /// Returns the rows whose ID, the first column, is one of these; one ID needs no list.
    fn ids(&self, ids: Names) -> PyResult<Self> {
        self.needs_ids()?;
        let ids: HashSet<Id> = ids.listed().iter().map(|id| Id::of(id.as_bytes())).collect();
        Ok(self.with(|table| table.narrowing.0.push(Condition::OneOf(ids))))
    }

    /// Returns the rows whose ID, the first column, starts with a text.
    fn prefix(&self, prefix: &str) -> PyResult<Self> {
        self.needs_ids()?;
        let condition = Condition::Prefix(prefix.as_bytes().to_vec());
        Ok(self.with(|table| table.narrowing.0.push(condition)))
    }

    /// Returns the number of rows. No column is decoded.
    fn count(&self, py: Python<'_>) -> PyResult<u64> {
        let request = Request { columns: Vec::new(), ..self.request() };
        py.detach(|| {
            let scan = Scan::start(Arc::clone(&self.opened.snapshot), request);
            let rows = scan.map(|batch| batch.map(|batch| batch.rows() as u64));
            let count = rows.sum::<Result<u64, _>>().map_err(failed)?;
            self.opened.refuse_damage()?;
            Ok(count)
        })
    }

    /// Arrow's interface: a stream of the rows, as a capsule. `requested_schema` has no effect, which the interface
    /// permits; use `select`.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let rows = py.detach(|| self.rows())?;
        stream_capsule(py, Box::new(rows))
    }

    /// Arrow's interface: the schema, as a capsule.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &arrow_schema(&self.columns))
    }

    fn __repr__(&self) -> String {
        let name = self.opened.snapshot.name();
        format!(
            "<snapscope.Table {} of {name:?}: {}>",
            self.relation.name,
            self.columns().join(", ")
        )
    }
}

impl Table {
    fn needs_ids(&self) -> PyResult<()> {
        match has_ids(self.relation) {
            true => Ok(()),
            false => Err(refused(format!("table {:?} has no IDs; use sql()", self.relation.name))),
        }
    }
}

/// Whether the first column contains the IDs of objects.
const fn has_ids(relation: &Relation) -> bool {
    matches!(relation.rows, From::Objects(_) | From::Links(_))
}

/// The schema of a table without any snapshot, as an object with `__arrow_c_schema__`.
#[pyclass(frozen, module = "snapscope")]
pub(crate) struct TableSchema {
    schema: SchemaRef,
    /// The name of the column that contains IDs.
    #[pyo3(get)]
    id: Option<String>,
}

#[pymethods]
impl TableSchema {
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }
}

/// Returns the schema of a table with the common columns in front. No snapshot is read.
#[pyfunction]
#[pyo3(signature = (table, /))]
pub(crate) fn schema(table: &str) -> PyResult<TableSchema> {
    let relation = named(table)?;
    let first = || relation.columns.first().map(|column| column.name.clone());
    let id = if has_ids(relation) { first() } else { None };
    Ok(TableSchema { schema: arrow_schema(&all_columns(relation)), id })
}

/// The table with this name. Names of `list` have dashes instead of underscores, and mean the same.
pub(crate) fn named(name: &str) -> PyResult<&'static Relation> {
    relation(&name.replace('-', "_")).ok_or_else(|| {
        let names = || RELATIONS.iter().map(|relation| relation.name.as_str());
        let hint = match nearest(name, names()) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("tables: {}", names().collect::<Vec<_>>().join(", ")),
        };
        pyo3::exceptions::PyKeyError::new_err(format!("no table {name:?}; {hint}"))
    })
}

fn common() -> impl Iterator<Item = Chosen> {
    (0..COMMON.len()).map(Chosen::Common)
}

fn all_columns(relation: &Relation) -> Vec<Chosen> {
    common().chain(columns(relation).into_iter().map(Chosen::Own)).collect()
}

fn name_of(column: &Chosen) -> &str {
    match column {
        Chosen::Common(at) => COMMON.get(*at).map_or("", |(name, _)| name),
        Chosen::Own(column) => &column.name,
    }
}

fn find(known: &[Chosen], name: &str, relation: &Relation) -> PyResult<Chosen> {
    let found = known.iter().find(|column| name_of(column) == name).cloned();
    found.ok_or_else(|| {
        let names = || known.iter().map(name_of);
        let hint = match nearest(name, names()) {
            Some(meant) => format!("did you mean {meant:?}?"),
            None => format!("columns: {}", names().collect::<Vec<_>>().join(", ")),
        };
        refused(format!("table {:?} has no column {name:?}; {hint}", relation.name))
    })
}

fn arrow_schema(columns: &[Chosen]) -> SchemaRef {
    let field = |column: &Chosen| -> Option<Field> {
        Some(match column {
            Chosen::Common(at) => COMMON.get(*at).map(|(name, class)| field(name, *class))?,
            Chosen::Own(column) => field(&column.name, column.class),
        })
    };
    let fields: Vec<Field> = columns.iter().filter_map(field).collect();
    let metadata = HashMap::from([(VERSION_KEY.to_owned(), VERSION.to_owned())]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}
