//! A bucket or container as a store.

use super::stored::{SMALL, Stored};
use super::{Lease, StoreError};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use futures_util::stream::FuturesUnordered;
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt as _};
use std::fs::File;
use std::io::{self, Read as _, Seek as _};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Size of a part of an upload, unless that makes too many parts.
const PART: u64 = 8 << 20;
/// S3 accepts at most 10 000 parts.
const MOST_PARTS: u64 = 9_000;
/// Maximum number of parts in flight; with the part being read this bounds the memory of an upload.
const AT_ONCE: usize = 2;
/// How long aborting an upload may take.
const ABORT_PATIENCE: Duration = Duration::from_secs(5);

/// A bucket and a prefix.
#[derive(Debug, Clone)]
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    fallback: Option<Fallback>,
    prefix: Key,
    name: String,
}

/// The same bucket without checksums.
#[derive(Debug, Clone)]
struct Fallback {
    store: Arc<dyn ObjectStore>,
    /// Set once the bucket accepted a request without checksums after refusing it with them.
    is_needed: Arc<AtomicBool>,
}

impl Bucket {
    pub(super) fn new(
        store: Arc<dyn ObjectStore>,
        prefix: &str,
        name: &str,
    ) -> Result<Self, StoreError> {
        let prefix = Key::parse(prefix.trim_matches('/'))
            .map_err(|e| StoreError::Options(format!("{name}: invalid prefix: {e}")))?;
        Ok(Self { store, fallback: None, prefix, name: name.to_owned() })
    }

    /// The same, with `store` as a fallback for refused objects.
    pub(super) fn with_fallback(self, store: Arc<dyn ObjectStore>) -> Self {
        Self { fallback: Some(Fallback { store, is_needed: Arc::default() }), ..self }
    }

    fn key(&self, name: &str) -> Key {
        self.prefix.clone().join(name)
    }

    /// The key of a path below the prefix, as it is written.
    pub(super) fn below(&self, path: &str) -> Result<Key, StoreError> {
        let whole = match self.prefix.as_ref() {
            "" => path.to_owned(),
            prefix => format!("{prefix}/{path}"),
        };
        Key::parse(&whole)
            .map_err(|e| StoreError::Options(format!("{}: invalid path: {e}", self.name)))
    }

    fn failed(&self, doing: &'static str) -> impl Fn(Error) -> StoreError {
        let store = self.name.clone();
        move |error| StoreError::remote(&store, doing, &error)
    }

    pub(super) async fn list(&self) -> Result<Vec<Stored>, StoreError> {
        let is_root = self.prefix.as_ref().is_empty();
        self.list_in((!is_root).then_some(&self.prefix)).await
    }

    /// Lists the objects directly below a prefix.
    pub(super) async fn list_in(&self, prefix: Option<&Key>) -> Result<Vec<Stored>, StoreError> {
        let below =
            self.store.list_with_delimiter(prefix).await.map_err(self.failed("listing it"))?;
        let stored = below.objects.into_iter().filter_map(|object| {
            let name = object.location.filename()?.to_owned();
            Some(Stored { name, size: object.size, modified: object.last_modified.into() })
        });
        Ok(stored.collect())
    }

    pub(super) async fn put(
        &self,
        name: &str,
        bytes: Vec<u8>,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        self.put_at(&self.key(name), name, bytes, lease).await
    }

    pub(super) async fn put_at(
        &self,
        key: &Key,
        name: &str,
        bytes: Vec<u8>,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        self.send(key, name, "storing an object", &Content::Bytes(bytes.into()), lease).await
    }

    pub(super) async fn put_file(
        &self,
        name: &str,
        file: &File,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        self.send(&self.key(name), name, "uploading a snapshot", &Content::File(file), lease).await
    }

    pub(super) async fn put_file_at(
        &self,
        key: &Key,
        name: &str,
        file: &File,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        self.send(key, name, "uploading a file", &Content::File(file), lease).await
    }

