//! A file's rows without the common columns, which are known at the end only.

use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, ParquetMetaData};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use snapscope_tables::columnar::{Column, VERSION, VERSION_KEY, columns, own_schema, record_batch};
use snapscope_tables::{Batch, Relation, Request};
use std::fs::File;
use std::io;

/// Bytes of a row group: readers split files at row groups, and the writer holds one in memory.
pub(crate) const ROW_GROUP: usize = 32 << 20;

/// Bytes of a page.
const PAGE: usize = 96 << 10;

/// The version of the schema, for the metadata of a file.
pub(crate) fn version() -> KeyValue {
    KeyValue::new(VERSION_KEY.to_owned(), VERSION.to_owned())
}

/// How columns are written.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        // Copied columns have no index of their pages, so the others have none either.
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        // Buffers of this size stay in the allocator's hands. Larger ones are given back to the system, and each new one
        // has its memory mapped and cleared again.
        .set_data_page_size_limit(PAGE)
        .set_dictionary_page_size_limit(PAGE)
        .set_created_by(concat!("snapscope ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// A table whose rows are encoded into a temporary file.
pub(super) struct Part {
    relation: &'static Relation,
    columns: Vec<Column>,
    requested: Vec<usize>,
    writer: Option<ArrowWriter<File>>,
    count: u64,
}

/// A table with all its rows.
pub(super) struct Complete {
    pub(super) columns: Vec<Column>,
    /// The file, and where the rows are in it; `None` without any.
    pub(super) rows: Option<(File, ParquetMetaData)>,
    pub(super) count: u64,
}

impl Part {
    pub(super) fn new(relation: &'static Relation) -> Self {
        let columns = columns(relation);
        let mut requested: Vec<usize> = columns.iter().map(|column| column.from).collect();
        requested.dedup();
        Self { relation, columns, requested, writer: None, count: 0 }
    }

    /// What is read for it.
    pub(super) fn request(&self) -> Request {
        let mut request = Request::new(self.relation, self.requested.clone());
        request.lists_as_json = true;
        request
    }

    /// Adds rows.
    pub(super) fn add(&mut self, batch: &Batch) -> io::Result<()> {
        let rows = record_batch(&self.columns, &self.requested, std::slice::from_ref(batch));
        let rows = rows.map_err(io::Error::other)?;
        self.count += batch.rows() as u64;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => self.writer.insert(begin(&self.columns)?),
        };
        writer.write(&rows)?;
        if writer.in_progress_size() > ROW_GROUP {
            writer.flush()?;
        }
        Ok(())
    }

    /// Encodes what is left.
    pub(super) fn complete(self) -> io::Result<Complete> {
        let finish = |mut writer: ArrowWriter<File>| -> io::Result<(File, ParquetMetaData)> {
            let metadata = writer.finish()?;
            Ok((writer.inner().try_clone()?, metadata))
        };
        let rows = self.writer.map(finish).transpose()?;
        Ok(Complete { columns: self.columns, rows, count: self.count })
    }
}

fn begin(columns: &[Column]) -> io::Result<ArrowWriter<File>> {
    let file = tempfile::tempfile()?;
    let writer = ArrowWriter::try_new(file, own_schema(columns), Some(properties().build()));
    writer.map_err(failed)
}

pub(crate) fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
