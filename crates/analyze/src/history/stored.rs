//! Objects that are kept until the last snapshot.

use crate::rows::Fit;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::Row;
use std::io;

/// An object in stored form: its match, the number of its record, its content.
pub(super) struct Stored<'b> {
    pub(super) fit: Fit,
    pub(super) number: u64,
    pub(super) row: &'b [u8],
}

impl<'b> Stored<'b> {
    pub(super) fn write(fit: Fit, number: u64, row: &Row) -> Vec<u8> {
        let mut out = vec![match fit {
            Fit::Id => 0,
            Fit::Name => 1,
            Fit::Beginning => 2,
        }];
        out.extend_from_slice(&number.to_le_bytes());
        row.write(&mut out);
        out
    }

    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (fit, rest) = bytes.split_first()?;
        let (number, row) = rest.split_first_chunk()?;
        let fit = match fit {
            0 => Fit::Id,
            1 => Fit::Name,
            _ => Fit::Beginning,
        };
        Some(Self { fit, number: u64::from_le_bytes(*number), row })
    }

    pub(super) fn object(row: &[u8], kind: &'static ObjectKind) -> io::Result<Row> {
        Row::read(kind, row).ok_or_else(|| io::Error::other("the temporary file was changed"))
    }
}
