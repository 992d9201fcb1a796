//! The rules by which messages are shown.

/// Which rules a message is shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Go's `encoding/json` over generated structs: the peering messages.
    GoJson,
    /// What the HTTP API makes of peering messages: states by name, times as text.
    Api,
    /// Protobuf's own JSON: resources.
    ProtoJson,
    /// The same as the HTTP API shows it: without the URLs of types.
    ProtoApi,
}

impl Style {
    /// Whether the rules are those of protobuf's own JSON.
    pub(super) const fn is_proto(self) -> bool {
        matches!(self, Self::ProtoJson | Self::ProtoApi)
    }
}
