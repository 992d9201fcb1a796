//! Facts that require reading all records. Each is computed when it is first requested.

use super::reply::Reply;
use crate::settings::Settings;
use crate::spool::Spool;
use crate::state::Facts as Known;
use snapscope_analyze::acl::Resolver;
use snapscope_analyze::audit::AuditOptions;
use snapscope_analyze::secrets::Scanner;
use snapscope_analyze::{Fold, Problems};
use snapscope_report::{Collect, Danger, Facts, SCANNED, dangers};
use snapscope_runs::Room;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

/// Facts about a snapshot.
#[derive(Debug, Default)]
pub(crate) struct PageFacts {
    all: OnceLock<Option<Facts>>,
    dangers: OnceLock<Vec<Danger>>,
    /// Finds secrets in names.
    pub(crate) scanner: Arc<Scanner>,
    room: Room,
}

impl PageFacts {
    /// Who can do dangerous things.
    pub(super) fn dangers(&self, resolver: &Resolver<'_>) -> &[Danger] {
        self.dangers.get_or_init(|| dangers(resolver, &self.scanner))
    }

    /// All facts, including those that take longer.
    pub(super) fn all(
        &self,
        spool: &Spool,
        known: &Known,
        settings: &Settings,
    ) -> Result<&Facts, Reply> {
        let Some(closing) = known.closing.as_ref() else { return Err(unread()) };
        let all = self.all.get_or_init(|| {
            let scanner = Arc::clone(&self.scanner);
            let basis = settings.basis.clone();
            let options = AuditOptions {
                scanner,
                scan_bytes: SCANNED,
                at: basis.at,
                datacenter: basis.datacenter,
                version: basis.version,
                ..AuditOptions::default()
            };
            let new = || Collect::new(&options, &self.room);
            let facts = folded(spool, settings.open.threads, &new).finish(closing);
            spool.release();
            facts.ok()
        });
        all.as_ref()
            .ok_or_else(|| Reply::error(500, "The temporary file for groups cannot be used."))
    }
}

/// Puts a question to all records, on several threads.
fn folded<F: Fold>(spool: &Spool, threads: usize, new: &(impl Fn() -> F + Sync)) -> F {
    let parts = Mutex::new(spool.parts());
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        // Problems were reported when the snapshot was read.
        let (mut fold, mut problems) = (new(), Problems::default());
        while let Some(part) = next() {
            part.frames().for_each(|frame| fold.frame(&frame, &mut problems));
        }
        fold
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            all.merge(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    })
}

pub(super) fn unread() -> Reply {
    Reply::error(503, "The snapshot is still being read.")
}
