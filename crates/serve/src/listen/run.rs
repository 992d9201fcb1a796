//! Runs the server.

use super::address::Listening;
use super::begin::begin;
use super::connection::serve;
use super::error::ServeError;
use super::files;
use super::places::{Again, Place, Places, Served};
use super::shared::Shared;
use crate::page::Sessions;
use crate::request::Hosts;
use crate::settings::Settings;
use crate::state::{OpenFailed, Ready, Report};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// How long open connections may take to end.
const END_PATIENCE: Duration = Duration::from_secs(5);
/// Pause after a failed accept. Probably descriptors ran out, which may pass.
const PAUSE: Duration = Duration::from_millis(100);

/// What happens while a server runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// There is something to serve, and requests are answered from now on.
    Listening,
    /// A snapshot is indexed: its name in paths, if any, and what is known about it.
    Indexed(Option<&'e str>, &'e Report),
    /// A snapshot could not be opened again; the old one is still served.
    NotReplaced(&'e str),
    /// The snapshots are opened again; this path opens the page in another browser, once.
    PageOpens(&'e str),
}

/// A server that is bound to its address.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    hosts: Hosts,
    sessions: Arc<Sessions>,
    settings: Arc<Settings>,
    signals: Signals,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// If the address is not safe, or cannot be bound.
    pub fn bind(listening: &Listening, settings: Settings) -> Result<Self, ServeError> {
        listening.check(settings.no_acl)?;
        let tls = listening.tls.as_ref().map(super::tls::TlsFiles::acceptor).transpose()?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(ServeError::System)?;
        let address = listening.address;
        let (listener, signals) = runtime.block_on(async {
            let listener = TcpListener::bind(address).await;
            let listener = listener.map_err(|error| ServeError::Listen { address, error })?;
            Ok::<_, ServeError>((listener, Signals::new().map_err(ServeError::System)?))
        })?;
        let hosts = Hosts::new(&listening.hosts);
        let port = listener.local_addr().map_err(ServeError::System)?.port();
        let sessions = Sessions::new(port, tls.is_some()).map_err(ServeError::System)?;
        let sessions = Arc::new(sessions);
        Ok(Self { runtime, listener, tls, hosts, sessions, settings: Arc::new(settings), signals })
    }

    /// The bound address, with its port.
    ///
    /// # Errors
    /// If the system cannot report it.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The path that opens the page in a browser, once.
    #[must_use]
    pub fn page_path(&self) -> Option<String> {
        self.sessions.key().map(|key| page_path(&key))
    }

    /// Serves snapshots until the process receives a signal to end.
    ///
    /// It listens once the first records of all snapshots are read, or when that takes long.
    ///
    /// # Errors
    /// If one of them cannot be served.
    pub fn run(
        self,
        served: Vec<Served>,
        see: &mut dyn FnMut(Event<'_>),
    ) -> Result<(), ServeError> {
        let Self { runtime, listener, tls, hosts, sessions, settings, mut signals } = self;
        let (mut all, mut readies) = (Vec::new(), Vec::new());
        for (at, served) in served.into_iter().enumerate() {
            let (place, ready) = Place::open(served, &settings).map_err(ServeError::Find)?;
            readies.push((at, place.current(), ready));
            all.push(place);
        }
        let connections = files::connections();
        let (end, ending) = watch::channel(false);
        let shared = Arc::new(Shared {
            places: Places { all },
            hosts,
            sessions,
            // Half of the connections, so that waiting clients never keep others out.
            waiters: Arc::new(Semaphore::new((connections / 2).max(1))),
            ending,
        });
        let result = runtime.block_on(async {
            tokio::select! {
                begun = begin(readies.iter_mut().map(|(_, _, ready)| ready)) => begun?,
                _ = signals.terminate.recv() => return Ok(()),
                _ = signals.interrupt.recv() => return Ok(()),
            }
            see(Event::Listening);
            let (tell, mut told) = mpsc::unbounded_channel();
            for ready in readies {
                watch_reading(ready, &tell);
            }
            let mut open = JoinSet::new();
            let room = Arc::new(Semaphore::new(connections));
            let result = loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => {
                            // Clients beyond the limit are turned away at once.
                            if let Ok(permit) = Arc::clone(&room).try_acquire_owned() {
                                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                                open.spawn(async move {
                                    serve(stream, tls, shared).await;
                                    drop(permit);
                                });
                            }
                        }
                        Err(_) => sleep(PAUSE).await,
                    },
                    Some(_) = open.join_next(), if !open.is_empty() => {}
                    Some(read) = told.recv() => {
                        if let Some(failed) = take(&shared.places, read, see) {
                            break Err(failed);
                        }
                    }
                    _ = signals.terminate.recv() => break Ok(()),
                    _ = signals.interrupt.recv() => break Ok(()),
                    _ = signals.hang_up.recv() => {
                        open_again(&shared.places, &settings, &tell, see);
                        if let Ok(key) = shared.sessions.renew() {
                            see(Event::PageOpens(&page_path(&key)));
                        }
                    }
                }
            };
            drop(listener);
            let _ = end.send(true);
            let _ =
                timeout(END_PATIENCE, async { while open.join_next().await.is_some() {} }).await;
            result
        });
        runtime.shutdown_background();
        result
    }
}

/// The path that opens the page with a secret.
fn page_path(key: &str) -> String {
    format!("/ui?key={key}")
}

/// The result of reading a snapshot.
struct ReadUp {
    at: usize,
    current: super::places::Current,
    result: Result<Report, OpenFailed>,
}

fn watch_reading(
    (at, current, ready): (usize, super::places::Current, Ready),
    tell: &mpsc::UnboundedSender<ReadUp>,
) {
    let tell = tell.clone();
    tokio::spawn(async move {
        if let Ok(result) = ready.indexed.await {
            let _ = tell.send(ReadUp { at, current, result });
        }
    });
}

/// Serves a snapshot that was read. Returns the error if it cannot be served and no older one is.
fn take(places: &Places, read: ReadUp, see: &mut dyn FnMut(Event<'_>)) -> Option<ServeError> {
    let place = places.all.get(read.at)?;
    match read.result {
        Ok(report) => {
            read.current.set_ready();
            place.replace(read.current);
            see(Event::Indexed(place.served.name.as_deref(), &report));
            None
        }
        Err(failed) if place.current().is_ready() => {
            see(Event::NotReplaced(&failed.to_string()));
            None
        }
        Err(failed) => Some(failed.into()),
    }
}

fn open_again(
    places: &Places,
    settings: &Arc<Settings>,
    tell: &mpsc::UnboundedSender<ReadUp>,
    see: &mut dyn FnMut(Event<'_>),
) {
    for (at, place) in places.all.iter().enumerate() {
        match place.open_again(settings) {
            Again::Reading(current, ready) => watch_reading((at, current, ready), tell),
            Again::Failed(error) => see(Event::NotReplaced(&error)),
        }
    }
}
