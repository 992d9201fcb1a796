//! Facts that require reading all records. Each is computed when it is first requested.

use super::reply::Reply;
use crate::settings::Settings;
use crate::spool::Spool;
use crate::state::Facts as Known;
use snapscope_analyze::audit::AuditOptions;
use snapscope_analyze::secrets::Scanner;
use snapscope_analyze::{Fold as _, Problems};
use snapscope_report::{Collect, Facts};
use snapscope_runs::Room;
use std::sync::{Arc, OnceLock};

/// Facts about a snapshot.
#[derive(Debug, Default)]
pub(crate) struct PageFacts {
    all: OnceLock<Option<Facts>>,
    /// Finds secrets in names.
    pub(crate) scanner: Arc<Scanner>,
    room: Room,
}

/// Number of bytes of the state that are scanned for secrets.
pub(crate) const SCANNED: u64 = 256 << 20;

impl PageFacts {
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
            let mut fold = Collect::new(&options, &self.room);
            let mut problems = Problems::default();
            spool.all().for_each(|frame| fold.frame(&frame, &mut problems));
            spool.release();
            fold.finish(closing).ok()
        });
        all.as_ref()
            .ok_or_else(|| Reply::error(500, "The temporary file for groups cannot be used."))
    }
}

pub(super) fn unread() -> Reply {
    Reply::error(503, "The snapshot is still being read.")
}
