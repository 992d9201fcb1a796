//! Buckets: trees of pages, or a single page inside a value.

use super::buffer::Buffer;
use super::database::Database;
use super::page::{HEADER, LeafElement, Page, u64_at};
use crate::error::{Damage, DamageKind, Error};
use crate::storage::ReadAt;
use std::ops::ControlFlow;

/// Maximum number of levels. With at least two keys a page, no file has more.
const DEPTH: usize = 40;

/// A bucket of a [`Database`].
#[derive(Debug)]
pub struct Bucket<'d, R> {
    database: &'d Database<R>,
    root: Root,
}

/// The location of a bucket's keys.
#[derive(Debug, Clone)]
pub(super) enum Root {
    /// In pages of their own, below this root page.
    Page(u64),
    /// In a page inside the bucket's value, at this offset.
    Inline { page: Vec<u8>, offset: u64 },
}

/// A key and its value, borrowed from their page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'p> {
    /// The key.
    pub key: &'p [u8],
    /// The value.
    pub value: &'p [u8],
    /// The offset of the value in the file.
    pub offset: u64,
}

/// Which way to descend in a tree.
enum Way<'k> {
    First,
    Last,
    To(&'k [u8]),
}

impl<'p> LeafElement<'p> {
    const fn item(&self) -> Item<'p> {
        Item { key: self.key, value: self.value, offset: self.offset }
    }
}

impl<R: ReadAt> Database<R> {
    /// Finds a bucket by name.
    ///
    /// # Errors
    /// If a page on the way to it is damaged.
    pub fn bucket(&self, name: &[u8]) -> Result<Option<Bucket<'_, R>>, Error> {
        Bucket::new(self, Root::Page(self.root())).bucket(name)
    }
}

impl<'d, R: ReadAt> Bucket<'d, R> {
    pub(super) const fn new(database: &'d Database<R>, root: Root) -> Self {
        Self { database, root }
    }

    /// Finds a bucket inside this one by name.
    ///
    /// # Errors
    /// If a page on the way to it is damaged.
    pub fn bucket(&self, name: &[u8]) -> Result<Option<Self>, Error> {
        let mut buffer = Buffer::default();
        let leaf = self.descend(&Way::To(name), &mut buffer)?;
        let Ok(at) = leaf.leaf_of(name)? else { return Ok(None) };
        let element = leaf.leaf(at)?;
        if !element.is_bucket {
            return Ok(None);
        }
        // u64 root page, u64 sequence. If the root is 0, the page follows.
        let root = match u64_at(element.value, 0) {
            Some(0) => Root::Inline {
                page: element.value.get(HEADER..).unwrap_or_default().to_vec(),
                offset: element.offset.saturating_add(HEADER as u64),
            },
            Some(page) => Root::Page(page),
            None => {
                let kind = DamageKind::Short { missing: 8 };
                return Err(Error::damage(element.offset, kind));
            }
        };
        Ok(Some(Self { database: self.database, root }))
    }

    /// Checks that the page from which all others are reached can be read.
    ///
    /// # Errors
    /// If it is damaged.
    pub(crate) fn check_root(&self) -> Result<(), Error> {
        match &self.root {
            Root::Page(root) => self.database.page(*root, &mut Buffer::default()).map(|_| ()),
            Root::Inline { page, offset } => Ok(Page::new(page, *offset).map(|_| ())?),
        }
    }

