//! End-to-end tests: the binary, and in process the crates it is made of, against real snapshots,
//! what Consul prints for them, and a real server. One program, a module per area:
//!
//! - `inspect`: what Consul's `snapshot inspect` prints, byte for byte, whatever the container.
//! - `diff`: known changes of a real server, mirrors, damage, patches applied to a real server.
//! - `decode`: a line per record against Consul's own lines and against the HTTP API.
//! - `raw`: `decode --raw` and the typed records, against encoders and decoders that aren't ours.
//! - `browse`: a snapshot on a terminal of 80 columns and 24 lines, in tmux.
//! - `breakdown`: sums and percentiles of `breakdown` and `top` against a plain count.
//! - `data_dir`: a server's data directory, its Raft log, a broken newest snapshot.
//! - `handpacked`: archives packed by hand, snapshots of other programs.
//! - `containers`: every form a snapshot comes in, and the odd but legal ones.
//! - `damage`: nothing damaged passes for whole, nothing panics, hangs or eats memory.
//! - `fuzz`: a seeded, bounded run of every fuzz body.
//! - `cli`: help, examples, flags, exit codes, pipes, permissions.
//! - `help`: every example in the help, as it is written there.
//! - `cookbook`: the jobs of docs/cookbook.md, each checked by its answer.
//! - `renames`: earlier forms of commands and flags, which stay accepted.
//! - `readme`: the README shows what commands print.
//! - `export`: every format against what Consul and SQLite make of it.
//! - `consul`: a real server's snapshots and API.
//! - `list`: `list`, `get` and filters, against the API.
//! - `kinds`: the table of kinds of objects, the same to all that read it.
//! - `timeline`: logs and snapshots of several servers in one list.
//! - `history`, `trend`: what became of objects, sizes and counts over many snapshots.
//! - `acl`: decisions against those of real servers.
//! - `adversarial`: snapshots that a hostile server writes: right answers in bounded memory.
//! - `audit`: every rule, the secret scan, what is never printed.
//! - `live`: `save` and `restore` against a real server, and all that can go wrong on the way.
//! - `agent`: the snapshot agent with real clusters and object stores, while things break.
//! - `kill`: what a signal or a kill leaves of files that are written.
//! - `rolled`: a real server under random writes, its log rolled forward to its snapshots along the way.
//! - `undo`: writes of a real server's log, taken back.
//! - `followed`: a Raft log read beside a server that writes to it.
//! - `log_cluster`: the logs of three real servers, one of which was left behind.
//! - `log_effects`: what a server refuses when it applies it.
//! - `log_answers`: what the commands about a log answer to a person who tries them.
//! - `log_times`: times of day, and counts of commands in several entries.
//! - `log_objects`: who changed an object, by a Raft log: `history` and `diff` with one.
//! - `server_log`: lines of a Raft log, and states at indexes in it, against the server's own.
//! - `fleet`: exports of many snapshots, and what other engines answer from them.
//! - `sql`: the values of `list` and exports, by queries.
//! - `steady`: one input, one output, whichever thread is faster.
//! - `page`: pages in a real browser.
//! - `own_input`: no command replaces the snapshot that it reads.
//! - `copies`: `extract` and `redact`, read back and restored into a real server.
//! - `verify`: servers' snapshots are sound, planted faults are found at their level.
//! - `report`: pages whose numbers are those of other commands, and in which no name is markup.
//! - `python`: the Python package, by its own tests in a fresh environment.
//! - `rewrite`: what `pack` and `salvage` write, restored by a real server.
//! - `screens`: tables at several widths of a terminal, colours, the pager.
//! - `typos`: mistyped words, and values that match nothing, are answered with what was meant.
//! - `terminal`: a hostile snapshot on a terminal, in a spreadsheet, as JSON.
//! - `licences`, `offline`: what the binary is made of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_possible_wrap)]

mod acl;
mod adversarial;
#[cfg(feature = "live")]
mod agent;
mod audit;
mod breakdown;
#[cfg(all(unix, feature = "tui"))]
mod browse;
mod cli;
mod consul;
mod containers;
mod cookbook;
mod copies;
mod damage;
mod data_dir;
mod decode;
mod diff;
mod export;
#[cfg(feature = "columnar")]
mod fleet;
mod followed;
mod fuzz;
mod handpacked;
mod help;
mod history;
mod inspect;
mod install;
#[cfg(unix)]
mod kill;
mod kinds;
mod licences;
mod list;
#[cfg(feature = "live")]
mod live;
mod log_answers;
mod log_cluster;
mod log_effects;
mod log_objects;
mod log_times;
mod offline;
mod own_input;
mod page;
mod python;
mod raw;
#[cfg(unix)]
mod readme;
mod renames;
mod report;
mod rewrite;
mod rolled;
#[cfg(unix)]
mod screens;
#[cfg(all(unix, feature = "live"))]
mod serve;
mod server_log;
mod sql;
mod steady;
mod support;
#[cfg(unix)]
mod terminal;
mod timeline;
mod trend;
mod typos;
#[cfg(all(unix, feature = "live"))]
mod undo;
mod verify;
mod versions;
