//! The current state of the cluster, for the kinds in question.

use super::{Live, endpoints, readers};
use crate::client::{Client, ClientError, Limits};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use snapscope_analyze::ClusterName;
use snapscope_analyze::api::keys::MOST_OPERATIONS;
use snapscope_analyze::api::written::{Object, chosen_id, name, text};
use snapscope_decode::ServerVersion;
use snapscope_objects::kind::KindId;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Number of requests that are sent at the same time.
pub(super) const IN_FLIGHT: usize = 16;

/// What to read from a cluster.
#[derive(Debug, Default)]
pub struct Asked<'w> {
    /// Objects by kind; the cluster may have them in another state.
    pub objects: Vec<(KindId, &'w Object)>,
    /// Prefixes below which all keys are read.
    pub prefixes: Vec<String>,
}

/// The current state of a cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The version of the agent, if the token may see it.
    pub version: Option<ServerVersion>,
    /// Which cluster it is, as far as the token may see it.
    pub name: ClusterName,
    /// The sizes that it accepts.
    pub limits: Limits,
    /// Names of live agents, in lower case, if nodes are in question.
    agents: BTreeSet<String>,
    /// Names of its auth methods, if binding rules are in question and the token may see them.
    methods: Option<BTreeSet<String>>,
    /// Kinds of config entries that it does not know.
    unknown: BTreeSet<String>,
    kinds: HashMap<KindId, Held>,
    /// Kinds that the token may not read, with the servers' words.
    denied: BTreeMap<KindId, String>,
    /// Keys that were read because of a prefix.
    below: Vec<String>,
}

/// The objects of a kind.
#[derive(Debug, Default)]
struct Held {
    objects: Vec<Live>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl Held {
    fn add(&mut self, kind: KindId, live: Live) {
        let at = self.objects.len();
        if let Some(id) = chosen_id(kind, &live.object) {
            self.by_id.insert(id.to_owned(), at);
        }
        self.by_name.entry(name(kind, &live.object)).or_insert(at);
        self.objects.push(live);
    }

    fn find(&self, kind: KindId, object: &Object) -> Option<&Live> {
        let by_id = chosen_id(kind, object).and_then(|id| self.by_id.get(id));
        let at = by_id.or_else(|| self.by_name.get(&name(kind, object)))?;
        self.objects.get(*at)
    }
}

impl Cluster {
    /// Reads the cluster's state.
    ///
    /// # Errors
    /// As for every request. Objects that the token may not read count as absent, because servers
    /// hide them.
    pub async fn read(client: &Client, asked: &Asked<'_>) -> Result<Self, ClientError> {
        let version = client.agent_self().await.ok();
        let version = version.and_then(|agent| ServerVersion::parse(&agent.config.version));
        let mut cluster = Self {
            version,
            name: client.cluster_name().await,
            limits: client.limits().await,
            agents: BTreeSet::new(),
            methods: None,
            unknown: BTreeSet::new(),
            kinds: HashMap::new(),
            denied: BTreeMap::new(),
            below: Vec::new(),
        };
        let mut of_kind: BTreeMap<KindId, Vec<&Object>> = BTreeMap::new();
        for (kind, object) in &asked.objects {
            of_kind.entry(*kind).or_default().push(object);
        }
        if !asked.prefixes.is_empty() {
            of_kind.entry(KindId::Kv).or_default();
        }
        for (kind, objects) in of_kind {
            let read = match kind {
                KindId::Kv => cluster.keys(client, &objects, &asked.prefixes).await,
                KindId::ConfigEntries => cluster.entries(client, &objects).await,
                KindId::Nodes => cluster.nodes(client, &objects).await,
                kind => listed(client, kind, &objects).await,
            };
            let read = match read {
                Ok(read) => read,
                // Other kinds can still be written.
                Err(e) if e.status() == Some(403) && !e.is_unknown_token() => {
                    cluster.denied.insert(kind, e.to_string());
                    continue;
                }
                Err(e) => return Err(e),
            };
            if kind == KindId::BindingRules {
                let methods = readers::list(client, KindId::AuthMethods).await?;
                let names = methods.iter().map(|method| text(method, "Name").to_owned());
                cluster.methods = Some(names.collect());
            }
            let held = cluster.kinds.entry(kind).or_default();
            read.into_iter().for_each(|live| held.add(kind, live));
        }
        Ok(cluster)
    }

    /// The object that the cluster has in place of one: with its ID, or else with its name.
    #[must_use]
    pub fn find(&self, kind: KindId, object: &Object) -> Option<&Live> {
        self.kinds.get(&kind)?.find(kind, object)
    }

    /// All keys below a prefix that was read.
    pub fn keys_below(&self, prefix: &str) -> impl Iterator<Item = &Live> {
        let keys =
            self.kinds.get(&KindId::Kv).map(|held| held.objects.as_slice()).unwrap_or_default();
        keys.iter().filter(move |live| text(&live.object, "Key").starts_with(prefix))
    }

