//! An answer does not depend on which worker saw which record, even if records contradict each
//! other.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests fail as tests do

use proptest::prelude::*;
use snapscope_analyze::acl::AclModel;
use snapscope_analyze::audit::{Audit, AuditOptions};
use snapscope_analyze::{
    About, Breakdown, BreakdownReport, By, Fold, GroupKeys, Identity, Inspect, KeyDetails,
    KeyGroups, Origin, Problems,
};
use snapscope_archive::{Closing, OpenOptions, Source, open};
use snapscope_decode::{Frame, frames_of};
use snapscope_objects::kinds::by_name;
use snapscope_objects::row::{Reader, RowOptions};
use snapscope_runs::Room;
use snapscope_testkit::msgpack::user_map;
use snapscope_testkit::records::catalog::{Node, Service, session};
use snapscope_testkit::records::{acl, cluster, connect, kv, peering};
use snapscope_testkit::{ConsulVersion, Record, SnapshotSpec};
use std::fmt::Debug;
use std::io;
use std::ops::ControlFlow;

const VERSION: ConsulVersion = ConsulVersion::V1_21_4;

/// Several records for one object, which no server writes, but a file may contain.
fn contradicting() -> Vec<Record> {
    let mut records = Vec::new();
    for n in 0..3u64 {
        let index = n + 1;
        let node = Node::new("server", "09a2ebf4-5609-c38a-5b04-5cfbc786e7c1", index);
        let mut service = Service::new("consul", "consul", index);
        service.meta = vec![("version".into(), format!("1.1{n}.0"))];
        records.push(node.service_record(VERSION, &service));
        let mut config = connect::ca_config(VERSION, index);
        config = config.with("ClusterID", format!("cluster-{n}").as_str());
        records.push(config);
        records.push(session(VERSION, "5e55", &format!("session {n}"), "server", index));
        records.push(peering::peering("p1", &format!("peer-{n}"), index));
        records.push(peering::secret("p1", "some-secret"));
        records.push(cluster::chunking_state(10 - n, 2, &[Some(b"x"), None]));
        let secret = "6f3b9ad4-1f5c-4b0e-8a44-2f3d1f0b9a01";
        let accessor = format!("aaaaaaaa-0000-4000-8000-00000000000{n}");
        records.push(acl::token(VERSION, &accessor, secret, "one of three", &[], &[], index));
        records.push(kv::entry(format!("app/{n}/token"), secret, 0, index));
        records.push(kv::locked("app/lock", "x", 0, index, "5e55", 1));
        let id = format!("bbbbbbbb-0000-4000-8000-00000000000{n}");
        records.push(acl::policy(
            VERSION,
            &id,
            "twice",
            "key_prefix \"\" { policy = \"write\" }",
            index,
        ));
    }
    records.push(Record::new(22, user_map(&[("Kind", "nonsense")])));
    records
}

/// The answer if each record is read by the worker with the given number, joined in that order.
fn answer<F: Fold>(
    frames: &[Frame<'_>],
    owners: &[usize],
    order: &[usize],
    closing: &Closing,
    new: impl Fn() -> F,
) -> String
where
    F::Out: Debug,
{
    let mut workers: Vec<Option<(F, Problems)>> =
        order.iter().map(|_| Some((new(), Problems::default()))).collect();
    for (frame, owner) in frames.iter().zip(owners.iter().cycle()) {
        let (fold, problems) = workers[*owner].as_mut().unwrap();
        fold.frame(frame, problems);
    }
    let mut parts = order.iter().map(|worker| workers[*worker].take().unwrap());
    let (mut all, mut problems) = parts.next().unwrap();
    for (fold, found) in parts {
        all.merge(fold);
        problems.merge(found);
    }
    format!("{:?} {problems:?}", all.finish(closing))
}

/// The `list` of a kind that is a join.
struct Join(Reader);

impl Join {
    fn new(kind: &str) -> Self {
        Self(Reader::new(by_name(kind).unwrap(), RowOptions::default()))
    }
}

impl Fold for Join {
    type Out = Vec<String>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        for problem in self.0.frame(frame, &mut |_| {}) {
            problems.add(frame, problem);
        }
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn finish(self, _: &Closing) -> Vec<String> {
        let mut rows = Vec::new();
        self.0.finish(&mut |row| rows.push(String::from_utf8(row.to_json()).unwrap()));
        rows
    }
}

/// A question whose answer is groups, which are read one by one.
struct InGroups<F>(F);

/// The whole answer.
trait Whole {
    fn whole(self) -> Vec<String>;
}

impl Whole for BreakdownReport {
    fn whole(self) -> Vec<String> {
        let mut all = vec![format!("{} {}", self.count, self.size)];
        self.groups
            .each(|name, group| {
                let percentiles = [50, 90, 99].map(|percent| group.sizes.percentile(percent));
                all.push(format!("{name:?} {} {} {percentiles:?}", group.count, group.size));
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
        all
    }
}

impl Whole for KeyGroups {
    fn whole(self) -> Vec<String> {
        let mut all = vec![self.total.to_string()];
        self.groups
            .each(|name, tally| {
                all.push(format!("{name:?} {tally:?}"));
                Ok(ControlFlow::Continue(()))
            })
            .unwrap();
        all
    }
}

impl<W: Whole, F: Fold<Out = io::Result<W>>> Fold for InGroups<F> {
    type Out = Vec<String>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        self.0.frame(frame, problems);
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn finish(self, closing: &Closing) -> Vec<String> {
        self.0.finish(closing).unwrap().whole()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn it_does_not_matter_which_worker_saw_which_record(
        owners in prop::collection::vec(0usize..4, 60),
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let spec = SnapshotSpec::new(contradicting());
        let state = spec.state();
        let mut blocks = open(&Source::Memory(state.clone().into()), &OpenOptions::default()).unwrap();
        blocks.by_ref().for_each(drop);
        let closing = blocks.finish();
        let header = spec.offsets()[0];
        let frames: Vec<Frame<'_>> = frames_of(&state[header..]).map(Result::unwrap).collect();
        prop_assert_eq!(frames.len(), spec.records.len());
        macro_rules! same {
            ($new:expr) => {
                let alone = answer(&frames, &[0], &[0], &closing, $new);
                let several = answer(&frames, &owners, &order, &closing, $new);
                prop_assert_eq!(several, alone);
            };
        }
        same!(About::default);
        same!(Origin::default);
        same!(Identity::default);
        same!(AclModel::default);
        same!(|| Audit::new(AuditOptions::default()));
        same!(Inspect::new);
        for limit in [0, Room::LIMIT] {
            let room = Room::new(limit);
            let details = KeyDetails { depth: 2, prefix: Vec::new() };
            same!(|| InGroups(GroupKeys::new(details.clone(), &room)));
            same!(|| InGroups(Breakdown::new(By::Prefix { depth: 2, under: Vec::new() }, &room)));
            same!(|| InGroups(Breakdown::new(By::Policy, &room)));
        }
        for kind in ["services", "locks", "intentions"] {
            same!(|| Join::new(kind));
        }
    }
}
