//! Makes snapshots that are well formed but wrong: a recorded one with one or a few changes, which depend on a seed.
//!
//! Only a real server can answer what servers do with them.

use crate::archive::Archive;
use crate::fixtures::unpack;
use crate::msgpack::Val;
use crate::random::SplitMix64;
use crate::records::{Record, kind};

/// A changed snapshot.
#[derive(Clone, Debug)]
pub struct Mutation {
    /// A description of the changes, for messages.
    pub what: String,
    /// The archive.
    pub snap: Vec<u8>,
}

/// Changes a snapshot; the same seed makes the same changes.
///
/// # Panics
/// If `snap` is not an intact archive.
#[must_use]
pub fn mutate(snap: &[u8], seed: u64) -> Mutation {
    let mut original = Original::of(snap);
    let mut random = SplitMix64::new(seed);
    let mut what = Vec::new();
    // Mostly a single change, so it is clear which one a server refuses.
    for _ in 0..if random.percent(80) { 1 } else { 2 } {
        what.push(change(&mut original.records, &mut random));
    }
    Mutation { what: what.join("; "), snap: original.snap(&original.records) }
}

/// The parts of a recorded snapshot.
#[derive(Clone, Debug)]
pub struct Original {
    meta: serde_json::Value,
    header: Vec<u8>,
    /// Its records.
    pub records: Vec<Record>,
}

impl Original {
    /// Splits an archive into its parts.
    ///
    /// # Panics
    /// If `snap` is not an intact archive.
    #[must_use]
    pub fn of(snap: &[u8]) -> Self {
        let members = unpack(snap).unwrap();
        let member = |name: &str| members.iter().find(|m| m.0 == name).unwrap().1.as_slice();
        let (header, records) = read_state(member("state.bin"));
        let meta = serde_json::from_slice(member("meta.json")).unwrap();
        Self { meta, header, records }
    }

    /// An archive like the original one, with these records.
    #[must_use]
    pub fn snap(&self, records: &[Record]) -> Vec<u8> {
        let mut state = self.header.clone();
        records.iter().for_each(|record| record.encode(&mut state));
        let mut meta = self.meta.clone();
        meta["Size"] = state.len().into();
        Archive::of_files(meta.to_string().as_bytes(), &state).snap()
    }
}

/// The header's bytes and the records of a `state.bin`.
///
/// # Panics
/// If it is damaged.
#[must_use]
pub fn read_state(state: &[u8]) -> (Vec<u8>, Vec<Record>) {
    let mut reader = Reader { bytes: state, at: 0 };
    reader.value();
    let header = state[..reader.at].to_vec();
    let mut records = Vec::new();
    while reader.at < state.len() {
        let kind = reader.byte();
        records.push(Record::new(kind, reader.value()));
    }
    (header, records)
}

/// The values in these bytes, one after the other.
pub(crate) fn read_values(bytes: &[u8]) -> Vec<Val> {
    let mut reader = Reader { bytes, at: 0 };
    let mut values = Vec::new();
    while reader.at < bytes.len() {
        values.push(reader.value());
    }
    values
}

/// Reads msgpack as [`Val`] writes it.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        self.at += 1;
        self.bytes[self.at - 1]
    }

    fn number(&mut self, size: usize) -> u64 {
        (0..size).fold(0, |number, _| number << 8 | u64::from(self.byte()))
    }

    fn raw(&mut self, size: u64) -> Val {
        let from = self.at;
        self.at += size as usize;
        Val::Raw(self.bytes[from..self.at].to_vec())
    }

    fn array(&mut self, size: u64) -> Val {
        Val::Array((0..size).map(|_| self.value()).collect())
    }

    fn map(&mut self, size: u64) -> Val {
        Val::Map((0..size).map(|_| (self.value(), self.value())).collect())
    }

    fn value(&mut self) -> Val {
        match self.byte() {
            byte @ 0..=0x7f => Val::Uint(byte.into()),
            byte @ 0x80..=0x8f => self.map(u64::from(byte & 15)),
            byte @ 0x90..=0x9f => self.array(u64::from(byte & 15)),
            byte @ 0xa0..=0xbf => self.raw(u64::from(byte & 31)),
            0xc0 => Val::Nil,
            0xc2 => Val::Bool(false),
            0xc3 => Val::Bool(true),
            0xca => Val::F32(f32::from_bits(self.number(4) as u32)),
            0xcb => Val::F64(f64::from_bits(self.number(8))),
            byte @ 0xcc..=0xcf => Val::Uint(self.number(1 << (byte - 0xcc))),
            0xd0 => Val::Int(i64::from(self.number(1) as i8)),
            0xd1 => Val::Int(i64::from(self.number(2) as i16)),
            0xd2 => Val::Int(i64::from(self.number(4) as i32)),
            0xd3 => Val::Int(self.number(8) as i64),
            0xda => {
                let size = self.number(2);
                self.raw(size)
            }
            0xdb => {
                let size = self.number(4);
                self.raw(size)
            }
            0xdc => {
                let size = self.number(2);
                self.array(size)
            }
            0xdd => {
                let size = self.number(4);
                self.array(size)
            }
            0xde => {
                let size = self.number(2);
                self.map(size)
            }
            0xdf => {
                let size = self.number(4);
                self.map(size)
            }
            byte @ 0xe0..=0xff => Val::Int(i64::from(byte as i8)),
            byte => panic!("{byte:#x} at {} is nothing that Consul writes", self.at - 1),
        }
    }
}

