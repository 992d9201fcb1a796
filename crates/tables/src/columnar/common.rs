//! The columns that say which snapshot of which cluster rows are from.

use super::schema::{COMMON, Class};
use arrow_array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray};
use snapscope_analyze::ClusterName;
use snapscope_archive::{Closing, Meta};
use std::sync::Arc;

/// A value that is the same in all rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Common {
    /// Text.
    Text(Option<String>),
    /// A number, or microseconds since 1970.
    Number(Option<i64>),
}

impl Common {
    /// The values of a snapshot for the columns of [`COMMON`], in this order.
    #[must_use]
    pub fn of(cluster: ClusterName, closing: &Closing) -> Vec<Self> {
        let meta = closing.meta.as_ref();
        let taken = meta.and_then(Meta::taken_ms);
        let last = closing.header.as_ref().and_then(|header| header.last_index);
        let index = meta.map(|meta| meta.index).or(last);
        vec![
            Self::Text(cluster.id),
            Self::Text(cluster.datacenter),
            Self::Text(meta.map(|meta| meta.id.clone())),
            Self::Number(taken.and_then(|ms| ms.checked_mul(1000))),
            Self::Number(index.and_then(|index| i64::try_from(index).ok())),
        ]
    }

    /// The value in each of some rows, as the column at this position of [`COMMON`].
    #[must_use]
    pub fn repeated(&self, at: usize, rows: usize) -> ArrayRef {
        match (self, COMMON.get(at).map(|(_, class)| *class)) {
            (Self::Text(text), _) => {
                Arc::new(StringArray::from_iter((0..rows).map(|_| text.as_deref())))
            }
            (Self::Number(number), Some(Class::Time)) => {
                let times = TimestampMicrosecondArray::from_iter((0..rows).map(|_| *number));
                Arc::new(times.with_timezone("UTC"))
            }
            (Self::Number(number), _) => {
                Arc::new(Int64Array::from_iter((0..rows).map(|_| *number)))
            }
        }
    }
}
