//! The stages one by one, and the whole against zlib-rs: `cargo bench -p snapscope-inflate`.
//! `INFLATE_BENCH=FILE.gz` takes a file of yours instead of generated text.

#![allow(missing_docs, clippy::unwrap_used, unreachable_pub, dead_code)]
#![allow(clippy::cast_possible_truncation)]

#[path = "../tests/inflate/random.rs"]
mod random;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;
use snapscope_inflate::{Options, ParallelGunzip, stages};
use std::hint::black_box;
use std::io::{Read, Write};
use std::sync::Arc;

/// Enough for several segments; a larger file shows threads at their best.
const PLAIN: usize = 24 << 20;
const OUT: usize = 1 << 20;
/// Tokens held between decoding and replay.
const TOKENS: usize = 128 << 10;

fn compress(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn subject() -> Vec<u8> {
    match std::env::var_os("INFLATE_BENCH") {
        Some(file) => std::fs::read(file).unwrap(),
        None => compress(&random::Random::new(1).text(PLAIN)),
    }
}

fn ours(data: &Arc<Vec<u8>>, threads: usize, out: &mut [u8]) -> u64 {
    let options = Options { threads, ..Options::default() };
    let mut reader = ParallelGunzip::new(data.clone(), &options).unwrap();
    while reader.fill(out).unwrap() > 0 {
        black_box(&out);
    }
    reader.summary().output
}

fn zlib_rs(data: &[u8], out: &mut [u8]) -> u64 {
    let mut decoder = MultiGzDecoder::new(data);
    let mut total = 0;
    loop {
        match decoder.read(out).unwrap() {
            0 => return total,
            n => total += n as u64,
        }
    }
}

fn benches(c: &mut Criterion) {
    let data = Arc::new(subject());
    let mut out = vec![0; OUT];
    let output = ours(&data, 1, &mut out);

    let mut group = c.benchmark_group("stage");
    group.sample_size(20).throughput(Throughput::Bytes(output));
    group.bench_function("finder", |b| b.iter(|| stages::find(&*data, 1 << 20).unwrap()));
    group.bench_function("entropy", |b| b.iter(|| stages::decode(&*data, TOKENS, None).unwrap()));
    // Less the one before: the replay.
    group.bench_function("entropy and replay", |b| {
        b.iter(|| stages::decode(&*data, TOKENS, Some(&mut out)).unwrap());
    });
    group.finish();

    let mut group = c.benchmark_group("whole");
    group.sample_size(20).throughput(Throughput::Bytes(output));
    group.bench_function("zlib-rs", |b| b.iter(|| zlib_rs(&data, &mut out)));
    for threads in [1, 2] {
        group.bench_function(BenchmarkId::new("threads", threads), |b| {
            b.iter(|| ours(&data, threads, &mut out));
        });
    }
    group.finish();

    // Where a file is too small for the threads to pay.
    let mut plain = Vec::new();
    MultiGzDecoder::new(&data[..]).take(PLAIN as u64).read_to_end(&mut plain).unwrap();
    let mut group = c.benchmark_group("small");
    group.sample_size(20);
    for size in [256 << 10, 1 << 20, 4 << 20, 8 << 20, 16 << 20] {
        let Some(plain) = plain.get(..size) else { break };
        let data = Arc::new(compress(plain));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function(BenchmarkId::new("zlib-rs", size), |b| {
            b.iter(|| zlib_rs(&data, &mut out));
        });
        for threads in [1, 2] {
            group.bench_function(BenchmarkId::new(format!("threads {threads}"), size), |b| {
                b.iter(|| ours(&data, threads, &mut out));
            });
        }
    }
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
