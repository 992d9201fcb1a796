//! Keys directly from their records: they are nine of ten rows of a large snapshot.

use super::batch::Batch;
use crate::cells::Cells;
use crate::masking::Masking;
use crate::schema::{Holds, Table};
use snapscope_decode::Kind;
use snapscope_decode::records::KvRef;
use snapscope_decode::stream::Frame;
use snapscope_objects::kind::{Cell, KindId};

/// A field of a key's record, or a value derived from it.
#[derive(Debug, Clone, Copy)]
enum Field {
    Key,
    Size,
    Flags,
    Session,
    Modified,
    Created,
    LockIndex,
    Value,
    /// Always null: servers do not store it.
    More,
}

/// The requested columns of keys.
#[derive(Debug)]
pub(super) struct Keys(Vec<Field>);

impl Keys {
    /// The requested columns, if the table is that of keys and all of them can be read this way.
    pub(super) fn of(table: &Table, columns: &[usize]) -> Option<Self> {
        if table.kind.id != KindId::Kv {
            return None;
        }
        let field = |column: &usize| match table.columns.get(*column)?.holds {
            Holds::Id => Some(Field::Key),
            Holds::Value(_) => Some(Field::Value),
            Holds::Json => Some(Field::More),
            Holds::Reference(_) => None,
            Holds::Shown(column) => match column.cell {
                Cell::Made { from: ["Value"], .. } => Some(Field::Size),
                Cell::Field("Flags") => Some(Field::Flags),
                Cell::Field("Session") => Some(Field::Session),
                Cell::Field("ModifyIndex") => Some(Field::Modified),
                Cell::Field("CreateIndex") => Some(Field::Created),
                Cell::Field("LockIndex") => Some(Field::LockIndex),
                _ => None,
            },
        };
        columns.iter().map(field).collect::<Option<Vec<Field>>>().map(Self)
    }

    /// Whether only rows are counted.
    pub(super) const fn are_only_counted(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the row of a record. Returns `false`, and adds nothing, if the record is not in the
    /// form in which servers write keys.
    pub(super) fn add(
        &self,
        frame: &Frame<'_>,
        masking: Option<&Masking>,
        batch: &mut Batch,
    ) -> bool {
        if frame.kind != Kind::KVS {
            return false;
        }
        if self.0.is_empty() {
            // Any map is a key's row, whatever fields it has.
            let is_row = frame.entries().is_some();
            batch.rows += usize::from(is_row);
            return is_row;
        }
        let Some(kv) = KvRef::as_servers_write(frame.cursor()) else { return false };
        batch.width = self.0.len();
        batch.rows += 1;
        self.0.iter().for_each(|field| cell(*field, &kv, masking, &mut batch.cells));
        true
    }
}

fn cell(field: Field, kv: &KvRef<'_>, masking: Option<&Masking>, out: &mut Cells) {
    match (field, masking) {
        (Field::Key, None) => out.text(kv.key.0),
        (Field::Key, Some(masking)) => out.text(&masking.key(kv.key.0)),
        (Field::Size, _) => out.uint(kv.value.0.len() as u64),
        (Field::Flags, _) => out.uint(kv.flags),
        (Field::Session, _) if kv.session.0.is_empty() => out.null(),
        (Field::Session, _) => out.text(kv.session.0),
        (Field::Modified, _) => out.uint(kv.modify_index),
        (Field::Created, _) => out.uint(kv.create_index),
        (Field::LockIndex, _) => out.uint(kv.lock_index),
        (Field::Value, Some(_)) if !kv.value.0.is_empty() => {
            out.written(|shown| Masking::value(kv.value.0, shown));
        }
        (Field::Value, _) => out.blob(kv.value.0),
        (Field::More, _) => out.null(),
    }
}