    /// Whether these servers do not know a kind of config entries.
    #[must_use]
    pub fn is_unknown_entry(&self, kind: &str) -> bool {
        self.unknown.contains(kind)
    }

    /// Why the token cannot read the cluster's objects of a kind, if it cannot.
    #[must_use]
    pub fn denied(&self, kind: KindId) -> Option<&str> {
        self.denied.get(&kind).map(String::as_str)
    }

    /// Whether an auth method is missing, as far as that is known.
    #[must_use]
    pub fn lacks_method(&self, name: &str) -> bool {
        self.methods.as_ref().is_some_and(|methods| !methods.contains(name))
    }

    /// Whether a node has a running agent, which registers the node itself.
    #[must_use]
    pub fn is_agent(&self, node: &str) -> bool {
        self.agents.contains(&node.to_lowercase())
    }

    async fn keys(
        &mut self,
        client: &Client,
        objects: &[&Object],
        prefixes: &[String],
    ) -> Result<Vec<Live>, ClientError> {
        let mut found = Vec::new();
        for prefix in prefixes {
            // Keys below a prefix that was already read need not be read again.
            if !self.below.iter().any(|read| prefix.starts_with(read.as_str())) {
                found.extend(readers::keys_below(client, prefix).await?);
                self.below.push(prefix.clone());
            }
        }
        let names: Vec<&str> = objects
            .iter()
            .map(|key| text(key, "Key"))
            .filter(|key| !self.below.iter().any(|read| key.starts_with(read.as_str())))
            .collect();
        let rest: Vec<Vec<Live>> = stream::iter(names.chunks(MOST_OPERATIONS))
            .map(|names| readers::keys(client, names))
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await?;
        found.extend(rest.into_iter().flatten());
        // Prefixes may overlap.
        let mut seen = HashSet::new();
        found.retain(|live| seen.insert(text(&live.object, "Key").to_owned()));
        Ok(found)
    }

    async fn entries(
        &mut self,
        client: &Client,
        objects: &[&Object],
    ) -> Result<Vec<Live>, ClientError> {
        let kinds: BTreeSet<&str> = objects.iter().map(|entry| text(entry, "Kind")).collect();
        let mut found = Vec::new();
        for kind in kinds {
            match readers::entries(client, kind).await? {
                Some(entries) => found.extend(entries),
                None => drop(self.unknown.insert(kind.to_owned())),
            }
        }
        Ok(found)
    }

    async fn nodes(
        &mut self,
        client: &Client,
        objects: &[&Object],
    ) -> Result<Vec<Live>, ClientError> {
        self.agents.extend(readers::members(client).await?);
        let found: Vec<Option<Live>> = stream::iter(objects)
            .map(|node| readers::node(client, text(node, "Node")))
            .buffer_unordered(IN_FLIGHT)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// The objects of a kind that some objects would replace, in full.
async fn listed(
    client: &Client,
    kind: KindId,
    objects: &[&Object],
) -> Result<Vec<Live>, ClientError> {
    let names: HashSet<String> = objects.iter().map(|object| name(kind, object)).collect();
    let ids: HashSet<&str> = objects.iter().filter_map(|object| chosen_id(kind, object)).collect();
    let mut listed = readers::list(client, kind).await?;
    listed.retain(|object| {
        chosen_id(kind, object).is_some_and(|id| ids.contains(id))
            || names.contains(&name(kind, object))
    });
    let full: Vec<Option<Live>> = stream::iter(&listed)
        .map(|object| readers::full(client, kind, object))
        .buffered(IN_FLIGHT)
        .try_collect()
        .await?;
    Ok(full.into_iter().flatten().collect())
}

/// The object that has replaced another one of its kind; `known` is the cluster's earlier object.
pub(super) async fn one(
    client: &Client,
    kind: KindId,
    object: &Object,
    known: Option<&Object>,
) -> Result<Option<Live>, ClientError> {
    match (kind, known) {
        (KindId::ConfigEntries, _) => readers::entry(client, object).await,
        (KindId::Nodes, _) => readers::node(client, text(object, "Node")).await,
        (KindId::Kv, _) => {
            Ok(readers::keys(client, &[text(object, "Key")]).await?.into_iter().next())
        }
        (kind, Some(known)) if matches!(endpoints::again(kind, known), Ok(Some(_))) => {
            readers::again(client, kind, known).await
        }
        // Its name has a path of its own, so no list is needed.
        (KindId::Tokens | KindId::AuthMethods, None) => readers::full(client, kind, object).await,
        (kind, _) => {
            let mut held = Held::default();
            let all = listed(client, kind, &[object]).await?;
            all.into_iter().for_each(|live| held.add(kind, live));
            Ok(held.find(kind, object).cloned())
        }
    }
}
