//! The rows of a query as a Parquet file. The types of its columns are those of its values, so the rows wait in a
//! temporary file until all of them are known.

use super::parts::{ROW_GROUP, failed, properties};
use arrow_array::builder::{BinaryBuilder, Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use snapscope_tables::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek as _, Write};
use std::sync::Arc;

/// Rows that are encoded at once.
const ROWS: usize = 8192;
/// Bytes of rows after which they are encoded.
const BYTES: usize = 8 << 20;
/// What the metadata of an incomplete answer says.
const INCOMPLETE: &str = "snapscope.incomplete";

/// What kinds of values a column has.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    ints: bool,
    floats: bool,
    texts: bool,
    blobs: bool,
}

/// A value that was read back.
enum Kept {
    Null,
    Int(i64),
    Float(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

/// The rows of a query, until they are written.
#[derive(Debug)]
pub struct AnswerFile {
    names: Vec<String>,
    seen: Vec<Seen>,
    rows: u64,
    waiting: BufWriter<File>,
}

impl AnswerFile {
    /// An answer with these columns. Equal names are numbered, because readers need different ones.
    ///
    /// # Errors
    /// If there is no room for a temporary file.
    pub fn new(columns: &[String]) -> io::Result<Self> {
        let mut used = BTreeMap::new();
        let mut names: Vec<String> = Vec::new();
        for column in columns {
            let mut name = column.clone();
            while used.contains_key(&name) {
                let count: &mut u32 = used.entry(column.clone()).or_insert(1);
                *count += 1;
                name = format!("{column}_{count}");
            }
            used.insert(name.clone(), 1);
            names.push(name);
        }
        let seen = vec![Seen::default(); names.len()];
        let waiting = BufWriter::with_capacity(1 << 18, tempfile::tempfile()?);
        Ok(Self { names, seen, rows: 0, waiting })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If the temporary file cannot be written.
    pub fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.rows += 1;
        for (value, seen) in values.iter().zip(&mut self.seen) {
            match *value {
                Value::Null => self.waiting.write_all(&[0])?,
                Value::Int(n) => {
                    seen.ints = true;
                    number(&mut self.waiting, 1, n.to_le_bytes())?;
                }
                Value::Real(x) => {
                    seen.floats = true;
                    number(&mut self.waiting, 2, x.to_le_bytes())?;
                }
                Value::Text(text) => {
                    seen.texts = true;
                    bytes(&mut self.waiting, 3, text)?;
                }
                Value::Blob(blob) => {
                    seen.blobs = true;
                    bytes(&mut self.waiting, 4, blob)?;
                }
            }
        }
        Ok(())
    }

    /// The number of rows.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the file. `incomplete` says why rows may be missing.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(self, out: impl Write + Send, incomplete: Option<String>) -> io::Result<()> {
        let types: Vec<DataType> = self.seen.iter().map(|seen| seen.data_type()).collect();
        let fields =
            self.names.iter().zip(&types).map(|(name, of)| Field::new(name, of.clone(), true));
        let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let said = incomplete.map(|why| vec![KeyValue::new(INCOMPLETE.to_owned(), why)]);
        let properties = properties().set_key_value_metadata(said).build();
        let mut writer =
            ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(failed)?;
        let mut from = self.waiting.into_inner().map_err(io::IntoInnerError::into_error)?;
        from.rewind()?;
        let mut from = BufReader::with_capacity(1 << 18, from);
        let mut left = self.rows;
        while left > 0 {
            let mut columns: Vec<Vec<Kept>> = types.iter().map(|_| Vec::new()).collect();
            let (mut rows, mut size) = (0, 0);
            while left > 0 && rows < ROWS && size < BYTES {
                for column in &mut columns {
                    let value = Kept::read(&mut from)?;
                    size += value.size();
                    column.push(value);
                }
                (rows, left) = (rows + 1, left - 1);
            }
            let arrays = columns.iter().zip(&types).map(|(values, of)| array(values, of)).collect();
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays);
            writer.write(&batch.map_err(io::Error::other)?)?;
            if writer.in_progress_size() > ROW_GROUP {
                writer.flush()?;
            }
        }
        writer.close().map(drop).map_err(failed)
    }
}

impl Seen {
    /// The type that holds all values: numbers as numbers, and whatever is mixed as text or as bytes.
    const fn data_type(self) -> DataType {
        match self {
            Self { blobs: true, .. } => DataType::Binary,
            Self { texts: true, .. } => DataType::Utf8,
            Self { floats: true, .. } => DataType::Float64,
            Self { ints: true, .. } => DataType::Int64,
            _ => DataType::Utf8,
        }
    }
}

fn number(out: &mut impl Write, tag: u8, number: [u8; 8]) -> io::Result<()> {
    out.write_all(&[tag])?;
    out.write_all(&number)
}

fn bytes(out: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    number(out, tag, (bytes.len() as u64).to_le_bytes())?;
    out.write_all(bytes)
}

impl Kept {
    fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut tag = [0];
        from.read_exact(&mut tag)?;
        if tag == [0] {
            return Ok(Self::Null);
        }
        let mut number = [0; 8];
        from.read_exact(&mut number)?;
        let mut bytes = || {
            let mut bytes = Vec::new();
            let len = u64::from_le_bytes(number);
            from.take(len).read_to_end(&mut bytes)?;
            match bytes.len() as u64 == len {
                true => Ok(bytes),
                false => Err(io::Error::from(ErrorKind::UnexpectedEof)),
            }
        };
        Ok(match tag {
            [1] => Self::Int(i64::from_le_bytes(number)),
            [2] => Self::Float(f64::from_le_bytes(number)),
            [3] => Self::Text(bytes()?),
            _ => Self::Blob(bytes()?),
        })
    }

    const fn size(&self) -> usize {
        match self {
            Self::Text(bytes) | Self::Blob(bytes) => bytes.len() + 16,
            _ => 16,
        }
    }

    /// As bytes; `None` if it is null.
    fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Null => None,
            Self::Int(n) => Some(n.to_string().into_bytes()),
            Self::Float(x) => Some(x.to_string().into_bytes()),
            Self::Text(bytes) | Self::Blob(bytes) => Some(bytes.clone()),
        }
    }
}

fn array(values: &[Kept], of: &DataType) -> ArrayRef {
    match of {
        DataType::Int64 => {
            let mut out = Int64Builder::with_capacity(values.len());
            for value in values {
                out.append_option(if let Kept::Int(n) = value { Some(*n) } else { None });
            }
            Arc::new(out.finish())
        }
        DataType::Float64 => {
            let mut out = Float64Builder::with_capacity(values.len());
            for value in values {
                out.append_option(match value {
                    Kept::Float(x) => Some(*x),
                    #[allow(clippy::cast_precision_loss)] // as SQL computes with both
                    Kept::Int(n) => Some(*n as f64),
                    _ => None,
                });
            }
            Arc::new(out.finish())
        }
        DataType::Binary => {
            let mut out = BinaryBuilder::with_capacity(values.len(), 0);
            values.iter().for_each(|value| out.append_option(value.bytes()));
            Arc::new(out.finish())
        }
        _ => {
            let mut out = StringBuilder::with_capacity(values.len(), 0);
            for value in values {
                let text = value.bytes().map(|b| String::from_utf8_lossy(&b).into_owned());
                out.append_option(text);
            }
            Arc::new(out.finish())
        }
    }
}
