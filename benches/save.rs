//! Runs `save` against `curl -o` of the same snapshot, in turn.
//!
//!     cargo bench --bench save -- [--bytes 1GiB] [--file PATH] [--rounds 5] [--rate MIB] [--server ADDRESS] [--binary PATH]
//!
//! The snapshot comes from a plain HTTP server on loopback, as fast as it goes or at so many MiB a
//! second, or with `--server` from a real Consul; `--binary` measures another build of ours. Both end with a file on the disk: `curl` is followed
//! by `sync` of it, as a file that is only in memory is no backup; the table has it without, too.

#![allow(clippy::print_stdout)] // the table is what it is run for

#[allow(dead_code)] // shared with other benches
mod measuring;

use measuring::{Arguments, Failure, Run, cpu_model, measure, median};
use snapscope_testkit::generate::{Container, GenerateOptions, write_to};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn main() -> Result<(), Failure> {
    let mut arguments = Arguments::of_process();
    let bytes = arguments.bytes("--bytes", 1 << 30)?;
    let rounds = arguments.number("--rounds", 5usize)?;
    let file = arguments.text("--file")?.map(PathBuf::from);
    let rate = arguments.optional_number("--rate")?.map(|mib: u64| mib << 20);
    let server = arguments.text("--server")?;
    let binary = arguments.text("--binary")?;
    let binary = binary.unwrap_or_else(|| env!("CARGO_BIN_EXE_snapscope").to_owned());
    arguments.end()?;
    let folder = tempfile::tempdir()?;
    let address = match server {
        Some(address) => address,
        None => {
            let file = match file {
                Some(file) => file,
                None => {
                    let options = GenerateOptions { bytes, ..GenerateOptions::default() };
                    println!("generating {bytes} bytes of state ...");
                    write_to(&options, Container::Snap, &folder.path().join("big.snap"))?.0
                }
            };
            println!("{} has {} bytes", file.display(), file.metadata()?.len());
            serve(file, rate)?
        }
    };
    let (saved, curled) = (folder.path().join("saved.snap"), folder.path().join("curled.snap"));
    let url = format!("http://{address}/v1/snapshot");
    let text = |path: &Path| path.display().to_string();
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    let synced = format!("curl -sSfo {0} {url} && sync {0}", text(&curled));
    let commands = [
        ("curl -o", words(&["curl", "-sSfo", &text(&curled), &url])),
        ("curl -o, then sync", words(&["sh", "-c", &synced])),
        (
            "snapscope save",
            words(&[&binary, "save", "-http-addr", &address, "--force", &text(&saved)]),
        ),
    ];
    let mut runs: [Vec<Run>; 3] = Default::default();
    for round in 0..=rounds {
        for (all, (_, words)) in runs.iter_mut().zip(&commands) {
            let run = measure(words)?;
            // The first round only warms up.
            if round > 0 {
                all.push(run);
            }
        }
    }
    print(&commands, &runs);
    Ok(())
}

fn print(commands: &[(&str, Vec<String>)], runs: &[Vec<Run>]) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{} with {cores} cores; medians, ratios round by round.\n", cpu_model());
    println!("| command | wall s | CPU s | peak MiB | ratio of wall to curl | to curl and sync |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for ((name, _), ours) in commands.iter().zip(runs) {
        let ratio = |reference: &[Run]| {
            let ratios = ours.iter().zip(reference);
            let ratios = ratios.map(|(a, b)| a.wall.as_secs_f64() / b.wall.as_secs_f64());
            median(ratios.collect()).unwrap_or_default()
        };
        println!(
            "| `{name}` | {:.2} | {:.2} | {} | {:.2} | {:.2} |",
            median(ours.iter().map(|run| run.wall.as_secs_f64()).collect()).unwrap_or_default(),
            median(ours.iter().map(|run| run.cpu.as_secs_f64()).collect()).unwrap_or_default(),
            median(ours.iter().map(|run| run.peak_kib / 1024).collect()).unwrap_or_default(),
            ratio(&runs[0]),
            ratio(&runs[1]),
        );
    }
}

/// Gives the file to everyone who asks, in chunks, as Consul does; until the process ends.
fn serve(file: PathBuf, rate: Option<u64>) -> Result<String, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?.to_string();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // Who hangs up early shows by the error of the command that is measured.
            let _ = send(client, &file, rate);
        }
    });
    Ok(address)
}

/// What Go's `io.Copy` takes at once.
const PIECE: usize = 32 << 10;

fn send(mut client: TcpStream, file: &Path, rate: Option<u64>) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _ = client.read(&mut head)?;
    let answer = "HTTP/1.1 200 OK\r\nX-Consul-Index: 1\r\nX-Consul-KnownLeader: true\r\n\
                  X-Consul-LastContact: 0\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.write_all(answer.as_bytes())?;
    let mut file = File::open(file)?;
    let mut piece = vec![0; PIECE];
    let mut chunk = Vec::with_capacity(PIECE + 16);
    let (begin, mut sent) = (Instant::now(), 0u64);
    loop {
        let n = file.read(&mut piece)?;
        chunk.clear();
        write!(chunk, "{n:x}\r\n")?;
        chunk.extend_from_slice(&piece[..n]);
        chunk.extend_from_slice(b"\r\n");
        client.write_all(&chunk)?;
        if n == 0 {
            return Ok(());
        }
        sent += n as u64;
        if let Some(rate) = rate {
            let due = Duration::from_millis(sent * 1000 / rate);
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
        }
    }
}
