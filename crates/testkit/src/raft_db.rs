//! Writes a server's `raft.db`: a bbolt file with the entries of a Raft log.

use crate::msgpack::{Val, structure, time};
use crate::records::acl::CREATED;

const PAGE: usize = 4096;
const HEADER: usize = 16;
const ELEMENT: usize = 16;
const BRANCH: u16 = 1;
const LEAF: u16 = 2;
const META: u16 = 4;
/// Entries of a leaf.
const ENTRIES: usize = 1000;

/// A page with what belongs to it, filled up to whole pages.
fn page(number: u64, flags: u16, count: usize, content: &[u8]) -> Vec<u8> {
    let pages = (HEADER + content.len()).div_ceil(PAGE);
    let mut out = number.to_le_bytes().to_vec();
    out.extend_from_slice(&flags.to_le_bytes());
    out.extend_from_slice(&u16::try_from(count).expect("few elements").to_le_bytes());
    out.extend_from_slice(&u32::try_from(pages - 1).expect("few pages").to_le_bytes());
    out.extend_from_slice(content);
    out.resize(pages * PAGE, 0);
    out
}

/// A leaf; `is_bucket` says whether its values are buckets.
fn leaf(number: u64, items: &[(Vec<u8>, Vec<u8>)], is_bucket: bool) -> Vec<u8> {
    let (mut heads, mut bodies) = (Vec::new(), Vec::new());
    for (at, (key, value)) in items.iter().enumerate() {
        let place = (items.len() - at) * ELEMENT + bodies.len();
        for field in [usize::from(is_bucket), place, key.len(), value.len()] {
            heads.extend_from_slice(&u32::try_from(field).expect("a small number").to_le_bytes());
        }
        bodies.extend_from_slice(key);
        bodies.extend_from_slice(value);
    }
    page(number, LEAF, items.len(), &[heads, bodies].concat())
}

fn branch(number: u64, children: &[(Vec<u8>, u64)]) -> Vec<u8> {
    let (mut heads, mut bodies) = (Vec::new(), Vec::new());
    for (at, (key, child)) in children.iter().enumerate() {
        let place = (children.len() - at) * ELEMENT + bodies.len();
        for field in [place, key.len()] {
            heads.extend_from_slice(&u32::try_from(field).expect("a small number").to_le_bytes());
        }
        heads.extend_from_slice(&child.to_le_bytes());
        bodies.extend_from_slice(key);
    }
    page(number, BRANCH, children.len(), &[heads, bodies].concat())
}

fn meta(number: u64, root: u64, high: u64) -> Vec<u8> {
    let mut content = Vec::new();
    for field in [0xed0c_daed, 2, u32::try_from(PAGE).expect("a small number"), 0] {
        content.extend_from_slice(&field.to_le_bytes());
    }
    // The root bucket's page and sequence, no list of free pages, the first page not in use, the transaction.
    for field in [root, 0, u64::MAX, high, number + 1] {
        content.extend_from_slice(&field.to_le_bytes());
    }
    let sum = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    content.extend_from_slice(&sum.to_le_bytes());
    page(number, META, 0, &content)
}

/// A command's data: the type byte and the request.
#[must_use]
pub fn command(kind: u8, request: &Val) -> Vec<u8> {
    let mut data = vec![kind];
    request.encode(&mut data);
    data
}

/// A `raft.db` whose log has these commands, from index 1 on, in term 2.
///
/// # Panics
/// If there are more than 65 million.
#[must_use]
pub fn raft_db(commands: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let (mut pages, mut children) = (Vec::new(), Vec::new());
    let mut commands = (1u64..).zip(commands).peekable();
    let first = 3;
    while commands.peek().is_some() {
        let items: Vec<(Vec<u8>, Vec<u8>)> = commands
            .by_ref()
            .take(ENTRIES)
            .map(|(index, data)| {
                let entry = structure([
                    ("AppendedAt", time(CREATED + i64::try_from(index).unwrap_or(0), 5, -1)),
                    ("Data", Val::Raw(data)),
                    ("Extensions", Val::Nil),
                    ("Index", index.into()),
                    ("Term", 2u64.into()),
                    ("Type", 0u64.into()),
                ]);
                (index.to_be_bytes().to_vec(), entry.bytes())
            })
            .collect();
        let number = first + (pages.len() / PAGE) as u64;
        children.push((items[0].0.clone(), number));
        pages.extend(leaf(number, &items, false));
    }
    let logs = first + (pages.len() / PAGE) as u64;
    pages.extend(branch(logs, &children));
    let bucket = [logs.to_le_bytes(), [0; 8]].concat();
    let root = leaf(2, &[(b"logs".to_vec(), bucket)], true);
    let high = first + (pages.len() / PAGE) as u64;
    [meta(0, 2, high), meta(1, 2, high), root, pages].concat()
}
