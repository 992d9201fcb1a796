//! What is kept in memory of a snapshot, collected in the pass that copies it.

use super::catalog::Catalog;
use super::facts::Facts;
use crate::authorizer::Secrets;
use snapscope_analyze::acl::AclModel;
use snapscope_analyze::{Fold as _, Inspect, Origin, Problems, Registration};
use snapscope_archive::Closing;
use snapscope_decode::records::RegisterRef;
use snapscope_decode::{FieldError, Frame, Kind, Record};

/// The parts of a snapshot that are kept in memory.
pub(super) struct Read {
    pub(super) model: AclModel,
    pub(super) facts: Facts,
    pub(super) secrets: Secrets,
    pub(super) catalog: Catalog,
}

/// Collects a [`Read`].
#[derive(Default)]
pub(super) struct Reading {
    model: AclModel,
    facts: Facts,
    secrets: Secrets,
    catalog: Catalog,
    inspect: Inspect,
    origin: Origin,
}

impl Reading {
    /// Adds the record at offset `at` of the copy.
    pub(super) fn see(&mut self, frame: &Frame<'_>, at: u64, problems: &mut Problems) {
        self.inspect.frame(frame, problems);
        let read = match frame.kind {
            Kind::REGISTER
            | Kind::INDEX
            | Kind::CONNECT_CA_CONFIG
            | Kind::ACL
            | Kind::ACL_TOKEN
            | Kind::ACL_POLICY
            | Kind::ACL_ROLE
            | Kind::ACL_BINDING_RULE
            | Kind::ACL_AUTH_METHOD => self.read(frame, at),
            _ => self.model.add(frame),
        };
        if let Err(error) = read {
            problems.add(frame, error);
        }
    }

    /// Reads a record once for all that look at it.
    fn read(&mut self, frame: &Frame<'_>, at: u64) -> Result<(), FieldError> {
        // The model reports why a record cannot be read.
        let Ok(record) = frame.record() else { return self.model.add(frame) };
        let (registration, malformed) = match &record {
            Record::Register(register) => {
                let (registration, malformed) = registration(register);
                (Some(registration), malformed)
            }
            _ => (None, None),
        };
        if let Some(registration) = &registration {
            self.catalog.see(registration, at);
        }
        self.facts.see(&record, registration.as_ref());
        self.secrets.see(frame.number, &record, at);
        let service = registration.as_ref().and_then(|registration| registration.service.as_ref());
        self.model.add_read(frame, &record, service)?;
        self.origin.look_read(frame, &record, registration.as_ref())?;
        malformed.map_or(Ok(()), Err)
    }

    /// Finishes after the last record.
    pub(super) fn finish(self, closing: &Closing, problems: u64) -> Read {
        let Self { model, mut facts, secrets, catalog, inspect, origin } = self;
        facts.finish(closing, problems, (inspect.finish(closing), origin.finish(closing)));
        Read { model: model.finish(closing), facts, secrets, catalog }
    }
}

/// A registration without the parts that are malformed, and the first error in them.
fn registration<'a>(register: &RegisterRef<'a>) -> (Registration<'a>, Option<FieldError>) {
    let (service, check) = (register.service.get(), register.check.get());
    let malformed = service.as_ref().err().or(check.as_ref().err()).cloned();
    let (service, check) = (service.ok().flatten(), check.ok().flatten());
    (Registration { register: *register, service, check }, malformed)
}