/// Makes one change and returns its description.
fn change(records: &mut Vec<Record>, random: &mut SplitMix64) -> String {
    // The type is drawn first, because some types have one record and others hundreds.
    let mut kinds: Vec<u8> = records.iter().map(|record| record.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let kind = *random.pick(&kinds);
    let of: Vec<usize> = (0..records.len()).filter(|at| records[*at].kind == kind).collect();
    let at = *random.pick(&of);
    let place = format!("record {} of type {kind}", at + 1);
    match random.below(20) {
        0 => {
            let types = [1, 4, 10, 11, 18, 29, 30, 31, 32, 35, 40, 42, 45, 65, 128 + 34, 200];
            records[at].kind = *random.pick(&types);
            format!("{place} becomes type {}", records[at].kind)
        }
        1 => {
            records.remove(at);
            format!("{place} is gone")
        }
        2 => {
            let copy = records[at].clone();
            records.insert(random.index(records.len()), copy);
            format!("{place} is there twice")
        }
        3 => {
            let record = records.remove(at);
            let to = random.index(records.len());
            records.insert(to, record);
            format!("{place} moves to {}", to + 1)
        }
        _ => {
            let donor = records[random.index(records.len())].clone();
            let changed = field(&mut records[at], &donor, random);
            format!("{place}: {changed}")
        }
    }
}

/// Changes a field somewhere in a record.
fn field(record: &mut Record, donor: &Record, random: &mut SplitMix64) -> String {
    if record.kind != kind::CONFIG_ENTRY {
        return value(&mut record.body, donor, String::new(), random);
    }
    // The body is raw; it contains a kind and a request.
    let Val::Raw(inner) = &record.body else { return "not a config entry".into() };
    let mut parts = read_values(inner);
    let said = if random.percent(15) {
        let kinds =
            ["mesh", "service-intentions", "exported-services", "jwt-provider", "no-such", ""];
        let kind = *random.pick(&kinds);
        parts[0] = kind.into();
        format!("kind becomes {kind:?}")
    } else {
        value(&mut parts[1], donor, String::new(), random)
    };
    let mut out = Vec::new();
    parts.iter().for_each(|part| part.encode(&mut out));
    record.body = Val::Raw(out);
    said
}

/// Descends to a random value and changes it.
fn value(of: &mut Val, donor: &Record, path: String, random: &mut SplitMix64) -> String {
    match of {
        Val::Map(entries) if !entries.is_empty() && !random.percent(6) => {
            let at = random.index(entries.len());
            let name = match &entries[at].0 {
                Val::Raw(name) => String::from_utf8_lossy(name).into_owned(),
                other => format!("{other:?}"),
            };
            let path = format!("{path}.{name}");
            if random.percent(8) {
                entries.remove(at);
                return format!("{path} is gone");
            }
            value(&mut entries[at].1, donor, path, random)
        }
        Val::Array(items) if !items.is_empty() && !random.percent(15) => {
            let at = random.index(items.len());
            value(&mut items[at], donor, format!("{path}[{at}]"), random)
        }
        leaf => {
            let before = short(leaf);
            *leaf = other(leaf, donor, random);
            format!("{path} from {before} to {}", short(leaf))
        }
    }
}

fn short(value: &Val) -> String {
    let text = match value {
        Val::Raw(bytes) => format!("{:?}", String::from_utf8_lossy(bytes)),
        other => format!("{other:?}"),
    };
    text.chars().take(60).collect()
}

/// Another value of the same class, or one of another class.
fn other(value: &Val, donor: &Record, random: &mut SplitMix64) -> Val {
    if random.percent(25) {
        return match random.below(8) {
            0 => Val::Nil,
            1 => Val::Bool(true),
            2 => Val::Uint(random.next_u64() >> random.below(60)),
            3 => Val::Int(-1),
            4 => Val::F64(1.5),
            5 => "text".into(),
            6 => Val::Array(Vec::new()),
            _ => Val::Map(Vec::new()),
        };
    }
    match value {
        Val::Raw(bytes) => match random.below(6) {
            0 | 1 => "".into(),
            2 => {
                let swap = |byte: &u8| match byte.is_ascii_lowercase() {
                    true => byte.to_ascii_uppercase(),
                    false => byte.to_ascii_lowercase(),
                };
                Val::Raw(bytes.iter().map(swap).collect())
            }
            3 => "no such thing".into(),
            4 => texts_of(&donor.body).pop().unwrap_or_else(|| "donor".into()),
            _ => {
                let mut bytes = bytes.clone();
                bytes.push(b'x');
                Val::Raw(bytes)
            }
        },
        Val::Uint(number) => Val::Uint(match random.below(4) {
            0 => 0,
            1 => number.wrapping_add(1),
            2 => u64::from(u32::MAX) + 1,
            _ => u64::MAX,
        }),
        Val::Bool(is) => Val::Bool(!is),
        Val::Int(number) => Val::Int(number.wrapping_neg()),
        other => other.clone(),
    }
}

/// Texts somewhere in a value.
fn texts_of(value: &Val) -> Vec<Val> {
    match value {
        Val::Raw(_) => vec![value.clone()],
        Val::Array(items) => items.iter().flat_map(texts_of).collect(),
        Val::Map(entries) => entries.iter().flat_map(|(_, value)| texts_of(value)).collect(),
        _ => Vec::new(),
    }
}
