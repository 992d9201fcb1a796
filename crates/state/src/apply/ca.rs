//! The CA of the mesh: roots, configuration, the built-in provider's state.

use crate::document::{Applied, Doc, refused};
use crate::machine::{Machine, unknown_operation};
use crate::table::{Table, key_of};

const ROOTS: &[u8] = b"connect-ca-roots";
const PROVIDER: &[u8] = b"connect-ca-builtin";
const SERIAL: &[u8] = b"connect-ca-builtin-serial";

pub(super) fn apply(machine: &mut Machine, request: &[u8]) -> Applied {
    let request = Doc::read(request)?;
    match request.text("Op") {
        b"set-config" => {
            let config = request.doc("Config")?;
            match config.uint("ModifyIndex") {
                0 => set_config(machine, config),
                at => check_and_set_config(machine, at, config),
            }
        }
        b"set-roots" => set_roots(machine, &request).map(drop),
        b"set-roots-config" => {
            if set_roots(machine, &request)? {
                let config = request.doc("Config")?;
                let index = machine.index;
                machine.index += u64::from(machine.rules.ca_indexes_are_off());
                let set = check_and_set_config(machine, config.uint("ModifyIndex"), config);
                machine.index = index;
                set?;
            }
            Ok(())
        }
        b"set-provider-state" => {
            let mut state = request.doc("ProviderState")?;
            let key = key_of(&[state.text("ID")]);
            machine.upsert(Table::CaProvider, &key, &mut state, PROVIDER)
        }
        b"delete-provider-state" => {
            let key = key_of(&[request.doc("ProviderState")?.text("ID")]);
            if machine.rules.ca_indexes_are_off() {
                machine.tables.delete(Table::CaProvider, &key);
            } else {
                machine.remove(Table::CaProvider, &key, PROVIDER);
            }
            Ok(())
        }
        b"increment-provider-serial" => {
            let last = match machine.index_of(SERIAL) {
                // Serial numbers used to be indexes.
                0 => machine.index_of(PROVIDER),
                last => last,
            };
            machine.set_index(SERIAL, last.saturating_add(1));
            Ok(())
        }
        _ => unknown_operation(),
    }
}

/// The numbers of leaf certificates are not stored.
pub(super) fn leaf(_: &mut Machine, request: &[u8]) -> Applied {
    match Doc::read(request)?.text("Op") {
        b"increment-index" => Ok(()),
        _ => unknown_operation(),
    }
}

fn check_and_set_config(machine: &mut Machine, at: u64, config: Doc<'_>) -> Applied {
    let existing = machine.get(Table::CaConfig, &[]);
    let existing = existing.as_deref().map(Doc::read).transpose()?;
    if existing.map_or(0, |existing| existing.uint("ModifyIndex")) != at {
        return Ok(());
    }
    set_config(machine, config)
}

fn set_config(machine: &mut Machine, mut config: Doc<'_>) -> Applied {
    if let Some(existing) = machine.get(Table::CaConfig, &[])
        && config.text("ClusterID").is_empty()
    {
        let cluster = Doc::read(&existing)?.text("ClusterID").to_vec();
        config.set_text("ClusterID", &cluster);
    }
    machine.upsert(Table::CaConfig, &[], &mut config, b"")
}

/// Replaces all roots; false if they changed after the index in the request.
fn set_roots(machine: &mut Machine, request: &Doc<'_>) -> Result<bool, crate::document::Refused> {
    let roots: Vec<Doc<'_>> =
        request.items("Roots").into_iter().map(Doc::read).collect::<Result<_, _>>()?;
    if roots.iter().filter(|root| root.is_true("Active")).count() != 1 {
        return refused("exactly one root must be active");
    }
    if machine.index_of(ROOTS) != request.uint("Index") {
        return Ok(false);
    }
    if roots.iter().any(|root| root.text("ID").is_empty()) {
        return refused("a root has no ID");
    }
    let mut stored = Vec::new();
    for mut root in roots {
        let key = key_of(&[root.text("ID")]);
        let before = machine.get(Table::CaRoots, &key);
        let before = before.as_deref().map(Doc::read).transpose()?;
        root.stamp_over(before.as_ref(), machine.index);
        stored.push((key, root));
    }
    for (key, _) in machine.tables.below(Table::CaRoots, &[]) {
        machine.tables.delete(Table::CaRoots, &key);
    }
    for (key, root) in stored {
        machine.put(Table::CaRoots, &key, &root);
    }
    machine.move_index(ROOTS);
    Ok(true)
}