    /// Calls `with` with the item that has the lowest key.
    ///
    /// # Errors
    /// If a page on the way to it is damaged.
    pub fn first<T>(&self, with: impl FnOnce(Item<'_>) -> T) -> Result<Option<T>, Error> {
        let mut buffer = Buffer::default();
        let leaf = self.descend(&Way::First, &mut buffer)?;
        if leaf.count() == 0 {
            return Ok(None);
        }
        Ok(Some(with(leaf.leaf(0)?.item())))
    }

    /// Calls `with` with the item that has the highest key.
    ///
    /// # Errors
    /// If a page on the way to it is damaged.
    pub fn last<T>(&self, with: impl FnOnce(Item<'_>) -> T) -> Result<Option<T>, Error> {
        let mut buffer = Buffer::default();
        let leaf = self.descend(&Way::Last, &mut buffer)?;
        let Some(last) = leaf.count().checked_sub(1) else { return Ok(None) };
        Ok(Some(with(leaf.leaf(last)?.item())))
    }

    /// Calls `with` with the item that has this key.
    ///
    /// # Errors
    /// If a page on the way to it is damaged.
    pub fn get<T>(&self, key: &[u8], with: impl FnOnce(Item<'_>) -> T) -> Result<Option<T>, Error> {
        let mut buffer = Buffer::default();
        let leaf = self.descend(&Way::To(key), &mut buffer)?;
        match leaf.leaf_of(key)? {
            Ok(at) => Ok(Some(with(leaf.leaf(at)?.item()))),
            Err(_) => Ok(None),
        }
    }

    /// Calls `each` with all items from the key `from` on, in order, until it stops the walk. A
    /// damaged page is reported to `damaged`; reading continues with the pages next to it.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn walk(
        &self,
        from: &[u8],
        damaged: &mut dyn FnMut(Error) -> ControlFlow<()>,
        each: &mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut walk = Walk { database: self.database, from, pages: 0, damaged, each };
        let done = match &self.root {
            Root::Page(root) => walk.page(*root, 0, &mut Buffer::default()),
            Root::Inline { page, offset } => match Page::new(page, *offset) {
                Ok(page) => walk.leaf(&page),
                Err(e) => walk.report(e.into()),
            },
        };
        match done {
            Err(Stop::Io(e)) => Err(e),
            Err(Stop::Asked) | Ok(()) => Ok(()),
        }
    }

    /// The leaf where a descent ends.
    fn descend<'b>(&'b self, way: &Way<'_>, buffer: &'b mut Buffer) -> Result<Page<'b>, Error> {
        let mut number = match &self.root {
            Root::Inline { page, offset } => return Ok(Page::new(page, *offset)?),
            Root::Page(number) => *number,
        };
        for _ in 0..DEPTH {
            let page = self.database.page(number, buffer)?;
            if page.is_leaf() {
                // Read again, because the borrow checker cannot see that this one is the last.
                return self.database.page(number, buffer);
            }
            let at = match way {
                Way::First => 0,
                Way::Last => page.count().saturating_sub(1),
                Way::To(key) => page.branch_of(key)?,
            };
            number = page.branch(at)?.1;
        }
        Err(Error::damage(self.database.offset_of(number), DamageKind::Depth))
    }
}

/// Why a walk ended early.
enum Stop {
    Asked,
    Io(Error),
}

struct Walk<'w, R> {
    database: &'w Database<R>,
    from: &'w [u8],
    /// Number of pages read. If there are more than the file has, the pages form a cycle.
    pages: u64,
    damaged: &'w mut dyn FnMut(Error) -> ControlFlow<()>,
    each: &'w mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
}

impl<R: ReadAt> Walk<'_, R> {
    fn report(&mut self, e: Error) -> Result<(), Stop> {
        if matches!(e, Error::Io(_)) {
            return Err(Stop::Io(e));
        }
        match (self.damaged)(e) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stop::Asked),
        }
    }

    fn page(&mut self, number: u64, depth: usize, buffer: &mut Buffer) -> Result<(), Stop> {
        self.pages = self.pages.saturating_add(1);
        if depth > DEPTH || self.pages > self.database.pages() {
            let offset = self.database.offset_of(number);
            self.report(Error::damage(offset, DamageKind::Depth))?;
            return Err(Stop::Asked);
        }
        let page = match self.database.page(number, buffer) {
            Ok(page) => page,
            Err(e) => return self.report(e),
        };
        if page.is_leaf() {
            return self.leaf(&page);
        }
        // The position of the first key. In a damaged branch, each element is checked below.
        let first = page.branch_of(self.from).unwrap_or(0);
        // The buffer is needed for the pages below.
        let numbers = (first..page.count()).map(|at| page.branch(at).map(|(_, number)| number));
        let below: Vec<Result<u64, Damage>> = numbers.collect();
        for number in below {
            match number {
                Ok(number) => self.page(number, depth + 1, buffer)?,
                Err(e) => self.report(e.into())?,
            }
        }
        Ok(())
    }

    fn leaf(&mut self, page: &Page<'_>) -> Result<(), Stop> {
        for at in 0..page.count() {
            match page.leaf(at) {
                Ok(element) if element.key < self.from => {}
                Ok(element) => {
                    if (self.each)(element.item()).is_break() {
                        return Err(Stop::Asked);
                    }
                }
                Err(e) => self.report(e.into())?,
            }
        }
        Ok(())
    }
}
