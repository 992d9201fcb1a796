//! A snapshot in any form, packed as the archive that servers make.

use crate::meta::made_meta;
use crate::writer::SnapshotWriter;
use serde_json::{Map, Value};
use snapscope_archive::{Blocks, Closing, OpenError, OpenOptions, Source, open};
use std::io::{self, Seek, Write};

/// Why no snapshot can be made of another.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// It can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is nothing in it to go by.
    #[error("{name}: {}", what(closing))]
    NoState {
        /// What it is called.
        name: String,
        /// What is known about it.
        closing: Box<Closing>,
    },
}

fn what(closing: &Closing) -> String {
    let found = closing.integrity.damage().next();
    found.map_or_else(|| "no state.bin found".to_owned(), ToString::to_string)
}

/// A snapshot about to be packed.
pub struct Packing {
    blocks: Blocks,
    meta: Map<String, Value>,
    is_made: bool,
}

impl Packing {
    /// Opens what is to be packed. It is read a second time where `meta.json` follows `state.bin`.
    ///
    /// # Errors
    /// When it can't be opened, or holds no `state.bin` with a header.
    pub fn open(source: Source, options: &OpenOptions) -> Result<Self, RewriteError> {
        let source = crate::spool::spooled(source)?;
        let mut blocks = open(&source, options)?;
        // The header may be in the piece after the one in which state.bin begins.
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
                // The highest index of any table is as far as the state goes for sure.
                let index = closing.header.and_then(|header| header.last_index).unwrap_or(0);
                Ok(Self { blocks, meta: made_meta(index), is_made: true })
            }
        }
    }

    /// The `meta.json` to start the new snapshot with.
    #[must_use]
    pub const fn meta(&self) -> &Map<String, Value> {
        &self.meta
    }

    /// Whether there was none, so that it had to be made.
    #[must_use]
    pub const fn meta_is_made(&self) -> bool {
        self.is_made
    }

    /// Copies `state.bin` up to its last whole record, or reads it only; gives what is known about the
    /// snapshot then.
    ///
    /// # Errors
    /// When the new snapshot can't be written to.
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
