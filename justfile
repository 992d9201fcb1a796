# Shortcuts; CONTRIBUTING.md has the commands themselves.

# List the recipes.
default:
    @just --list

# Open a snapshot of a real server.
run *ARGS='inspect fixtures/consul-1.21.4/small-a.snap':
    cargo run --release -- {{ARGS}}

# All tests, real Consul included.
test *ARGS:
    cargo test --workspace --profile ci {{ARGS}}

# Format, lints, docs.
check:
    cargo fmt --all -- --check
    cargo clippy --workspace --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

# Everything CI checks.
ci:
    .ci/run

# The speed table of docs/performance.md.
bench bytes='1GiB':
    cargo bench --bench side_by_side -- --bytes {{bytes}}

# A generated snapshot of any size.
generate bytes out:
    cargo run --release -p snapscope-testkit --bin snapscope-generate -- --bytes {{bytes}} --form snap --out {{out}}
