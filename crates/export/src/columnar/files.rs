//! Complete files: the common columns, followed by those of the parts.

use super::parts::{Part, failed, properties, version};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use snapscope_tables::columnar::{Common, schema};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

/// Values that are written at once.
const PIECE: usize = 1 << 14;

/// Writes a Parquet file.
pub(super) fn write_parquet(out: File, part: &mut Part, common: &[Common]) -> io::Result<()> {
    let whole = schema(&part.columns);
    let descriptor = ArrowSchemaConverter::new().convert(&whole).map_err(failed)?;
    let mut properties = properties().set_key_value_metadata(Some(vec![version()])).build();
    add_encoded_arrow_schema_to_metadata(&whole, &mut properties);
    let out = BufWriter::with_capacity(1 << 20, out);
    let root = descriptor.root_schema_ptr();
    let mut writer = SerializedFileWriter::new(out, root, Arc::new(properties)).map_err(failed)?;
    if let Some((rows, metadata)) = part.finish()? {
        for at in 0..metadata.num_row_groups() {
            let mut group = writer.next_row_group().map_err(failed)?;
            let count = usize::try_from(metadata.row_group(at).num_rows()).unwrap_or(0);
            common.iter().try_for_each(|value| constant(&mut group, value, count))?;
            columns(&mut group, &rows, &metadata, at)?;
            group.close().map_err(failed)?;
        }
    }
    let mut out = writer.into_inner().map_err(failed)?;
    out.flush()
}

/// Writes a column with one value.
fn constant(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    value: &Common,
    rows: usize,
) -> io::Result<()> {
    let Some(mut column) = group.next_column().map_err(failed)? else { return Ok(()) };
    let mut left = rows;
    while left > 0 {
        let count = left.min(PIECE);
        left -= count;
        match value {
            Common::Text(text) => {
                let value = text.as_deref().map(ByteArray::from);
                let values = vec![value.clone().unwrap_or_default(); count];
                let (values, levels) = present(&values, value.is_some(), count);
                column.typed::<ByteArrayType>().write_batch(values, Some(&levels), None)
            }
            Common::Number(number) => {
                let values = vec![number.unwrap_or(0); count];
                let (values, levels) = present(&values, number.is_some(), count);
                column.typed::<Int64Type>().write_batch(values, Some(&levels), None)
            }
        }
        .map_err(failed)?;
    }
    column.close().map_err(failed)
}

/// The values that are there, and whether there is one in each row.
fn present<T>(values: &[T], is_present: bool, count: usize) -> (&[T], Vec<i16>) {
    let values = if is_present { values } else { &[] };
    (values, vec![i16::from(is_present); count])
}

/// Copies the columns of a row group as they are.
fn columns(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    rows: &File,
    metadata: &ParquetMetaData,
    at: usize,
) -> io::Result<()> {
    let of = metadata.row_group(at);
    for column in of.columns() {
        let close = ColumnCloseResult {
            bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
            rows_written: u64::try_from(of.num_rows()).unwrap_or(0),
            metadata: column.clone(),
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        group.append_column(rows, close).map_err(failed)?;
    }
    Ok(())
}

/// Writes an Arrow file.
pub(super) fn write_arrow(out: File, part: &mut Part, common: &[Common]) -> io::Result<()> {
    let whole = schema(&part.columns);
    let out = BufWriter::with_capacity(1 << 20, out);
    let mut writer = FileWriter::try_new(out, &whole).map_err(io::Error::other)?;
    if let Some((rows, _)) = part.finish()? {
        let reader = ParquetRecordBatchReaderBuilder::try_new(rows).map_err(failed)?;
        for batch in reader.build().map_err(failed)? {
            let batch = batch.map_err(io::Error::other)?;
            let count = batch.num_rows();
            let mut arrays: Vec<ArrayRef> =
                common.iter().enumerate().map(|(at, value)| value.repeated(at, count)).collect();
            arrays.extend(batch.columns().iter().cloned());
            let batch = RecordBatch::try_new(Arc::clone(&whole), arrays);
            batch.and_then(|batch| writer.write(&batch)).map_err(io::Error::other)?;
        }
    }
    writer.finish().map_err(io::Error::other)?;
    let mut out = writer.into_inner().map_err(io::Error::other)?;
    out.flush()
}
