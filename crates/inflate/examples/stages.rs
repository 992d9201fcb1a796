//! Times the stages over a file: `stages FILE [ROUNDS]`. Prints seconds of CPU time if the system
//! reports them (others may be using the machine), the least of all rounds.

#![allow(clippy::print_stdout)]

use snapscope_inflate::stages;
use std::error::Error;
use std::time::{SystemTime, UNIX_EPOCH};

fn seconds() -> f64 {
    // The first number is the thread's time on a processor, in nanoseconds.
    let on_cpu = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|s| s.split_whitespace().next()?.parse::<f64>().ok());
    match on_cpu {
        Some(ns) => ns * 1e-9,
        None => SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let data = std::fs::read(args.next().ok_or("no file")?)?;
    let rounds: usize = args.next().map_or(Ok(5), |a| a.parse())?;
    let mut out = vec![0; 1 << 20];
    let mut best = [f64::MAX; 5];
    for _ in 0..rounds {
        let mut measure = |i: usize, f: &mut dyn FnMut() -> std::io::Result<u64>| {
            let begun = seconds();
            f()?;
            best[i] = best[i].min(seconds() - begun);
            std::io::Result::Ok(())
        };
        measure(0, &mut || stages::find(&data, 1 << 20))?;
        measure(1, &mut || stages::decode(&data, 128 << 10, None))?;
        measure(2, &mut || stages::decode(&data, 2 << 20, None))?;
        measure(3, &mut || stages::decode(&data, 128 << 10, Some(&mut out)))?;
        measure(4, &mut || {
            let mut crc = crc32fast::Hasher::new();
            for _ in 0..200 {
                crc.update(&out);
            }
            Ok(crc.finalize().into())
        })?;
    }
    println!("find per MiB        {:.4} s", best[0]);
    println!("entropy             {:.4} s", best[1]);
    println!("entropy, 2 MiB      {:.4} s", best[2]);
    println!("entropy and replay  {:.4} s", best[3]);
    println!("crc of 200 MiB      {:.4} s", best[4]);
    Ok(())
}
