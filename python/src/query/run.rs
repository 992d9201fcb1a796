//! A query that runs on a thread of its own while its rows are taken.

use super::columns::{Page, Types};
use crate::error::{failed, refused};
use crate::reading::Opened;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use pyo3::PyResult;
use snapscope_tables::Value;
use snapscope_tables::columnar::{Class, field};
use snapscope_tables::sql::{Database, Receiver as Rows, SqlError};
use std::collections::VecDeque;
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
/// Bytes of rows that are read at most to learn the types of the columns.
const TO_LEARN: usize = 64 << 20;

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
    first: VecDeque<Page>,
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
            first: VecDeque::new(),
            reports: Some(reports),
            thread: Some(thread),
        };
        let names = running.begin()?;
        let columns = names.iter().zip(&running.classes);
        let fields: Vec<Field> = columns.map(|(name, class)| field(name, *class)).collect();
        running.schema = Arc::new(Schema::new(fields));
        Ok(running)
    }

    /// Reads rows until the types of all columns are known. Returns the columns' names.
    fn begin(&mut self) -> PyResult<Vec<String>> {
        let (mut names, mut types, mut bytes) = (None, Types::new(0), 0);
        while let Some(report) = self.reports.as_ref().and_then(|reports| reports.recv().ok()) {
            match report {
                Report::Columns(columns) => {
                    types = Types::new(columns.len());
                    names = Some(columns);
                }
                Report::Rows(page) => {
                    types.see(&page);
                    bytes += page.size();
                    self.first.push_back(page);
                    if types.are_known() || bytes >= TO_LEARN {
                        break;
                    }
                }
                Report::Failed(SqlError::Query(message)) => return Err(refused(message)),
                Report::Failed(error) => return Err(failed(error)),
            }
        }
        self.classes = types.classes();
        names.ok_or_else(|| refused("the text has no query"))
    }
}

impl Iterator for Running {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(page) = self.first.pop_front() {
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
                    // After the last row, damage may be an error.
                    self.snapshots.iter().find_map(|one| one.damage_in_stream()).map(Err)
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
