//! What the first pass has to collect: data without consequences is not kept.

use super::options::ExtractOptions;
use snapscope_decode::Kind;

/// What has to be collected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wants {
    pub(super) catalog: bool,
    pub(super) acl: bool,
    pub(super) queries: bool,
    pub(super) entries: bool,
    pub(super) peerings: bool,
    pub(super) resources: bool,
}

const ACL: [Kind; 5] = [
    Kind::ACL_TOKEN,
    Kind::ACL_POLICY,
    Kind::ACL_ROLE,
    Kind::ACL_BINDING_RULE,
    Kind::ACL_AUTH_METHOD,
];
const CATALOG: [Kind; 5] = [
    Kind::REGISTER,
    Kind::COORDINATE_BATCH_UPDATE,
    Kind::SESSION,
    Kind::SERVICE_VIRTUAL_IP,
    Kind::FREE_VIRTUAL_IP,
];
const IMPORTS: [Kind; 4] =
    [Kind::PEERING, Kind::PEERING_TRUST_BUNDLE, Kind::PEERING_SECRET, Kind::REGISTER];

impl Wants {
    pub(super) fn of(options: &ExtractOptions) -> Self {
        // Some records of these types are kept, and some are left out.
        let some = |kinds: &[Kind]| {
            let touched = |kind: &Kind| options.splits(*kind) || options.excludes(*kind);
            let left = |kind: &Kind| !options.excludes(*kind);
            kinds.iter().any(touched) && kinds.iter().any(left)
        };
        let of_queries = !options.excludes(Kind::PREPARED_QUERY);
        let imports = some(&IMPORTS);
        let named_peers = [&IMPORTS[..], &[Kind::CONFIG_ENTRY, Kind::PREPARED_QUERY]].concat();
        let peerings = some(&named_peers);
        let tokens = [Kind::ACL_TOKEN, Kind::ACL, Kind::PREPARED_QUERY];
        Self {
            catalog: some(&CATALOG) || imports && !options.excludes(Kind::REGISTER),
            acl: some(&ACL) || of_queries && some(&tokens),
            queries: of_queries && (some(&tokens) || peerings),
            entries: options.with_deps
                && (some(&[Kind::CONFIG_ENTRY, Kind::PREPARED_QUERY]) || peerings),
            peerings,
            resources: some(&[Kind::RESOURCE]),
        }
    }
}
