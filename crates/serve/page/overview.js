import { badge, bytes, cards, command, facts, h, link, name, number, percent, put, sentence, soft, table } from "./dom.js";
import { get, Refused } from "./data.js";
import { severities } from "./audit.js";

/** The content of the snapshot, its origin and integrity; then its worst findings. */
export async function overview(body) {
  const all = await get("overview");
  const verdict = { verified: "good", damaged: "bad" }[all.verdict] ?? "warning";
  put(body,
    cards([
      ["Records", number(all.records)],
      ["State", bytes(all.bytes)],
      all.index && ["Raft index", number(all.index)],
      all.age && ["Age", all.age],
      ["Integrity", all.verdict, verdict],
    ]),
    facts([
      ["Snapshot", all.id],
      ["Taken", all.taken],
      ["Raft term", all.term && String(all.term)],
      ["Datacenter", all.datacenter],
      ["Cluster ID", all.cluster_id],
      ["Consul", all.servers],
      ["Written by", all.written],
      ["Raft servers", all.raft_servers],
      ["Integrity", all.integrity],
    ]),
    command(all.command),
  );
  const worst = h("section", {}, h("h2", {}, "Health and findings"), soft("Reading all records"));
  put(body, worst);
  const total = all.types.reduce((sum, type) => sum + type.bytes, 0);
  put(body,
    h("section", {}, h("h2", {}, "Record types"),
      table("Records and bytes by type", [["type"], ["records", true], ["bytes", true], ["share", true]],
        all.types.map((type) => [h("code", {}, type.name), number(type.count), bytes(type.bytes), percent(type.bytes, total)])),
      command(all.types_command)),
  );
  const health = await get("health").catch((error) => ({ error }));
  worst.lastChild.remove();
  if (health.error) {
    if (!(health.error instanceof Refused)) throw health.error;
    put(worst, soft(health.error.message));
    return;
  }
  const [passing, warning, critical] = health.services;
  put(worst, cards([
    ["Services passing", number(passing), "good"],
    ["Services with a warning", number(warning), warning > 0 ? "warning" : undefined],
    ["Services critical", number(critical), critical > 0 ? "bad" : undefined],
  ]));
  put(worst, severities(health.severities), h("p", {}, link("audit", {}, "All findings")));
  const objects = h("section", {}, h("h2", {}, "Objects"),
    table("Number of objects of each type, without those imported from peers", [["type"], ["what"], ["objects", true]],
      health.objects.map((kind) => [link("list", { kind: kind.name }, h("code", {}, kind.name)), sentence(kind.about), number(kind.count)])),
    command(health.objects_command));
  put(body, objects);
  if (health.worst.length > 0) {
    put(worst, table("The worst findings", [["object"], ["severity"], ["rule"], ["finding"]],
      health.worst.map((finding) => [name(finding.id), badge(finding.severity, finding.severity), h("code", {}, finding.rule), sentence(finding.message)])));
  }
}
