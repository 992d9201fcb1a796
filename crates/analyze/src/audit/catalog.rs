//! Nodes, services and checks.

use super::clock::{Clock, DAY, day};
use super::finding::{Finding, Findings};
use super::rules::{CATALOG001, CATALOG002, CATALOG003, CATALOG004};
use crate::secrets::is_credential_header;
use snapscope_decode::FieldError;
use snapscope_decode::records::{HealthCheckRef, RegisterRef};
use snapscope_objects::kind::KindId;

/// Maximum time for which a check may be critical.
const PATIENCE: i64 = 7 * DAY;

/// Critical checks, until it is known since when.
#[derive(Debug, Default)]
pub(super) struct CatalogRules {
    critical: Vec<(Vec<u8>, u64, u64)>,
}

impl CatalogRules {
    pub(super) fn check(
        &mut self,
        number: u64,
        register: &RegisterRef<'_>,
        check: &HealthCheckRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let id = register.called(check.check_id.0);
        let make = |rule, message: String| {
            Finding::new(rule, KindId::Checks, id.clone(), message).at(number, check.modify_index)
        };
        let definition = check.definition.get()?;
        let kind = check.type_.0;
        if kind == b"script" || kind == b"docker" || !definition.script_args.is_empty() {
            let kind = if kind.is_empty() { "script".into() } else { check.type_.lossy() };
            out.add(make(&CATALOG001, format!("a {kind} check")));
        }
        for header in definition.header.iter() {
            let (name, values) = header?;
            let name = name.lossy();
            if is_credential_header(name.as_bytes()) && !values.is_empty() {
                let finding = make(&CATALOG002, format!("its request has the header {name}"));
                out.add(finding.in_field(format!("Definition.Header.{name}")));
            }
        }
        if definition.tls_skip_verify {
            out.add(make(&CATALOG003, "TLSSkipVerify is set".to_owned()));
        }
        if check.status.0 == b"critical" && register.peer_name.is_empty() {
            self.critical.push((id, number, check.modify_index));
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.critical.extend(other.critical);
    }

    pub(super) fn finish(self, now: Option<i64>, clock: &Clock, out: &mut Findings) {
        let Some(now) = now else { return };
        for (id, number, index) in self.critical {
            // Checks have no time, but an object with a time was written after the change.
            let Some(by) = clock.no_later_than(index) else { continue };
            if by + PATIENCE <= now {
                let message = format!("critical since {} or earlier", day(by));
                out.add(Finding::new(&CATALOG004, KindId::Checks, id, message).at(number, index));
            }
        }
    }
}
