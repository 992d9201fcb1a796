//! Prepared queries.

use super::finding::{Finding, Findings};
use super::rules::{QUERY001, QUERY002, QUERY003};
use snapscope_decode::FieldError;
use snapscope_decode::records::PreparedQueryRef;
use snapscope_objects::kind::KindId;

/// Queries that belong to sessions, until all sessions are known.
#[derive(Debug, Default)]
pub(super) struct QueryRules {
    bound: Vec<(Vec<u8>, Vec<u8>, u64, u64)>,
}

impl QueryRules {
    pub(super) fn query(
        &mut self,
        number: u64,
        query: &PreparedQueryRef<'_>,
        out: &mut Findings,
    ) -> Result<(), FieldError> {
        let name = query.name.lossy();
        let make = |rule, message: String| {
            Finding::new(rule, KindId::Queries, query.id.0, message).at(number, query.modify_index)
        };
        if !query.token.is_empty() {
            out.add(
                make(&QUERY001, format!("query {name:?} runs with its own token"))
                    .in_field("Token"),
            );
        }
        let template = query.template.get()?;
        if name.is_empty() && template.type_.0 == b"name_prefix_match" {
            out.add(make(&QUERY002, "the template matches every name".to_owned()));
        }
        if !query.session.is_empty() {
            let (id, session) = (query.id.0.to_vec(), query.session.0.to_vec());
            self.bound.push((id, session, number, query.modify_index));
        }
        Ok(())
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.bound.extend(other.bound);
    }

    pub(super) fn finish(self, has_session: impl Fn(&[u8]) -> bool, out: &mut Findings) {
        for (id, session, number, index) in self.bound {
            if !has_session(&session) {
                let session = String::from_utf8_lossy(&session);
                let message = format!("its session {session} does not exist");
                out.add(Finding::new(&QUERY003, KindId::Queries, id, message).at(number, index));
            }
        }
    }
}
