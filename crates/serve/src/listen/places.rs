//! The served snapshots and their paths.

use crate::settings::Settings;
use crate::state::{OpenFailed, Opened, Ready};
use snapscope_archive::Source;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Resolves the name of a snapshot. It is called again on reload, since the name may then lead to
/// another file.
pub type Find = Box<dyn Fn() -> Result<Source, String> + Send + Sync>;

/// A snapshot to serve.
pub struct Served {
    /// Its name in `/at/NAME/v1/`; `None` for the snapshot at `/v1/`.
    pub name: Option<String>,
    /// Resolves its name.
    pub find: Find,
}

/// The current state of a served snapshot.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) opened: Opened,
    /// Whether it is indexed.
    pub(super) is_ready: Arc<AtomicBool>,
    /// The name of its file, without folders.
    file: Arc<str>,
}

pub(super) struct Place {
    pub(super) served: Served,
    current: RwLock<Current>,
}

/// The result of opening a snapshot again.
pub(super) enum Again {
    /// A snapshot that is being read.
    Reading(Current, Ready),
    Failed(String),
}

impl Place {
    /// Starts to read a snapshot.
    pub(super) fn open(served: Served, settings: &Arc<Settings>) -> Result<(Self, Ready), String> {
        let (current, ready) = start(&served, settings)?;
        Ok((Self { served, current: RwLock::new(current) }, ready))
    }

    /// Starts to read the snapshot that its name leads to now. The old one is served until this is
    /// done.
    pub(super) fn open_again(&self, settings: &Arc<Settings>) -> Again {
        match start(&self.served, settings) {
            Ok((current, ready)) => Again::Reading(current, ready),
            Err(error) => Again::Failed(error),
        }
    }

    pub(super) fn replace(&self, current: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
    }

    /// Its name for people: the one in its path, or else that of its file.
    pub(super) fn title(&self) -> String {
        match &self.served.name {
            Some(name) => name.clone(),
            None => self.current().file().to_owned(),
        }
    }

    pub(super) fn current(&self) -> Current {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Current {
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }

    /// The name of its file, without folders.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    pub(super) fn set_ready(&self) {
        self.is_ready.store(true, Ordering::Release);
    }
}

fn start(served: &Served, settings: &Arc<Settings>) -> Result<(Current, Ready), String> {
    let source = (served.find)()?;
    let name = source.name();
    let file = name.trim_end_matches('/').rsplit('/').next().unwrap_or(&name).into();
    let (opened, ready) =
        Opened::start(source, settings).map_err(|error: OpenFailed| error.to_string())?;
    Ok((Current { opened, is_ready: Arc::default(), file }, ready))
}

/// All served snapshots.
pub(super) struct Places {
    pub(super) all: Vec<Place>,
}

impl Places {
    /// Splits a path: the snapshot, the part that names it, and the rest.
    pub(super) fn of<'p>(&self, path: &'p str) -> Option<(&Place, &'p str, &'p str)> {
        let Some(rest) = path.strip_prefix("/at/") else {
            let own = self.all.iter().find(|place| place.served.name.is_none())?;
            return Some((own, "", path));
        };
        let (name, below) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let place = self.all.iter().find(|place| place.served.name.as_deref() == Some(name))?;
        let prefix = path.get(..path.len() - below.len()).unwrap_or(path);
        Some((place, prefix, below))
    }
}
