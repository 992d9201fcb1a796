//! Overrides in a request for a chain.

/// The overrides in a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// A mode of mesh gateways; empty if it is not overridden.
    pub(crate) mesh_gateway: String,
    /// A protocol; empty if it is not overridden.
    pub(crate) protocol: String,
    /// Nanoseconds; 0 if it is not overridden.
    pub(crate) connect_timeout: i64,
}

/// 64-bit FNV-1, with which Go programs hash values of any type.
#[derive(Debug, Clone, Copy)]
struct Fnv(u64);

impl Fnv {
    fn of(bytes: &[u8]) -> u64 {
        let mut hash = Self(0xcbf2_9ce4_8422_2325);
        for byte in bytes {
            hash.0 = hash.0.wrapping_mul(0x0100_0000_01b3) ^ u64::from(*byte);
        }
        hash.0
    }

    /// The hash of a field, from the hashes of its name and value.
    fn field(name: &str, value: u64) -> u64 {
        Self::of(&[Self::of(name.as_bytes()).to_le_bytes(), value.to_le_bytes()].concat())
    }
}

impl Overrides {
    /// The hash by which proxies distinguish customised chains; `None` if nothing was customised.
    pub(super) fn hash(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let text = |text: &str| Fnv::of(text.as_bytes());
        let gateway = text("MeshGatewayConfig") ^ Fnv::field("Mode", text(&self.mesh_gateway));
        let timeout = Fnv::of(&self.connect_timeout.to_le_bytes());
        // The struct has no name.
        let all = text("")
            ^ Fnv::field("OverrideMeshGateway", gateway)
            ^ Fnv::field("OverrideProtocol", text(&self.protocol))
            ^ Fnv::field("OverrideConnectTimeout", timeout);
        format!("{all:x}").get(..8).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_servers() {
        let tcp = Overrides { protocol: "tcp".to_owned(), ..Overrides::default() };
        let grpc = Overrides { protocol: "grpc".to_owned(), ..Overrides::default() };
        let slow = Overrides { connect_timeout: 7_000_000_000, ..Overrides::default() };
        for (overrides, hash) in [(tcp, "96f2c150"), (grpc, "ef15b5b5"), (slow, "8b1bc506")] {
            assert_eq!(overrides.hash().as_deref(), Some(hash), "{overrides:?}");
        }
        assert_eq!(Overrides::default().hash(), None);
    }
}
