//! The memory for a source that needs as much of it as possible, counted by the allocator. It is a
//! separate program, so that nothing else is counted.

#![allow(unreachable_pub, dead_code, clippy::unwrap_used, clippy::cast_possible_truncation)]
#![allow(unsafe_code)]

#[path = "inflate/random.rs"]
mod random;
#[path = "inflate/writer.rs"]
mod writer;

use snapscope_inflate::{DEFAULT_MEMORY_PER_THREAD, MAX_SEGMENT, Options, ParallelGunzip, Path};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

fn add(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(held, Ordering::Relaxed);
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Blocks that contain only matches of two bits: 16 bytes of tokens and 1032 of output per byte.
/// The stream, and how many bytes are in it, all of them `z`.
fn matches(size: usize, block: usize) -> (Vec<u8>, u64) {
    let mut random = random::Random::new(1);
    let mut w = writer::Writer::default();
    w.header(&mut random, 0);
    let mut lengths = [0u8; 286];
    (lengths[usize::from(b'z')], lengths[256], lengths[285]) = (2, 2, 1);
    let mut output = 0u64;
    loop {
        let last = w.bytes.len() + 2 * block > size;
        w.dynamic_header(&mut random, &lengths, &[1], last);
        // The codes: 10 is the literal, 11 the end, 0 the length, and 0 the distance.
        w.put(0b01, 2);
        let free = w.free_bits();
        w.put(0, free);
        w.raw(&vec![0; block]);
        w.put(0, free % 2);
        w.put(0b11, 2);
        output += 1 + 258 * ((free + block * 8 + free % 2) / 2) as u64;
        if last {
            break;
        }
    }
    // The checksum of a run of equal bytes, by doubling.
    let mut crc = crc32fast::Hasher::new();
    let mut power = crc32fast::Hasher::new();
    power.update(b"z");
    let mut left = output;
    while left > 0 {
        if left & 1 == 1 {
            crc.combine(&power);
        }
        let twice = power.clone();
        power.combine(&twice);
        left >>= 1;
    }
    w.align();
    w.raw(&crc.finalize().to_le_bytes());
    w.raw(&(output as u32).to_le_bytes());
    (w.bytes, output)
}

#[test]
fn stays_within_the_budget_on_millions_of_matches() {
    for (segment, block) in [(1 << 20, 60 << 10), (MAX_SEGMENT, 60 << 10), (MAX_SEGMENT, 1 << 20)] {
        let (data, expected) = matches(10 << 20, block);
        let data = Arc::new(data);
        let mut chunk = vec![0; 1 << 20];
        let options = Options { threads: 2, segment, ..Options::default() };
        let before = HELD.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let mut reader = ParallelGunzip::new(data, &options).unwrap();
        assert_eq!(reader.path(), Path::Parallel { threads: 2 });
        let mut output = 0;
        loop {
            let n = reader.fill(&mut chunk).unwrap();
            if n == 0 {
                break;
            }
            output += n as u64;
        }
        assert_eq!(output, expected);
        assert!(reader.summary().spliced > 0);
        drop(reader);
        let peak = PEAK.load(Ordering::Relaxed) - before;
        let budget = 2 * DEFAULT_MEMORY_PER_THREAD;
        assert!(
            peak <= budget,
            "{peak} bytes of {budget}: segments of {segment}, blocks of {block}"
        );
        // Nothing is left behind.
        assert!(HELD.load(Ordering::Relaxed) <= before);
    }
}
