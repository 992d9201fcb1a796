//! Feature gates of servers from 2.1 on.

use crate::filter::{Field, Shape};
use crate::kind::declare::{columns, field};
use crate::kind::{KindId, Maker, ObjectKind, Rows, Traits, id};
use crate::render::{RecordFields, Show, Stored};
use snapscope_decode::Kind;
use snapscope_decode::records::{
    FeatureGatePolicyRef, FeatureGateStatusRef, FeatureSettingRef, FeatureStateRef,
};
use snapscope_decode::schema::WireStruct;
use snapscope_decode::wire::{Entries, Value};
use std::collections::BTreeSet;

/// A row per feature: the requested and the effective state.
pub(super) static FEATURE_GATES: ObjectKind = ObjectKind {
    id: KindId::FeatureGates,
    name: "feature-gates",
    one: "feature-gate",
    object: Some("feature-gate"),
    about: "features that are on or off",
    from: &[Kind::FEATURE_GATE],
    rows: Rows::Direct(features),
    shape,
    columns: columns![
        "name" = field("Name"),
        #1 "enabled" = field("Enabled"),
        "effective" = field("EffectiveEnabled"),
        "eligible" = field("Eligible"),
        "source" = field("Source"),
        "reason" = field("Reason"),
    ],
    write_id: |object, out| id::fields(object, &["Name"], out),
    id_fields: &["Name"],
    names: &[],
    bookkeeping: &[],
    traits: Traits::NONE,
};

fn shape() -> Shape {
    static FIELDS: &[Field] = &[
        Field { name: "Name", shape: || Shape::Text },
        Field { name: "Enabled", shape: || Shape::Bool },
        Field { name: "DesiredEnabled", shape: || Shape::Bool },
        Field { name: "EffectiveEnabled", shape: || Shape::Bool },
        Field { name: "Eligible", shape: || Shape::Bool },
        Field { name: "Source", shape: || Shape::Text },
        Field { name: "Reason", shape: || Shape::Text },
    ];
    Shape::Object(FIELDS)
}

fn features(record: &RecordFields<'_>, maker: &mut Maker<'_>) {
    let mut problems = Vec::new();
    let Some(stored) = record.stored(&mut problems) else {
        maker.problems.append(&mut problems);
        return;
    };
    let policy = Stored::of(FeatureGatePolicyRef::schema(), stored.get("Policy"));
    let status = Stored::of(FeatureGateStatusRef::schema(), stored.get("Status"));
    let (settings, states) = (by_name(&policy, "Settings"), by_name(&status, "Features"));
    let names: BTreeSet<&[u8]> = [settings, states]
        .into_iter()
        .flatten()
        .flat_map(|entries| entries.flatten())
        .filter_map(|(name, _)| name.as_raw())
        .collect();
    for name in names {
        let setting = Stored::of(FeatureSettingRef::schema(), entry(settings, name));
        let state = Stored::of(FeatureStateRef::schema(), entry(states, name));
        maker.object(|engine| {
            engine.text_member("Name", name);
            engine.member("Enabled", &setting, "Enabled", Show::IfStored);
            for field in ["DesiredEnabled", "EffectiveEnabled", "Eligible"] {
                engine.member(field, &state, field, Show::IfStored);
            }
            let source = if state.has("Source") { &state } else { &setting };
            engine.member("Source", source, "Source", Show::IfStored);
            engine.member("Reason", &state, "Reason", Show::IfStored);
        });
    }
}

/// The map stored by feature name.
fn by_name<'a>(part: &Stored<'a>, field: &str) -> Option<Entries<'a>> {
    match part.get(field) {
        Some(Value::Map(entries)) => Some(entries),
        _ => None,
    }
}

fn entry<'a>(entries: Option<Entries<'a>>, name: &[u8]) -> Option<Value<'a>> {
    entries?.find(name).ok().flatten()
}
