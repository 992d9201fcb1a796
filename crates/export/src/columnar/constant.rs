//! A column that has the same value in all rows: a dictionary with the value, and one run of references to it.
//!
//! The writer of the parquet crate looks at each row, which takes a tenth of the time of reading a large snapshot.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding, PageType};
use parquet::column::page::{CompressedPage, Page, PageWriter as _};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{ColumnChunkMetaData, PageEncodingStats};
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use snapscope_tables::columnar::Common;

/// The encoded column of a row group, and its description.
pub(super) fn constant(
    column: ColumnDescPtr,
    value: &Common,
    rows: usize,
) -> Result<(Bytes, ColumnCloseResult)> {
    let count = u32::try_from(rows).map_err(|_| ParquetError::General("too many rows".into()))?;
    let mut out = TrackedWrite::new(Vec::new());
    let mut pages = SerializedPageWriter::new(&mut out);
    let mut sizes = Vec::new();
    let mut write = |page: Page| {
        let size = page.buffer().len();
        let spec = pages.write_page(CompressedPage::new(page, size))?;
        sizes.push(spec.uncompressed_size);
        Ok::<u64, ParquetError>(spec.offset)
    };
    let stored = plain(value);
    let dictionary = match &stored {
        Some(stored) => Some(write(Page::DictionaryPage {
            buf: stored.clone().into(),
            num_values: 1,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        })?),
        None => None,
    };
    let encoding = if stored.is_some() { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
    let data = write(Page::DataPage {
        buf: runs(stored.is_some(), count).into(),
        num_values: count,
        encoding,
        def_level_encoding: Encoding::RLE,
        rep_level_encoding: Encoding::RLE,
        statistics: None,
    })?;
    let bytes = Bytes::from(out.into_inner()?);
    let page = |page_type, encoding| PageEncodingStats { page_type, encoding, count: 1 };
    let of_dictionary = dictionary.map(|_| page(PageType::DICTIONARY_PAGE, Encoding::PLAIN));
    let pages = of_dictionary.into_iter().chain([page(PageType::DATA_PAGE, encoding)]);
    let metadata = ColumnChunkMetaData::builder(column)
        .set_compression(Compression::UNCOMPRESSED)
        .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, encoding])
        .set_page_encoding_stats(pages.collect())
        .set_total_compressed_size(number(bytes.len())?)
        .set_total_uncompressed_size(number(sizes.iter().sum::<usize>())?)
        .set_num_values(count.into())
        .set_dictionary_page_offset(dictionary.map(number).transpose()?)
        .set_data_page_offset(number(data)?)
        .set_statistics(statistics(value, count))
        .build()?;
    let close = ColumnCloseResult {
        bytes_written: bytes.len() as u64,
        rows_written: count.into(),
        metadata,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    Ok((bytes, close))
}

fn number(n: impl TryInto<i64>) -> Result<i64> {
    n.try_into().map_err(|_| ParquetError::General("a column is too large".into()))
}

/// The value in the encoding of dictionaries; `None` for null.
fn plain(value: &Common) -> Option<Vec<u8>> {
    match value {
        Common::Text(text) => {
            let text = text.as_ref()?.as_bytes();
            let len = u32::try_from(text.len()).ok()?;
            Some([&len.to_le_bytes()[..], text].concat())
        }
        Common::Number(number) => Some((*number)?.to_le_bytes().to_vec()),
    }
}

/// A data page: whether the value is in each row, and the position of each in the dictionary.
fn runs(is_present: bool, count: u32) -> Vec<u8> {
    let mut levels = run(count);
    levels.push(is_present.into());
    let len = u32::try_from(levels.len()).unwrap_or(0);
    let mut page = [&len.to_le_bytes()[..], &levels].concat();
    if is_present {
        // Positions have one bit, and all of them are 0.
        page.push(1);
        page.extend(run(count));
        page.push(0);
    }
    page
}

/// The head of a run of equal values.
fn run(count: u32) -> Vec<u8> {
    let mut left = u64::from(count) << 1;
    let mut out = Vec::new();
    loop {
        let [low, ..] = left.to_le_bytes();
        left >>= 7;
        if left == 0 {
            out.push(low & 0x7f);
            return out;
        }
        out.push(low | 0x80);
    }
}

fn statistics(value: &Common, count: u32) -> Statistics {
    let nulls = |is_null| Some(if is_null { count.into() } else { 0 });
    match value {
        Common::Text(text) => {
            let text = text.as_deref().map(ByteArray::from);
            let nulls = nulls(text.is_none());
            Statistics::byte_array(text.clone(), text, None, nulls, false)
        }
        Common::Number(number) => {
            Statistics::int64(*number, *number, None, nulls(number.is_none()), false)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::arrow::ArrowSchemaConverter;
    use parquet::file::properties::WriterProperties;
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::record::Field;
    use snapscope_tables::columnar::schema;
    use std::sync::Arc;

    #[test]
    fn every_row_has_the_value() {
        let values = [
            Common::Text(Some("c0ffee".to_owned())),
            Common::Text(Some(String::new())),
            Common::Text(None),
            Common::Number(None),
            Common::Number(Some(-7)),
        ];
        // A head of a run of one byte, of two, and of three.
        let counts = [1, 63, 64, 8191, 8192, 70_000];
        let descriptor = ArrowSchemaConverter::new().convert(&schema(&[])).unwrap();
        let properties = Arc::new(WriterProperties::builder().build());
        let root = descriptor.root_schema_ptr();
        let mut writer = SerializedFileWriter::new(Vec::new(), root, properties).unwrap();
        for count in counts {
            let mut group = writer.next_row_group().unwrap();
            for (value, column) in values.iter().zip(descriptor.columns()) {
                let (bytes, close) = constant(Arc::clone(column), value, count).unwrap();
                group.append_column(&bytes, close).unwrap();
            }
            group.close().unwrap();
        }
        let file = Bytes::from(writer.into_inner().unwrap());
        let reader = SerializedFileReader::new(file).unwrap();
        let mut rows = 0;
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let fields: Vec<&Field> = row.get_column_iter().map(|(_, field)| field).collect();
            let text = |text: &str| Field::Str(text.to_owned());
            let wanted = [text("c0ffee"), text(""), Field::Null, Field::Null, Field::Long(-7)];
            assert!(fields.iter().copied().eq(&wanted), "{fields:?}");
            rows += 1;
        }
        assert_eq!(rows, counts.iter().sum::<usize>());
        let group = reader.metadata().row_group(1);
        let statistics = |at: usize| group.column(at).statistics().unwrap();
        assert_eq!(statistics(0).min_bytes_opt(), Some(&b"c0ffee"[..]));
        assert_eq!(statistics(2).null_count_opt(), Some(63));
        assert_eq!(statistics(4).null_count_opt(), Some(0));
    }
}