    /// Stores an object with a checksum, or without if the bucket refuses it.
    async fn send(
        &self,
        key: &Key,
        name: &str,
        doing: &'static str,
        content: &Content<'_>,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let known = self.fallback.as_ref().filter(|plain| plain.is_needed.load(Ordering::Relaxed));
        let store = known.map_or(&self.store, |plain| &plain.store);
        let error = match content.send(&**store, key, lease).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Lease) => return Err(StoreError::LeaseEnded),
            Err(Trouble::Reading(error)) => {
                let path = name.to_owned();
                return Err(StoreError::Io { path, doing: "reading the data to store", error });
            }
            Err(Trouble::Sending(e)) => e,
        };
        let error_said = self.failed(doing)(error);
        if let (Some(plain), None) = (&self.fallback, known)
            && may_be_for_a_checksum(&error_said)
        {
            match content.send(&*plain.store, key, lease).await {
                Ok(()) => {
                    plain.is_needed.store(true, Ordering::Relaxed);
                    return Ok(());
                }
                Err(Trouble::Lease) => return Err(StoreError::LeaseEnded),
                // The first error is the cause.
                Err(Trouble::Reading(_) | Trouble::Sending(_)) => {}
            }
        }
        Err(error_said)
    }

    /// The content of an object of any size; `None` if it does not exist.
    pub(super) async fn get_whole(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = self.failed("reading an object");
        match self.store.get(key).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(failed)?.into())),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(e) => Err(failed(e)),
        }
    }

    pub(super) async fn is_there(&self, key: &Key) -> Result<bool, StoreError> {
        match self.store.head(key).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            Err(e) => Err(self.failed("looking for an object")(e)),
        }
    }

    pub(super) async fn copy(&self, from: &Key, to: &Key) -> Result<(), StoreError> {
        self.store.copy(from, to).await.map_err(self.failed("copying an object"))
    }

    pub(super) async fn get_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = self.failed("reading an object");
        let found = match self.store.get(&self.key(name)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        if found.meta.size > SMALL {
            return Err(StoreError::Options(format!("{}/{name} is too large", self.name)));
        }
        Ok(Some(found.bytes().await.map_err(failed)?.into()))
    }

    /// Size and entity tag of an object.
    pub(super) async fn head(&self, name: &str) -> Result<(u64, Option<String>), StoreError> {
        self.head_of(&self.key(name)).await
    }

    pub(super) async fn head_of(&self, key: &Key) -> Result<(u64, Option<String>), StoreError> {
        let about = self.store.head(key).await.map_err(self.failed("looking for it"))?;
        Ok((about.size, about.e_tag))
    }

    /// Returns a range of an object, if it still has that entity tag.
    pub(super) async fn range(
        &self,
        name: &str,
        range: Range<u64>,
        e_tag: Option<String>,
    ) -> Result<Bytes, StoreError> {
        self.range_of(&self.key(name), range, e_tag).await
    }

    pub(super) async fn range_of(
        &self,
        key: &Key,
        range: Range<u64>,
        e_tag: Option<String>,
    ) -> Result<Bytes, StoreError> {
        let failed = self.failed("reading it");
        let options = GetOptions {
            range: Some(range.clone().into()),
            if_match: e_tag,
            ..GetOptions::default()
        };
        let found = self.store.get_opts(key, options).await.map_err(&failed)?;
        let bytes = found.bytes().await.map_err(failed)?;
        if bytes.len() as u64 != range.end - range.start {
            return Err(StoreError::Options(format!(
                "{}: {key}: received fewer bytes than requested",
                self.name
            )));
        }
        Ok(bytes)
    }

    pub(super) async fn delete(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
        self.delete_at(&self.key(name), lease).await
    }

    pub(super) async fn delete_at(&self, key: &Key, lease: &Lease) -> Result<(), StoreError> {
        match lease.guard(self.store.delete(key)).await {
            None => Err(StoreError::LeaseEnded),
            Some(Ok(()) | Err(Error::NotFound { .. })) => Ok(()),
            Some(Err(e)) => Err(self.failed("removing an object")(e)),
        }
    }
}

