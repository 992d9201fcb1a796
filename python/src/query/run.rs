//! A query that runs on a thread of its own while its rows are taken.

use super::columns::Page;
use crate::error::{failed, refused};
use crate::reading::Opened;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use pyo3::PyResult;
use snapscope_tables::Value;
use snapscope_tables::columnar::{Class, field};
use snapscope_tables::sql::{Database, Receiver as Rows, SqlError};
use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Rows and bytes from which rows are passed on together.
const ROWS: usize = 1 << 14;
const BYTES: usize = 4 << 20;
/// Number of pages that may wait.
const WAITING: usize = 2;

/// What the thread of a query reports.
enum Report {
    Columns(Vec<String>),
    Rows(Page),
    Failed(SqlError),
}

/// A running query.
pub(super) struct Running {
    pub(super) schema: SchemaRef,
    classes: Vec<Class>,
    snapshots: Vec<Arc<Opened>>,
    /// Rows that were read to learn the types.
    first: Option<Page>,
    reports: Option<Receiver<Report>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Starts a query, and waits for its first rows.
    pub(super) fn start(snapshots: &[Arc<Opened>], text: &str) -> PyResult<Self> {
        let (send, reports) = sync_channel(WAITING);
        let sources = snapshots.iter().map(|opened| Arc::clone(&opened.snapshot)).collect();
        let text = text.to_owned();
        let thread = std::thread::spawn(move || {
            let failed = send.clone();
            let mut pages = Pages { send, page: Page::default(), is_begun: false };
            let ran = Database::open(sources).and_then(|base| base.run(&text, &mut pages));
            if let Err(error) = ran {
                // If nobody listens any more, the error does not matter.
                let _ = failed.send(Report::Failed(error));
            }
        });
        let mut running = Self {
            schema: Arc::new(Schema::empty()),
            classes: Vec::new(),
            snapshots: snapshots.to_vec(),
            first: None,
            reports: Some(reports),
            thread: Some(thread),
        };
        let (names, first) = running.begin()?;
        running.classes = match &first {
            Some(page) => page.classes(names.len()),
            None => vec![Class::Text; names.len()],
        };
        let columns = names.iter().zip(&running.classes);
        let fields: Vec<Field> = columns.map(|(name, class)| field(name, *class)).collect();
        running.schema = Arc::new(Schema::new(fields));
        running.first = first;
        Ok(running)
    }

    /// The names of the columns, and the first rows if there are any.
    fn begin(&self) -> PyResult<(Vec<String>, Option<Page>)> {
        let mut names = None;
        while let Some(report) = self.reports.as_ref().and_then(|reports| reports.recv().ok()) {
            match report {
                Report::Columns(columns) => names = Some(columns),
                Report::Rows(page) => return Ok((names.unwrap_or_default(), Some(page))),
                Report::Failed(SqlError::Query(message)) => return Err(refused(message)),
                Report::Failed(error) => return Err(failed(error)),
            }
        }
        names.map(|names| (names, None)).ok_or_else(|| refused("the text has no query"))
    }

    /// After the last row: an error if damage is one.
    fn end(&self) -> Option<Result<RecordBatch, ArrowError>> {
        let mut strict = self.snapshots.iter().filter(|opened| opened.strict);
        strict.find_map(|opened| {
            let (what, _) = opened.first_damage()?;
            let name = opened.snapshot.name();
            Some(Err(ArrowError::ExternalError(format!("{name}: damaged: {what}").into())))
        })
    }
}

impl Iterator for Running {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(page) = self.first.take() {
            return Some(page.batch(&self.schema, &self.classes));
        }
        match self.reports.as_ref()?.recv() {
            Ok(Report::Rows(page)) => Some(page.batch(&self.schema, &self.classes)),
            Ok(Report::Failed(error)) => {
                self.reports = None;
                Some(Err(ArrowError::ExternalError(error.to_string().into())))
            }
            Ok(Report::Columns(_)) => None,
            Err(_) => {
                self.reports = None;
                let panicked = self.thread.take().is_some_and(|thread| thread.join().is_err());
                let what = "the query failed unexpectedly";
                if panicked {
                    Some(Err(ArrowError::ExternalError(what.into())))
                } else {
                    self.end()
                }
            }
        }
    }
}

impl RecordBatchReader for Running {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// Passes on rows in pages. If nobody listens any more, the query ends at its next page.
struct Pages {
    send: SyncSender<Report>,
    page: Page,
    is_begun: bool,
}

impl Pages {
    fn pass(&self, report: Report) -> io::Result<()> {
        self.send.send(report).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Rows for Pages {
    fn begin(&mut self, columns: &[String]) -> io::Result<()> {
        if std::mem::replace(&mut self.is_begun, true) {
            return Err(io::Error::other("several statements at once; run one query at a time"));
        }
        self.pass(Report::Columns(columns.to_vec()))
    }

    fn row(&mut self, values: &[Value<'_>]) -> io::Result<ControlFlow<()>> {
        self.page.add(values);
        if self.page.rows >= ROWS || self.page.size() >= BYTES {
            let page = std::mem::take(&mut self.page);
            self.pass(Report::Rows(page))?;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn end(&mut self) -> io::Result<()> {
        let page = std::mem::take(&mut self.page);
        if page.rows > 0 { self.pass(Report::Rows(page)) } else { Ok(()) }
    }
}
