//! A registration with what is in it, read once for all that look at it.

use snapscope_decode::FieldError;
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef, RegisterRef};

/// A registration: of a service instance, of a check, or of a node if it has neither.
#[derive(Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) register: RegisterRef<'a>,
    pub(crate) service: Option<NodeServiceRef<'a>>,
    pub(crate) check: Option<HealthCheckRef<'a>>,
}

impl<'a> Registration<'a> {
    /// Reads what is in a registration.
    ///
    /// # Errors
    /// When a field of the service or check is of another class than declared.
    pub(crate) fn read(register: RegisterRef<'a>) -> Result<Self, FieldError> {
        Ok(Self { register, service: register.service.get()?, check: register.check.get()? })
    }
}
