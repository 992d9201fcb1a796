//! Records and bytes by type, as Consul's `snapshot inspect -format=json` prints them.

use snapscope_analyze::{Inspection, KeyGroups, Tally};
use snapscope_archive::Closing;
use snapscope_objects::json::{JsonText, List, Members as _, Object, Sink as _, ToJson};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Writes the members of the answer. Without any key Consul prints no groups. What is complete goes to `out`, because
/// groups of keys may be many.
///
/// # Errors
/// If `out` fails, or the groups cannot be read back.
pub fn members(
    closing: &Closing,
    inspection: &Inspection,
    keys: Option<&KeyGroups>,
    json: &mut JsonText,
    out: &mut dyn Write,
) -> io::Result<()> {
    json.member("Meta", Object(|json: &mut JsonText| meta_members(closing, json)));
    json.member("Stats", stats(inspection));
    json.key(b"StatsKV");
    match keys {
        None => json.null(),
        Some(keys) => {
            json.begin_list();
            keys.groups.each(|name, t| {
                tally(name, t).write(json);
                json.write_to(out).map(|()| ControlFlow::Continue(()))
            })?;
            json.end_list();
        }
    }
    json.member("TotalSize", inspection.total);
    json.member("TotalSizeKV", keys.map_or(0, |keys| keys.total));
    Ok(())
}

fn meta_members(closing: &Closing, json: &mut JsonText) {
    let meta = closing.meta.as_ref();
    json.member("ID", meta.map(|m| &m.id)).member("Size", meta.map(|m| m.size));
    json.member("Index", meta.map(|m| m.index)).member("Term", meta.map(|m| m.term));
    json.member("Version", meta.map(|m| m.version));
}

fn tally(name: &[u8], tally: Tally) -> impl ToJson {
    Object(move |json: &mut JsonText| {
        json.member("Name", name).member("Sum", tally.size).member("Count", tally.count);
    })
}

/// The number and bytes of records, by type.
pub fn stats(inspection: &Inspection) -> impl ToJson {
    List(inspection.types.iter().map(|(kind, t)| {
        Object(move |json: &mut JsonText| {
            json.member("Name", kind.consul_label());
            json.member("Sum", t.size).member("Count", t.count);
        })
    }))
}