/// Whether a checksum may have caused the refusal: the status is one for requests that a server
/// does not understand, or the signature differs because a proxy removed headers.
fn may_be_for_a_checksum(error: &StoreError) -> bool {
    let StoreError::Remote { message, .. } = error else { return false };
    ["400 Bad Request", "501 Not Implemented", "NotImplemented", "SignatureDoesNotMatch"]
        .iter()
        .any(|said| message.contains(said))
}

/// The content of an object.
enum Content<'a> {
    Bytes(Bytes),
    /// A file, from its first byte.
    File(&'a File),
}

/// Why an object was not stored.
enum Trouble {
    Lease,
    Reading(io::Error),
    Sending(Error),
}

impl Content<'_> {
    async fn send(&self, store: &dyn ObjectStore, key: &Key, lease: &Lease) -> Result<(), Trouble> {
        let file = match self {
            Self::Bytes(bytes) => return send_whole(store, key, bytes.clone(), lease).await,
            Self::File(file) => file,
        };
        let mut from = file.try_clone().map_err(Trouble::Reading)?;
        from.rewind().map_err(Trouble::Reading)?;
        let size = from.metadata().map_err(Trouble::Reading)?.len();
        let part = PART.max(size.div_ceil(MOST_PARTS));
        if size <= part {
            let bytes = next_part(&mut from, part).map_err(Trouble::Reading)?;
            return send_whole(store, key, bytes.unwrap_or_default(), lease).await;
        }
        let begun = lease.guard(store.put_multipart(key)).await;
        let mut upload = begun.ok_or(Trouble::Lease)?.map_err(Trouble::Sending)?;
        let sent = lease.guard(send_parts(&mut *upload, &mut from, part)).await;
        let trouble = match sent {
            // The object appears with this last request.
            Some(Ok(())) => match lease.guard(upload.complete()).await {
                Some(Ok(_)) => return Ok(()),
                Some(Err(e)) => Trouble::Sending(e),
                None => Trouble::Lease,
            },
            Some(Err(trouble)) => trouble,
            None => Trouble::Lease,
        };
        // Abandoned parts would cost money; if this fails as well, the bucket's own rule for
        // incomplete uploads has to remove them.
        let _ = tokio::time::timeout(ABORT_PATIENCE, upload.abort()).await;
        Err(trouble)
    }
}

async fn send_whole(
    store: &dyn ObjectStore,
    key: &Key,
    bytes: Bytes,
    lease: &Lease,
) -> Result<(), Trouble> {
    let put = lease.guard(store.put(key, bytes.into())).await;
    put.ok_or(Trouble::Lease)?.map(drop).map_err(Trouble::Sending)
}

async fn send_parts(
    upload: &mut dyn MultipartUpload,
    from: &mut File,
    size: u64,
) -> Result<(), Trouble> {
    let mut under_way = FuturesUnordered::new();
    while let Some(part) = next_part(from, size).map_err(Trouble::Reading)? {
        under_way.push(upload.put_part(part.into()));
        if under_way.len() >= AT_ONCE {
            under_way.try_next().await.map_err(Trouble::Sending)?;
        }
    }
    while under_way.try_next().await.map_err(Trouble::Sending)?.is_some() {}
    Ok(())
}

/// Returns the next `size` bytes, fewer at the end, `None` after it.
fn next_part(from: &mut File, size: u64) -> io::Result<Option<Bytes>> {
    let size = usize::try_from(size).map_err(io::Error::other)?;
    let mut part = BytesMut::zeroed(size);
    let mut filled = 0;
    while let Some(room) = part.get_mut(filled..).filter(|room| !room.is_empty()) {
        match from.read(room) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    part.truncate(filled);
    Ok((filled > 0).then(|| part.freeze()))
}
