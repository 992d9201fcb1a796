//! A stored object as a stream of bytes for synchronous code.

use super::{Location, Medium, Store, StoreError};
use crate::settings::Environment;
use bytes::Bytes;
use snapscope_archive::{Source, Stream};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Size of a request. Each piece is requested and retried separately, so a broken connection costs
/// only a piece, not gigabytes.
const PIECE: u64 = 8 << 20;
/// Maximum number of pieces waiting to be read, besides the one in flight.
const AHEAD: usize = 1;

/// An object in a bucket.
#[derive(Debug, Clone)]
pub struct RemoteObject {
    store: Store,
    name: String,
    size: u64,
    /// Identifies this version of the object.
    version: Option<String>,
}

impl RemoteObject {
    /// Finds the object that `location` names.
    ///
    /// # Errors
    /// If it does not exist, or its bucket cannot be reached or refuses.
    pub fn find(location: &Location, environment: &Environment) -> Result<Self, StoreError> {
        let Some((above, name)) = location.split() else {
            return Err(StoreError::Options(
                "this is a bucket; name a snapshot in it as BUCKET/PREFIX/NAME".to_owned(),
            ));
        };
        let store = above.store(environment)?;
        crate::block_on(Self::of(&store, &name)).map_err(|e| StoreError::Options(e.to_string()))?
    }

    /// Finds an object in a bucket.
    async fn of(store: &Store, name: &str) -> Result<Self, StoreError> {
        let (size, version) = store.head(name).await?;
        Ok(Self { store: store.clone(), name: name.to_owned(), size, version })
    }

    /// It as a source, which can be read again.
    #[must_use]
    pub fn source(self) -> Source {
        Source::Stream(Stream::reopening(self.name(), self.size(), move || self.open()))
    }

    /// Returns its name in messages.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.store.name(), self.name)
    }

    /// Bytes it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns its bytes from the first on, fetched by a thread that stays a little ahead.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let (send, pieces) = sync_channel(AHEAD);
        let object = self.clone();
        std::thread::Builder::new().name("fetch".into()).spawn(move || object.fetch(&send))?;
        Ok(Box::new(Pieces { pieces, piece: Bytes::new() }))
    }

    /// Sends pieces until all are sent, one fails, or the reader is gone.
    fn fetch(&self, send: &SyncSender<io::Result<Bytes>>) {
        let done = crate::block_on(async {
            let mut at = 0;
            while at < self.size {
                let end = (at + PIECE).min(self.size);
                let piece = self
                    .store
                    .range(&self.name, at..end, self.version.clone())
                    .await
                    .map_err(io::Error::other);
                let failed = piece.is_err();
                if send.send(piece).is_err() || failed {
                    return;
                }
                at = end;
            }
        });
        if let Err(e) = done {
            let _ = send.send(Err(e));
        }
    }
}

struct Pieces {
    pieces: Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.recv() {
                Ok(piece) => self.piece = piece?,
                Err(_) => return Ok(0),
            }
        }
        let n = out.len().min(self.piece.len());
        let taken = self.piece.split_to(n);
        if let Some(out) = out.get_mut(..n) {
            out.copy_from_slice(&taken);
        }
        Ok(n)
    }
}

impl Store {
    /// A stored file or object as a source.
    ///
    /// # Errors
    /// If it does not exist, or the store cannot be reached or refuses.
    pub async fn source(&self, name: &str) -> Result<Source, StoreError> {
        match &self.place {
            Medium::Bucket(_) => Ok(RemoteObject::of(self, name).await?.source()),
            Medium::Folder(folder) => folder.source(name).await,
        }
    }

    /// Size and version of an object.
    async fn head(&self, name: &str) -> Result<(u64, Option<String>), StoreError> {
        match &self.place {
            Medium::Bucket(bucket) => bucket.head(name).await,
            Medium::Folder(_) => Err(StoreError::Options(format!("{name} is not an object"))),
        }
    }

    /// Some bytes of that version of an object.
    async fn range(
        &self,
        name: &str,
        range: std::ops::Range<u64>,
        version: Option<String>,
    ) -> Result<Bytes, StoreError> {
        match &self.place {
            Medium::Bucket(bucket) => bucket.range(name, range, version).await,
            Medium::Folder(_) => Err(StoreError::Options(format!("{name} is not an object"))),
        }
    }
}
