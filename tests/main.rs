//! End-to-end tests: the binary, and in process its crates, with real snapshots, Consul's output
//! for them, and a real server. One program, with a module per area:
//!
//! - `inspect`: what Consul's `snapshot inspect` prints, byte for byte, whatever the container.
//! - `diff`: known changes of a real server, reversed, damaged, and as patches for a real server.
//! - `decode`: a line per record, compared with Consul's own lines and with the HTTP API.
//! - `raw`: `decode --raw` and the typed records, compared with independent encoders and decoders.
//! - `browse`: a snapshot on a terminal of 80 columns and 24 lines, in tmux.
//! - `breakdown`: sums and percentiles of `breakdown` and `top`, compared with a plain count.
//! - `data_dir`: a server's data directory, its Raft log, a broken newest snapshot.
//! - `handpacked`: hand-packed archives, snapshots of other programs.
//! - `containers`: every form of a snapshot, and unusual but valid ones.
//! - `damage`: no damaged file counts as whole, and nothing panics, hangs or uses too much memory.
//! - `fuzz`: a seeded, bounded run of every fuzz body.
//! - `cli`: help, examples, flags, exit codes, pipes, permissions.
//! - `help`: every example in the help runs as written.
//! - `cookbook`: the jobs of docs/cookbook.md, each with its answer checked.
//! - `renames`: earlier forms of commands and flags, which stay accepted.
//! - `readme`: the README shows the output of commands.
//! - `export`: every format, accepted by Consul and read by SQLite.
//! - `consul`: a real server's snapshots and API.
//! - `list`: `list`, `get` and filters, against the API.
//! - `kinds`: the table of object kinds is the same for everything that reads it.
//! - `timeline`: logs and snapshots of several servers in one list.
//! - `history`, `trend`: the life of objects, sizes and counts over many snapshots.
//! - `acl`: decisions, compared with those of real servers.
//! - `adversarial`: snapshots of a hostile server get right answers in bounded memory.
//! - `audit`: every rule, the secret scan, and that secrets are never printed.
//! - `live`: `save` and `restore` with a real server, and everything that can go wrong.
//! - `agent`: the snapshot agent with real clusters and object stores, under faults.
//! - `kill`: what a signal or a kill leaves of unfinished files.
//! - `rolled`: a real server under random writes, and its log rolled forward to its own snapshots.
//! - `undo`: writes of a real server's log are undone.
//! - `followed`: a Raft log is read next to a server that writes to it.
//! - `log_cluster`: the logs of three real servers, one of which fell behind.
//! - `log_damage`: damaged and incomplete logs and data directories: what is whole is shown, and marked.
//! - `log_effects`: what a server refuses while applying it.
//! - `log_answers`: answers of the commands about a log, as a person tries them.
//! - `log_times`: times of day, and counts of commands in several entries.
//! - `log_objects`: who changed an object, by a Raft log: `history` and `diff` with a log.
//! - `server_log`: lines of a Raft log, and states at its indexes, compared with the server's own.
//! - `fleet`: exports of many snapshots, and what other engines answer from them.
//! - `sql`: the values of `list` and exports, from queries.
//! - `steady`: one input gives one output, whichever thread is faster.
//! - `page`: pages in a real browser.
//! - `own_input`: no command replaces its own input.
//! - `copies`: `extract` and `redact`, read, and restored into a real server.
//! - `verify`: servers' snapshots are intact, and planted faults are found at their level.
//! - `report`: pages have the numbers of other commands, and no name is markup.
//! - `python`: the Python package, with its own tests in a new environment.
//! - `rewrite`: what `pack` and `salvage` write, restored by a real server.
//! - `screens`: tables at several widths of a terminal, colours, the pager.
//! - `typos`: mistyped words, and values that match nothing, get suggestions.
//! - `terminal`: a hostile snapshot on a terminal, in a spreadsheet, as JSON.
//! - `licences`, `offline`: the dependencies of the binary.

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
mod log_damage;
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
