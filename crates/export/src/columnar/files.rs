//! Complete files: the common columns, followed by those of the parts.

use super::parts::{Complete, failed, properties, version};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::FileWriter;
use bytes::Bytes;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::ChunkReader;
use parquet::file::writer::{
    SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter,
};
use parquet::schema::types::{Type, TypePtr};
use rayon::iter::{
    IndexedParallelIterator as _, IntoParallelRefIterator as _, ParallelIterator as _,
};
use snapscope_tables::columnar::{Common, schema};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

/// Values that are written at once.
const PIECE: usize = 1 << 14;

/// An encoded column, and where its row groups are.
type Encoded = (Bytes, ParquetMetaData);

/// Writes a Parquet file.
pub(super) fn write_parquet(out: File, part: &Complete, common: &[Common]) -> io::Result<()> {
    let whole = schema(&part.columns);
    let descriptor = ArrowSchemaConverter::new().convert(&whole).map_err(failed)?;
    let mut properties = properties().set_key_value_metadata(Some(vec![version()])).build();
    add_encoded_arrow_schema_to_metadata(&whole, &mut properties);
    let out = BufWriter::with_capacity(1 << 20, out);
    let root = descriptor.root_schema_ptr();
    let mut writer = SerializedFileWriter::new(out, root, Arc::new(properties)).map_err(failed)?;
    if let Some((rows, metadata)) = &part.rows {
        let constants = constants(descriptor.root_schema().get_fields(), common, metadata)?;
        for (at, of) in metadata.row_groups().iter().enumerate() {
            let mut group = writer.next_row_group().map_err(failed)?;
            for (bytes, metadata) in &constants {
                copy(&mut group, bytes, metadata.row_group(at))?;
            }
            copy(&mut group, rows, of)?;
            group.close().map_err(failed)?;
        }
    }
    let mut out = writer.into_inner().map_err(failed)?;
    out.flush()
}

/// Copies the columns of a row group as they are.
fn copy(
    group: &mut SerializedRowGroupWriter<'_, BufWriter<File>>,
    from: &impl ChunkReader,
    of: &RowGroupMetaData,
) -> io::Result<()> {
    for column in of.columns() {
        let close = ColumnCloseResult {
            bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
            rows_written: u64::try_from(of.num_rows()).unwrap_or(0),
            metadata: column.clone(),
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        group.append_column(from, close).map_err(failed)?;
    }
    Ok(())
}

/// Encodes the columns with one value, each in memory: they compress to almost nothing.
fn constants(
    columns: &[TypePtr],
    common: &[Common],
    rows: &ParquetMetaData,
) -> io::Result<Vec<Encoded>> {
    let count = |group: &RowGroupMetaData| usize::try_from(group.num_rows()).unwrap_or(0);
    let counts: Vec<usize> = rows.row_groups().iter().map(count).collect();
    let encode = |(column, value)| constant(column, value, &counts);
    columns.par_iter().zip(common).map(encode).collect()
}

/// Encodes a column with one value, in row groups of these sizes.
fn constant(column: &TypePtr, value: &Common, counts: &[usize]) -> io::Result<Encoded> {
    let root = Type::group_type_builder("column").with_fields(vec![Arc::clone(column)]).build();
    let root = Arc::new(root.map_err(failed)?);
    let properties = Arc::new(properties().build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, root, properties).map_err(failed)?;
    let values = Values::of(value);
    for count in counts {
        let mut group = writer.next_row_group().map_err(failed)?;
        if let Some(mut column) = group.next_column().map_err(failed)? {
            values.write(&mut column, *count).map_err(failed)?;
            column.close().map_err(failed)?;
        }
        group.close().map_err(failed)?;
    }
    let metadata = writer.close().map_err(failed)?;
    Ok((Bytes::from(bytes), metadata))
}

/// A value as often as it is written at once; none if it is null.
enum Values {
    Texts(Vec<ByteArray>),
    Numbers(Vec<i64>),
}

impl Values {
    fn of(value: &Common) -> Self {
        match value {
            Common::Text(Some(text)) => Self::Texts(vec![ByteArray::from(text.as_str()); PIECE]),
            Common::Text(None) => Self::Texts(Vec::new()),
            Common::Number(Some(number)) => Self::Numbers(vec![*number; PIECE]),
            Common::Number(None) => Self::Numbers(Vec::new()),
        }
    }

    fn write(
        &self,
        column: &mut SerializedColumnWriter<'_>,
        rows: usize,
    ) -> Result<(), ParquetError> {
        let is_present = match self {
            Self::Texts(values) => !values.is_empty(),
            Self::Numbers(values) => !values.is_empty(),
        };
        let levels = [i16::from(is_present); PIECE];
        let mut left = rows;
        while left > 0 {
            let count = left.min(PIECE);
            left -= count;
            let levels = &levels[..count];
            match self {
                Self::Texts(values) => {
                    let values = &values[..count.min(values.len())];
                    column.typed::<ByteArrayType>().write_batch(values, Some(levels), None)?
                }
                Self::Numbers(values) => {
                    let values = &values[..count.min(values.len())];
                    column.typed::<Int64Type>().write_batch(values, Some(levels), None)?
                }
            };
        }
        Ok(())
    }
}

/// Writes an Arrow file.
pub(super) fn write_arrow(out: File, part: &Complete, common: &[Common]) -> io::Result<()> {
    let whole = schema(&part.columns);
    let out = BufWriter::with_capacity(1 << 20, out);
    let mut writer = FileWriter::try_new(out, &whole).map_err(io::Error::other)?;
    if let Some((rows, _)) = &part.rows {
        let rows = rows.try_clone()?;
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
