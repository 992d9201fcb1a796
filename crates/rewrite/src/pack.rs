//! Packs a snapshot in any form as servers do.

use crate::meta::made_meta;
use crate::writer::SnapshotWriter;
use serde_json::{Map, Value};
use snapscope_archive::{Blocks, Closing, OpenError, OpenOptions, Source, open};
use std::io::{self, Seek, Write};

/// Why a snapshot cannot be packed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It has no usable content.
    #[error("{name}: {}", what(closing))]
    NoState {
        /// Its name.
        name: String,
        /// What is known about it.
        closing: Box<Closing>,
    },
}

fn what(closing: &Closing) -> String {
    let found = closing.integrity.damage().next();
    found.map_or_else(|| "no state.bin found".to_owned(), ToString::to_string)
}

/// A snapshot to pack.
pub struct Packing {
    blocks: Blocks,
    meta: Map<String, Value>,
    is_made: bool,
}

impl Packing {
    /// Opens the input. It is read a second time if `meta.json` follows `state.bin`.
    ///
    /// # Errors
    /// If it cannot be opened, or has no `state.bin` with a header.
    pub fn open(source: Source, options: &OpenOptions) -> Result<Self, RewriteError> {
        let source = crate::spool::spooled(source)?;
        let mut blocks = open(&source, options)?;
        // The header may be in the piece after the start of state.bin.
        if blocks.header().is_none() {
            let _ = blocks.next();
            if blocks.header().is_none() {
                let closing = Box::new(blocks.finish());
                return Err(RewriteError::NoState { name: source.name(), closing });
            }
            blocks = open(&source, options)?;
        }
        if let Some(meta) = blocks.early_meta() {
            let meta = meta.object.clone();
            return Ok(Self { blocks, meta, is_made: false });
        }
        blocks.by_ref().for_each(drop);
        let closing = blocks.finish();
        let blocks = open(&source, options)?;
        match closing.meta {
            Some(meta) => Ok(Self { blocks, meta: meta.object, is_made: false }),
            None => {
                // The highest index of any table is certainly part of the state.
                let index = closing.header.and_then(|header| header.last_index).unwrap_or(0);
                Ok(Self { blocks, meta: made_meta(index), is_made: true })
            }
        }
    }

    /// The `meta.json` for the new snapshot.
    #[must_use]
    pub const fn meta(&self) -> &Map<String, Value> {
        &self.meta
    }

    /// Whether it had to be created.
    #[must_use]
    pub const fn meta_is_made(&self) -> bool {
        self.is_made
    }

    /// Copies `state.bin` up to its last whole record, or only reads it; returns what is then known
    /// about the snapshot.
    ///
    /// # Errors
    /// If writing the new snapshot fails.
    pub fn copy<W: Write + Seek>(
        mut self,
        mut writer: Option<&mut SnapshotWriter<W>>,
    ) -> io::Result<Closing> {
        let mut is_first = true;
        while let Some(block) = self.blocks.next() {
            if let Some(writer) = &mut writer {
                if std::mem::take(&mut is_first) {
                    writer.append(self.blocks.header().map_or(&[], |header| &header.bytes))?;
                }
                writer.append(block.bytes())?;
            }
        }
        if let (Some(writer), true) = (writer, is_first) {
            writer.append(self.blocks.header().map_or(&[], |header| &header.bytes))?;
        }
        Ok(self.blocks.finish())
    }
}
