//! Runs seeded mutations against zlib-rs: `inflate_soak FIRST_SEED COUNT`.

#![allow(
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss
)]

#[path = "../tests/inflate/agreement.rs"]
mod agreement;
#[path = "../tests/inflate/random.rs"]
mod random;
#[path = "../tests/inflate/reference.rs"]
mod reference;
#[path = "../tests/inflate/soak.rs"]
mod soak;
#[path = "../tests/inflate/writer.rs"]
mod writer;

fn main() {
    let mut args = std::env::args().skip(1).map(|a| a.parse::<u64>().expect("a number"));
    let first = args.next().unwrap_or(0);
    let count = args.next().unwrap_or(100_000);
    let begun = std::time::Instant::now();
    let mut soak = soak::Soak::new();
    let mut valid = 0u64;
    for n in 0..count {
        valid += u64::from(soak.execute(first + n));
        if (n + 1) % 500_000 == 0 || n + 1 == count {
            let rate = (n + 1) as f64 / begun.elapsed().as_secs_f64();
            println!("{} executions, {valid} valid, {rate:.0}/s", n + 1);
        }
    }
}
