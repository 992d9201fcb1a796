//! Go's binary time.

/// A point in time with the offset it was written in, as Go's `time.Time` marshals itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GoTime {
    /// Seconds since 0001-01-01T00:00:00Z.
    pub seconds: i64,
    /// Nanoseconds of that second.
    pub nanos: i32,
    /// Seconds east of UTC of the zone it was written in; `None` if it was written as UTC.
    pub offset: Option<i32>,
}

impl GoTime {
    /// The instant Go calls zero: the first second of year 1, UTC.
    pub const ZERO: Self = Self { seconds: 0, nanos: 0, offset: None };

    /// Seconds from year 1 to 1970.
    pub const UNIX_EPOCH: i64 = 62_135_596_800;

    /// Reads 15 bytes (version 1) or 16 (version 2): version, seconds, nanoseconds and offset in
    /// minutes, all big-endian; version 2 adds seconds to the offset.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first()?;
        let (seconds, rest) = rest.split_first_chunk::<8>()?;
        let (nanos, rest) = rest.split_first_chunk::<4>()?;
        let (minutes, rest) = rest.split_first_chunk::<2>()?;
        let minutes = i16::from_be_bytes(*minutes);
        let extra = match (version, rest) {
            (1, []) => 0,
            (2, [extra]) => i32::from(i8::from_be_bytes([*extra])),
            _ => return None,
        };
        let offset = i32::from(minutes).saturating_mul(60).saturating_add(extra);
        Some(Self {
            seconds: i64::from_be_bytes(*seconds),
            nanos: i32::from_be_bytes(*nanos),
            offset: (minutes != -1).then_some(offset),
        })
    }

    /// Its 15 bytes (version 1); seconds of the offset are lost.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 15] {
        let minutes =
            self.offset.map_or(-1, |offset| i16::try_from(offset.div_euclid(60)).unwrap_or(-1));
        let mut bytes = [1; 15];
        let parts = self.seconds.to_be_bytes().into_iter().chain(self.nanos.to_be_bytes());
        let parts = parts.chain(minutes.to_be_bytes());
        bytes.iter_mut().skip(1).zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// Whether this is the zero instant, in whatever zone.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.seconds == 0 && self.nanos == 0
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn unix_seconds(&self) -> i64 {
        self.seconds.saturating_sub(Self::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_versions_and_refuses_others() {
        let zero = b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff";
        assert_eq!(GoTime::from_bytes(zero), Some(GoTime::ZERO));
        let east = b"\x02\0\0\0\0\0\0\0\x05\0\0\0\x07\0\x3c\x1e";
        assert_eq!(
            GoTime::from_bytes(east),
            Some(GoTime { seconds: 5, nanos: 7, offset: Some(3630) })
        );
        assert_eq!(GoTime::from_bytes(&east[..15]), None);
        assert_eq!(GoTime::from_bytes(b"\x03\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff"), None);
        assert_eq!(GoTime::from_bytes(b""), None);
    }
}
