//! The mesh's certificate authority, and certificates of gateways.

use super::certificate::{self, Certificate};
use super::clock::{DAY, day};
use super::finding::{Finding, Findings};
use super::rule::AuditRule;
use super::rules::{
    CA001, CA002, CA003, CA004, CA005, CA006, CA007, CA008, CA009, CA020, CA021, CA022, CA023,
    CA024, CA025,
};
use super::subject::Subject;
use snapscope_decode::FieldError;
use snapscope_decode::records::{
    CaConfigRef, CaProviderStateRef, CaRootRef, InlineCertificateEntryRef,
};
use snapscope_decode::wire::Value;
use snapscope_objects::kind::KindId;

/// Fields of a CA's configuration that hold credentials.
pub(super) const CREDENTIALS: [&str; 6] =
    ["Token", "PrivateKey", "AccessKey", "AccessKeyID", "SecretKey", "SecretAccessKey"];
const TEN_YEARS: i64 = 3650 * DAY;

/// The validity of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// The kind of its object.
    pub kind: KindId,
    /// The object it is part of.
    pub id: Vec<u8>,
    /// Its subject; empty if the certificate cannot be parsed.
    pub subject: String,
    /// What it is for: a root, an intermediate certificate, a gateway's.
    pub role: &'static str,
    /// First second, since 1970.
    pub not_before: i64,
    /// Last second, since 1970.
    pub not_after: i64,
}

/// Roots and certificates, until the time at which they are evaluated is known.
#[derive(Debug, Default)]
pub(super) struct CaRules {
    roots: Vec<Root>,
    intermediates: Vec<(Vec<u8>, Certificate, u64, u64)>,
    gateways: Vec<(Vec<u8>, Vec<Certificate>, u64, u64)>,
}

#[derive(Debug)]
struct Root {
    id: Vec<u8>,
    subject: String,
    active: bool,
    not_before: i64,
    not_after: i64,
    number: u64,
    index: u64,
}

impl CaRules {
    pub(super) fn root(
        &mut self,
        number: u64,
        root: &CaRootRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let make = |rule, message: String| {
            Finding::new(rule, KindId::CaRoots, root.id.0, message).at(number, root.modify_index)
        };
        let mut not_before = root.not_before.unix_seconds();
        let mut not_after = root.not_after.unix_seconds();
        let mut subject = String::new();
        match certificate::read(root.root_cert.0).map(|all| all.into_iter().next()) {
            Ok(Some(cert)) => {
                (not_before, not_after) = (cert.not_before, cert.not_after);
                subject.clone_from(&cert.subject);
                if let Some(key) = cert.weak_key() {
                    out.add(make(&CA004, key));
                }
            }
            Ok(None) => {}
            Err(e) => out.add(make(&CA025, e).in_field("RootCert")),
        }
        if !root.signing_key.is_empty() {
            out.add(
                make(&CA001, "its signing key is stored in plain text".to_owned())
                    .in_field("SigningKey"),
            );
        }
        for pem in root.intermediate_certs.iter() {
            for cert in certificate::read(pem?.0).unwrap_or_default() {
                self.intermediates.push((root.id.0.to_vec(), cert, number, root.modify_index));
            }
        }
        self.roots.push(Root {
            id: root.id.0.to_vec(),
            subject,
            active: root.active,
            not_before,
            not_after,
            number,
            index: root.modify_index,
        });
        Ok(())
    }

    pub(super) fn provider_state(number: u64, state: &CaProviderStateRef<'_>, out: &mut Findings) {
        if !state.private_key.is_empty() {
            let message = "the private key of the mesh's root is stored in plain text";
            let finding = Finding::new(&CA001, KindId::CaProviderStates, state.id.0, message);
            out.add(finding.at(number, state.modify_index).in_field("PrivateKey"));
        }
    }

    pub(super) fn config(
        number: u64,
        config: &CaConfigRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        for field in CREDENTIALS {
            if let Some(Value::Raw(text)) = config.config.get(field)?.and_then(|any| any.0)
                && !text.is_empty()
            {
                let message = format!(
                    "the configuration of provider {:?} holds {field}",
                    config.provider.lossy()
                );
                let finding = Finding::new(&CA006, KindId::CaConfig, "ca-config", message);
                out.add(
                    finding.at(number, config.modify_index).in_field(format!("Config.{field}")),
                );
            }
        }
        Ok(())
    }

