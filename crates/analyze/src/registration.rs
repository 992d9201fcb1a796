//! A registration and its content, read once for everything that examines it.

use snapscope_decode::FieldError;
use snapscope_decode::records::{HealthCheckRef, NodeServiceRef, RegisterRef};

/// A registration: of a service instance, of a check, or of a node if it has neither.
#[derive(Debug)]
pub struct Registration<'a> {
    /// The record.
    pub register: RegisterRef<'a>,
    /// The instance in it.
    pub service: Option<NodeServiceRef<'a>>,
    /// The check in it.
    pub check: Option<HealthCheckRef<'a>>,
}

impl<'a> Registration<'a> {
    /// Reads the content of a registration.
    ///
    /// # Errors
    /// If a field of the service or check has another class than declared.
    pub fn read(register: RegisterRef<'a>) -> Result<Self, FieldError> {
        Ok(Self { register, service: register.service.get()?, check: register.check.get()? })
    }
}
