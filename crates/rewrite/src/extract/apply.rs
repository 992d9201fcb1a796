//! The second pass: copies records, changes them where a reference is cut, or leaves them out.

use super::decide::{Decider, Decision, key_of};
use super::id::Id;
use super::marks::Marks;
use super::plan::Plan;
use super::report::Tally;
use super::resource;
use crate::edit::{list_without, map_with};
use snapscope_decode::records::{Record, RegisterRef};
use snapscope_decode::wire::{Value, encode};
use snapscope_decode::{FieldError, Frame, Kind};

/// Applies a plan to records. Each worker has its own.
pub(super) struct Applier<'p> {
    plan: &'p Plan,
    decider: Decider<'p>,
    everything: bool,
}

/// Why a record is kept or left out.
enum Fate {
    Kept,
    Brought,
    /// The selection leaves it out.
    Excluded,
    /// The object it belongs to is left out.
    Followed,
}

impl<'p> Applier<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let everything = plan.options.is_everything();
        Self { plan, decider: Decider::new(&plan.options), everything }
    }

    /// Appends the new form of a record. An unreadable record is kept unchanged, unless its type is
    /// left out. With `marks`, a renamed record is left to be written elsewhere.
    pub(super) fn apply(
        &mut self,
        frame: &Frame<'_>,
        out: &mut Vec<u8>,
        marks: Option<&mut Marks>,
        tally: &mut Tally,
    ) -> Result<(), FieldError> {
        if self.everything {
            out.extend_from_slice(frame.bytes);
            tally.kept(frame);
            return Ok(());
        }
        let (fate, problem) = match self.fate(frame) {
            Ok(fate) => (fate, None),
            Err(error) => (Fate::Kept, Some(error)),
        };
        match fate {
            Fate::Excluded => tally.dropped(frame, false),
            Fate::Followed => tally.dropped(frame, true),
            Fate::Kept | Fate::Brought => {
                if matches!(fate, Fate::Brought) {
                    tally.brought(frame);
                }
                let start = out.len();
                match problem.is_none().then(|| self.changed(frame, out, tally)) {
                    None | Some(Ok(())) if out.len() > start => {}
                    Some(Err(error)) => {
                        out.truncate(start);
                        out.extend_from_slice(frame.bytes);
                        tally.kept(frame);
                        return Err(error);
                    }
                    _ => out.extend_from_slice(frame.bytes),
                }
                tally.kept(frame);
                if let Some(marks) = marks {
                    let is_renamed = problem.is_none() && self.new_key(frame).is_some();
                    if is_renamed {
                        out.truncate(start);
                    }
                    marks.add(frame, start, is_renamed);
                }
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// Appends what becomes of a record whose key is renamed, and returns the new key; `None` of any other.
    pub(super) fn renamed(&mut self, frame: &Frame<'_>, out: &mut Vec<u8>) -> Option<Vec<u8>> {
        let key = self.new_key(frame)?;
        let is_kept = matches!(self.fate(frame), Ok(Fate::Kept | Fate::Brought));
        let changed = is_kept.then(|| self.key(frame, out, &mut Tally::default()));
        matches!(changed, Some(Ok(()))).then_some(key)
    }

    fn new_key(&self, frame: &Frame<'_>) -> Option<Vec<u8>> {
        if !matches!(frame.kind, Kind::KVS | Kind::TOMBSTONE) {
            return None;
        }
        key_of(frame).and_then(|key| self.plan.options.renamed(key))
    }

    fn fate(&mut self, frame: &Frame<'_>) -> Result<Fate, FieldError> {
        if frame.kind == Kind::INDEX {
            let kept = match frame.record()? {
                Record::Index(index) => self.plan.keeps_index(index.key.0),
                _ => true,
            };
            return Ok(if kept { Fate::Kept } else { Fate::Excluded });
        }
        let decision = self.decider.decide(frame);
        if decision == Decision::Dropped {
            return Ok(Fate::Excluded);
        }
        let brought = |fate: bool| match (decision, fate) {
            (Decision::Kept, true) => Fate::Kept,
            (Decision::Kept, false) => Fate::Followed,
            (_, true) => Fate::Brought,
            (_, false) => Fate::Excluded,
        };
        let plan = self.plan;
        Ok(match frame.kind {
            Kind::REGISTER => match frame.record()? {
                Record::Register(register) => brought(self.keeps_register(&register, decision)?),
                _ => Fate::Kept,
            },
            Kind::COORDINATE_BATCH_UPDATE
            | Kind::SESSION
            | Kind::ACL_TOKEN
            | Kind::ACL_ROLE
            | Kind::ACL_POLICY
            | Kind::ACL_AUTH_METHOD
            | Kind::ACL_BINDING_RULE
            | Kind::CONFIG_ENTRY
            | Kind::PEERING
            | Kind::PEERING_TRUST_BUNDLE
            | Kind::PEERING_SECRET
            | Kind::SERVICE_VIRTUAL_IP
            | Kind::ACL
            | Kind::RESOURCE => brought(keeps_record(plan, &frame.record()?, decision)?),
            _ => brought(plan.selects(frame.kind, decision)),
        })
    }

    fn keeps_register(
        &self,
        register: &RegisterRef<'_>,
        decision: Decision,
    ) -> Result<bool, FieldError> {
        let peer = register.peer_name.0;
        let node = Id::node(peer, register.node.0);
        let plan = self.plan;
        if plan.out.contains(&node) || !peer.is_empty() && plan.out.contains(&Id::peer(peer)) {
            return Ok(false);
        }
        let id = if let Some(service) = register.service.get()? {
            Id::instance(node, service.id.0)
        } else if let Some(check) = register.check.get()? {
            Id::check(node, check.check_id.0)
        } else {
            node
        };
        Ok(plan.keeps(decision, id))
    }

    /// Appends a record in which a reference is cut or a key renamed; nothing if it stays
    /// unchanged.
    fn changed(
        &self,
        frame: &Frame<'_>,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> Result<(), FieldError> {
        let plan = self.plan;
        match frame.kind {
            Kind::KVS | Kind::TOMBSTONE => self.key(frame, out, tally),
            Kind::PREPARED_QUERY => query(plan, frame, out, tally),
            Kind::ACL_TOKEN | Kind::ACL_ROLE if !plan.out.is_empty() => {
                links(plan, frame, out, tally)
            }
            _ => Ok(()),
        }
    }

    fn key(
        &self,
        frame: &Frame<'_>,
        out: &mut Vec<u8>,
        tally: &mut Tally,
    ) -> Result<(), FieldError> {
        let release = frame.kind == Kind::KVS && released(self.plan, frame);
        let key = self.new_key(frame);
        if !release && key.is_none() {
            return Ok(());
        }
        tally.locks += u64::from(release);
        tally.renamed += u64::from(key.is_some());
        out.push(frame.kind.0);
        map_with(frame.cursor(), out, |name, _, out| match (name, &key) {
            (b"Key", Some(key)) => {
                encode::raw(key, out);
                true
            }
            (b"Session", _) if release => {
                encode::raw(b"", out);
                true
            }
            _ => false,
        })?;
        Ok(())
    }
}

fn keeps_record(plan: &Plan, record: &Record<'_>, decision: Decision) -> Result<bool, FieldError> {
    let out = |id: Id| plan.out.contains(&id);
    Ok(match record {
        Record::Coordinates(coordinates) => {
            let mut nodes = coordinates.iter().filter_map(Result::transpose);
            let gone = nodes.any(|node| {
                node.is_ok_and(|node| plan.nodes_gone.contains(&Id::node(b"", node.node.0)))
            });
            decision == Decision::Kept && !gone
        }
        Record::Session(session) => plan.keeps(decision, Id::of(&[session.id.0])),
        Record::AclToken(token) => {
            let brought = || plan.brought.contains(&Id::secret(token.secret_id.0));
            let kept = decision == Decision::Kept || decision != Decision::Dropped && brought();
            kept && !out(Id::auth_method(token.auth_method.0))
        }
        Record::LegacyAcl(token) => {
            decision == Decision::Kept
                || decision != Decision::Dropped && plan.brought.contains(&Id::secret(token.id.0))
        }
        Record::AclBindingRule(rule) => {
            decision == Decision::Kept && !out(Id::auth_method(rule.auth_method.0))
        }
        Record::AclRole(role) => plan.keeps(decision, Id::of(&[role.id.0])),
        Record::AclPolicy(policy) => plan.keeps(decision, Id::of(&[policy.id.0])),
        Record::AclAuthMethod(method) => plan.keeps(decision, Id::auth_method(method.name.0)),
        Record::ConfigEntry(entry) => plan.keeps(decision, Id::entry(entry.kind.0, entry.name().0)),
        Record::PeeringTrustBundle(bundle) => plan.keeps_of_peer(decision, bundle.peer_name.0),
        Record::PeeringSecret(secret) => plan.keeps_of_peer(decision, secret.peer_id.0),
        Record::Peering(peering) => plan.keeps(decision, Id::peer(peering.name.0)),
        Record::ServiceVirtualIp(ip) => {
            let peer = ip.service.get()?.peer.0;
            plan.selects(Kind::SERVICE_VIRTUAL_IP, decision)
                && (peer.is_empty() || !out(Id::peer(peer)))
        }
        Record::Resource(found) => plan.keeps(decision, resource::id(found)),
        _ => true,
    })
}

/// Whether a record's session is left out.
fn released(plan: &Plan, frame: &Frame<'_>) -> bool {
    let session = frame.entries().and_then(|entries| entries.find(b"Session").ok().flatten());
    match session {
        Some(Value::Raw(session)) if !session.is_empty() => {
            plan.options.excludes(Kind::SESSION) || plan.out.contains(&Id::of(&[session]))
        }
        _ => false,
    }
}

/// Whether the token a prepared query runs with is left out.
fn loses_token(plan: &Plan, frame: &Frame<'_>) -> bool {
    let token = frame.entries().and_then(|entries| entries.find(b"Token").ok().flatten());
    matches!(token, Some(Value::Raw(token)) if plan.out.contains(&Id::secret(token)))
}

/// A prepared query without the session or the token that is left out.
fn query(
    plan: &Plan,
    frame: &Frame<'_>,
    out: &mut Vec<u8>,
    tally: &mut Tally,
) -> Result<(), FieldError> {
    let (session, token) = (released(plan, frame), loses_token(plan, frame));
    if !session && !token {
        return Ok(());
    }
    tally.query_sessions += u64::from(session);
    tally.query_tokens += u64::from(token);
    out.push(frame.kind.0);
    map_with(frame.cursor(), out, |name, _, out| {
        let is_cut = session && name == b"Session" || token && name == b"Token";
        is_cut && {
            encode::raw(b"", out);
            true
        }
    })?;
    Ok(())
}

/// Removes links to policies and roles that are left out.
fn links(
    plan: &Plan,
    frame: &Frame<'_>,
    out: &mut Vec<u8>,
    tally: &mut Tally,
) -> Result<(), FieldError> {
    let keep = |link: Value<'_>| match link {
        Value::Map(link) => match link.find(b"ID") {
            Ok(Some(Value::Raw(id))) => !plan.out.contains(&Id::of(&[id])),
            _ => true,
        },
        _ => true,
    };
    let start = out.len();
    let (mut cut, mut failed) = (0, Ok(()));
    out.push(frame.kind.0);
    map_with(frame.cursor(), out, |name, value, out| {
        matches!(name, b"Policies" | b"Roles") && {
            match list_without(value, out, keep) {
                Ok(n) => cut += n,
                Err(e) => failed = Err(e),
            }
            true
        }
    })?;
    failed?;
    if cut == 0 {
        out.truncate(start);
    }
    tally.links += cut;
    Ok(())
}
