# Shortcuts for the commands in CONTRIBUTING.md.

# List the recipes.
default:
    @just --list

# Open a snapshot of a real server.
run *ARGS='inspect fixtures/consul-1.21.4/small-a.snap':
    cargo run --release -- {{ARGS}}

# Run all tests, with a real Consul.
test *ARGS:
    cargo test --workspace --profile ci {{ARGS}}

# Check format, lints and docs.
check:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Run everything that CI checks.
ci:
    .ci/run

# Measure the speed table of docs/performance.md.
bench bytes='1GiB':
    cargo bench --bench side_by_side -- --bytes {{bytes}}

# Generate a snapshot of any size.
generate bytes out:
    cargo run --release -p snapscope-testkit --bin snapscope-generate -- --bytes {{bytes}} --form snap --out {{out}}