    pub(super) fn inline(
        &mut self,
        number: u64,
        entry: &InlineCertificateEntryRef<'_>,
        out: &mut Findings,
    ) {
        let id = [b"inline-certificate/", entry.name.0].concat();
        let index = entry.modify_index;
        let make = |rule, message: String| {
            Finding::new(rule, KindId::ConfigEntries, id.clone(), message).at(number, index)
        };
        if !entry.private_key.is_empty() {
            out.add(
                make(&CA024, "its private key is stored in plain text".to_owned())
                    .in_field("PrivateKey"),
            );
        }
        let chain = match certificate::read(entry.certificate.0) {
            Ok(chain) => chain,
            Err(e) => {
                out.add(make(&CA025, e).in_field("Certificate"));
                return;
            }
        };
        if chain.first().and_then(|leaf| leaf.fits(entry.private_key.0)) == Some(false) {
            out.add(make(&CA022, "the private key belongs to another certificate".to_owned()));
        }
        if let Some([a, b]) =
            chain.windows(2).find(|pair| matches!(pair, [a, b] if a.issuer != b.subject))
        {
            let message =
                format!("{} was issued by {}, but {} follows", a.subject, a.issuer, b.subject);
            out.add(make(&CA023, message));
        }
        self.gateways.push((id, chain, number, index));
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.roots.extend(other.roots);
        self.intermediates.extend(other.intermediates);
        self.gateways.extend(other.gateways);
    }

    /// The validity of all certificates, those that expire first before others.
    fn validities(&self) -> Vec<Validity> {
        let of = |kind, id: &[u8], role, cert: &Certificate| Validity {
            kind,
            id: id.to_vec(),
            subject: cert.subject.clone(),
            role,
            not_before: cert.not_before,
            not_after: cert.not_after,
        };
        let roots = self.roots.iter().map(|root| Validity {
            kind: KindId::CaRoots,
            id: root.id.clone(),
            subject: root.subject.clone(),
            role: if root.active { "active root" } else { "inactive root" },
            not_before: root.not_before,
            not_after: root.not_after,
        });
        let intermediates = self.intermediates.iter();
        let intermediates =
            intermediates.map(|(id, cert, ..)| of(KindId::CaRoots, id, "intermediate", cert));
        let gateways = self.gateways.iter().flat_map(|(id, chain, ..)| {
            chain.iter().map(move |cert| of(KindId::ConfigEntries, id, "gateway", cert))
        });
        let mut all: Vec<Validity> = roots.chain(intermediates).chain(gateways).collect();
        all.sort_by(|a, b| a.not_after.cmp(&b.not_after).then_with(|| a.id.cmp(&b.id)));
        all
    }

    /// Evaluates the rules. Returns the validity of all certificates.
    pub(super) fn finish(
        self,
        snapshot: &str,
        now: Option<i64>,
        out: &mut Findings,
    ) -> Vec<Validity> {
        let validities = self.validities();
        let active = self.roots.iter().filter(|root| root.active).count();
        if !self.roots.is_empty() && active != 1 {
            let message = format!("{active} of {} roots are active", self.roots.len());
            out.add(Finding::new(&CA009, Subject::Snapshot, snapshot, message));
        }
        for root in &self.roots {
            let make = |rule, message: String| {
                Finding::new(rule, KindId::CaRoots, root.id.clone(), message)
                    .at(root.number, root.index)
            };
            if !root.active {
                out.add(make(&CA005, "it is not active".to_owned()));
                continue;
            }
            let lives = root.not_after - root.not_before;
            if lives >= TEN_YEARS - 5 * DAY {
                out.add(make(&CA007, format!("it is valid for {} days", lives / DAY)));
            }
            expiry(now, root.not_after, (&CA002, &CA003, 90), out, make);
        }
        let mut intermediates = self.intermediates;
        intermediates.sort_by_key(|(_, cert, ..)| std::cmp::Reverse(cert.not_after));
        // A renewed certificate is kept beside its successor; only the latest one signs.
        if let Some((id, cert, number, index)) = intermediates.first() {
            let make = |rule, message: String| {
                Finding::new(rule, KindId::CaRoots, id.clone(), message)
                    .at(*number, *index)
                    .in_field("IntermediateCerts")
            };
            // Servers renew at half of the lifetime.
            let days = (cert.not_after - cert.not_before) / 4 / DAY;
            expiry(now, cert.not_after, (&CA008, &CA008, days.min(30)), out, make);
        }
        for (id, chain, number, index) in self.gateways {
            let make = |rule, message: String| {
                Finding::new(rule, KindId::ConfigEntries, id.clone(), message).at(number, index)
            };
            if let Some(end) = chain.iter().map(|cert| cert.not_after).min() {
                expiry(now, end, (&CA020, &CA021, 30), out, make);
            }
        }
        validities
    }
}

fn expiry(
    now: Option<i64>,
    end: i64,
    (expired, soon, days): (&'static AuditRule, &'static AuditRule, i64),
    out: &mut Findings,
    make: impl Fn(&'static AuditRule, String) -> Finding,
) {
    let Some(now) = now else { return };
    if end < now {
        out.add(make(expired, format!("it expired on {}", day(end))));
    } else if end < now + days * DAY {
        out.add(make(soon, format!("it expires on {}", day(end))));
    }
}
