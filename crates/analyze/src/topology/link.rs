//! Links between services.

/// Why a service leads to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// An intention that allows connections.
    Allow,
    /// An intention that denies connections.
    Deny,
    /// An intention whose permissions decide about each request.
    Permissions,
    /// A proxy of the first has the second as an upstream.
    Upstream,
    /// A gateway leads to the service.
    Gateway,
    /// A service-router sends some requests there.
    Router,
    /// A service-splitter sends some connections there.
    Splitter,
    /// A service-resolver redirects there.
    Redirect,
    /// A service-resolver fails over to it.
    Failover,
}

impl LinkKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Allow,
        Self::Deny,
        Self::Permissions,
        Self::Upstream,
        Self::Gateway,
        Self::Router,
        Self::Splitter,
        Self::Redirect,
        Self::Failover,
    ];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Permissions => "permissions",
            Self::Upstream => "upstream",
            Self::Gateway => "gateway",
            Self::Router => "router",
            Self::Splitter => "splitter",
            Self::Redirect => "redirect",
            Self::Failover => "failover",
        }
    }

    /// Whether it is an intention.
    #[must_use]
    pub const fn is_intention(self) -> bool {
        matches!(self, Self::Allow | Self::Deny | Self::Permissions)
    }
}

/// A link between services, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceLink {
    /// The service that calls; `*` for any.
    pub from: Vec<u8>,
    /// The service that is called; `*` for any.
    pub to: Vec<u8>,
    /// Why.
    pub kind: LinkKind,
}
