//! Merges several files into one.

use crate::columnar::{failed, file_schema, properties};
use crate::formats::Format;
use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_ipc::writer::FileWriter;
use arrow_schema::{ArrowError, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use snapscope_objects::kind::KindId;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};
use std::sync::Arc;

/// Number of rows that are copied at a time.
const ROWS: usize = 8192;

type Batches = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>;

/// Writes the rows of files, in their order, into one. Returns their number.
pub(super) fn merge(
    kind: KindId,
    format: Format,
    sources: impl Iterator<Item = io::Result<File>>,
    out: File,
) -> io::Result<u64> {
    let schema = file_schema(kind).ok_or_else(|| io::Error::other("unknown type"))?;
    let mut to = Writer::new(format, &schema, out)?;
    let mut rows = 0;
    for source in sources {
        let (found, batches) = read(format, source?)?;
        if found.fields() != schema.fields() {
            let why = "its columns are not those of this version of snapscope";
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
        for batch in batches {
            let batch = batch.map_err(io::Error::other)?;
            rows += batch.num_rows() as u64;
            let columns = batch.columns().to_vec();
            let batch = RecordBatch::try_new(Arc::clone(&schema), columns);
            to.write(&batch.map_err(io::Error::other)?)?;
        }
    }
    to.finish()?;
    Ok(rows)
}

fn read(format: Format, file: File) -> io::Result<(SchemaRef, Batches)> {
    if format == Format::Arrow {
        let reader = FileReader::try_new(BufReader::new(file), None).map_err(io::Error::other)?;
        return Ok((reader.schema(), Box::new(reader)));
    }
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(failed)?;
    let schema = Arc::clone(builder.schema());
    let reader = builder.with_batch_size(ROWS).build().map_err(failed)?;
    Ok((schema, Box::new(reader)))
}

enum Writer {
    Parquet(Box<ArrowWriter<File>>),
    Arrow(Box<FileWriter<BufWriter<File>>>),
}

impl Writer {
    fn new(format: Format, schema: &SchemaRef, out: File) -> io::Result<Self> {
        if format == Format::Arrow {
            let out = BufWriter::with_capacity(1 << 20, out);
            let writer = FileWriter::try_new(out, schema).map_err(io::Error::other)?;
            return Ok(Self::Arrow(Box::new(writer)));
        }
        let properties = properties().build();
        let writer = ArrowWriter::try_new(out, Arc::clone(schema), Some(properties));
        Ok(Self::Parquet(Box::new(writer.map_err(failed)?)))
    }

    fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        match self {
            Self::Arrow(writer) => writer.write(batch).map_err(io::Error::other),
            Self::Parquet(writer) => {
                writer.write(batch)?;
                if writer.in_progress_size() > crate::columnar::ROW_GROUP {
                    writer.flush()?;
                }
                Ok(())
            }
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Arrow(mut writer) => {
                writer.finish().map_err(io::Error::other)?;
                writer.into_inner().map_err(io::Error::other)?.flush()
            }
            Self::Parquet(mut writer) => {
                writer.append_key_value_metadata(crate::columnar::version());
                writer.finish()?;
                Ok(())
            }
        }
    }
}
