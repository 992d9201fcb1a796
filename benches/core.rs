//! Criterion benches of the core, from the walker up to whole commands' work.
//!
//! All on one generated snapshot in memory, so that what is measured is the code and not a disk.
//! Figures are bytes of `state.bin` per second.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snapscope_analyze::{Breakdown, By, Inspect, Jobs, fold, ordered};
use snapscope_archive::{OpenOptions, Source, open};
use snapscope_decode::frames_of;
use snapscope_objects::json::JsonText;
use snapscope_objects::render;
use snapscope_runs::Room;
use snapscope_testkit::generate::{GenerateOptions, snap, state_bin};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;

/// Large enough to leave the caches, small enough for a bench that ends.
const STATE_BYTES: u64 = 64 << 20;

/// Where the first record starts: behind the header.
fn records(state: &[u8]) -> &[u8] {
    let header = snapscope_decode::wire::Cursor::new(state).take_bytes().map_or(0, <[u8]>::len);
    state.get(header..).unwrap_or_default()
}

fn core(c: &mut Criterion) {
    let options = GenerateOptions { bytes: STATE_BYTES, ..GenerateOptions::default() };
    let (archive, _) = snap(&options);
    let (state, _) = state_bin(&options);
    let archive = Source::Memory(Arc::from(archive));
    let bare = Source::Memory(Arc::from(state.clone()));
    let jobs = Jobs::default();
    let mut group = c.benchmark_group("core");
    group.sample_size(10).throughput(Throughput::Bytes(state.len() as u64));

    group.bench_function("walk", |b| {
        b.iter(|| frames_of(black_box(records(&state))).filter_map(Result::ok).count());
    });
    group.bench_function("typed decode", |b| {
        b.iter(|| {
            frames_of(black_box(records(&state)))
                .filter_map(Result::ok)
                .filter(|frame| black_box(frame.record()).is_ok())
                .count()
        });
    });
    group.bench_function("inflate, hash and walk", |b| {
        b.iter(|| open(&archive, &OpenOptions::default()).map(Iterator::count));
    });
    group.bench_function("inspect", |b| {
        b.iter(|| open(&archive, &OpenOptions::default()).map(|s| fold(s, jobs, Inspect::new)));
    });
    group.bench_function("inspect of a bare state.bin", |b| {
        b.iter(|| open(&bare, &OpenOptions::default()).map(|s| fold(s, jobs, Inspect::new)));
    });
    group.bench_function("breakdown by prefix", |b| {
        let room = Room::default();
        let by = || Breakdown::new(By::Prefix { depth: 1, under: Vec::new() }, &room);
        b.iter(|| open(&archive, &OpenOptions::default()).map(|s| fold(s, jobs, by)));
    });
    group.bench_function("decode", |b| {
        b.iter(|| {
            let blocks = open(&archive, &OpenOptions::default()).ok()?;
            let mut bytes = 0;
            let render = |block: &snapscope_decode::Block, json: &mut JsonText, _: &mut _| {
                json.clear();
                for frame in block.frames() {
                    black_box(render::render_record(&frame, render::Options::default(), json));
                    json.end_line();
                }
            };
            ordered(blocks, jobs, render, |json| {
                bytes += json.as_bytes().len();
                Ok(ControlFlow::Continue(()))
            })
            .ok()?;
            Some(bytes)
        });
    });
    group.finish();
}

criterion_group!(benches, core);
criterion_main!(benches);
