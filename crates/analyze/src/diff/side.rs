//! One of the two snapshots, read record by record.

use super::parts::{Parts, RecordPart};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Block, Frame};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// Maximum number of blocks in flight between the thread that reads a side and the one that
/// compares: enough that neither waits for short delays of the other.
const QUEUE: usize = 2;

/// Where blocks come from.
enum Feed {
    Here(Box<Blocks>),
    Thread(Receiver<Block>, JoinHandle<Closing>),
    Ended(Box<Closing>),
    /// Between two of the others.
    Gone,
}

/// A snapshot read in step with another.
pub(super) struct Side {
    feed: Feed,
    block: Option<Block>,
    at: usize,
    /// The content of the current record, once requested.
    parts: Option<Parts>,
    /// The position of the previous block's last record.
    last: Option<Vec<u8>>,
}

impl Side {
    /// Starts reading.
    pub(super) fn new(mut blocks: Blocks, threaded: bool) -> Self {
        let feed = if threaded {
            let (send, receive) = sync_channel(QUEUE);
            let thread = std::thread::spawn(move || {
                for block in blocks.by_ref() {
                    if send.send(block).is_err() {
                        break;
                    }
                }
                blocks.finish()
            });
            Feed::Thread(receive, thread)
        } else {
            Feed::Here(Box::new(blocks))
        };
        Self { feed, block: None, at: 0, parts: None, last: None }
    }

    /// The current record; `None` after the last one.
    pub(super) fn frame(&self) -> Option<Frame<'_>> {
        self.block.as_ref()?.frame(self.at)
    }

    /// The current record with its content.
    pub(super) fn parts(&mut self, read: &mut dyn FnMut(&Frame<'_>) -> Parts) -> Option<&Parts> {
        if self.parts.is_none() {
            let frame = self.block.as_ref()?.frame(self.at)?;
            self.parts = Some(read(&frame));
        }
        self.parts.as_ref()
    }

    /// Takes the content of the current record.
    pub(super) fn take_parts(&mut self) -> Vec<RecordPart> {
        self.parts.take().map(|parts| parts.parts).unwrap_or_default()
    }

    /// Advances to the next record.
    pub(super) fn advance(&mut self) {
        self.at += 1;
        self.parts = None;
        self.fill();
    }

    /// Fetches a block with a record, unless everything is read.
    pub(super) fn fill(&mut self) {
        while self.block.as_ref().is_none_or(|block| self.at >= block.len()) {
            if let Some(block) = self.block.take()
                && let Some(frame) = block.len().checked_sub(1).and_then(|at| block.frame(at))
            {
                let last = self.last.get_or_insert_default();
                last.clear();
                last.extend_from_slice(frame.bytes);
            }
            self.at = 0;
            let next = match &mut self.feed {
                Feed::Here(blocks) => blocks.next(),
                Feed::Thread(blocks, _) => blocks.recv().ok(),
                Feed::Ended(_) | Feed::Gone => None,
            };
            match next {
                Some(block) => self.block = Some(block),
                None => {
                    self.end();
                    return;
                }
            }
        }
    }

    fn end(&mut self) {
        self.feed = match std::mem::replace(&mut self.feed, Feed::Gone) {
            Feed::Here(blocks) => Feed::Ended(Box::new(blocks.finish())),
            Feed::Thread(blocks, thread) => {
                drop(blocks);
                match thread.join() {
                    Ok(closing) => Feed::Ended(Box::new(closing)),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            ended => ended,
        };
    }

    /// What is known once everything is read.
    pub(super) fn closing(&self) -> Option<&Closing> {
        match &self.feed {
            Feed::Ended(closing) => Some(closing),
            _ => None,
        }
    }

    /// The bytes of the last record, once everything is read.
    pub(super) fn last(&self) -> Option<&[u8]> {
        self.last.as_deref()
    }

    /// What is known, once everything is read.
    pub(super) fn into_closing(mut self) -> Option<Closing> {
        self.end();
        match self.feed {
            Feed::Ended(closing) => Some(*closing),
            _ => None,
        }
    }
}
