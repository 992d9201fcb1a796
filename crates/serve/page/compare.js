import { badge, bytes, cards, command, facts, h, link, name, number, picture, put, soft, table } from "./dom.js";
import { get } from "./data.js";

/** What changed between another snapshot and the current one. */
export async function compare(body, { with: other }) {
  const about = await get("about");
  const others = about.snapshots.filter((snapshot) => snapshot.name !== about.at);
  if (others.length === 0) {
    put(body, soft("Only one snapshot is served. Start the server with --also NAME=FILE to compare it with another one."));
    return;
  }
  put(body, h("p", { class: "pills" }, "Compare with ", others.map((one) => link("compare", { with: one.name }, one.title))));
  const before = other ?? others[0].name;
  const found = await get("diff", { with: before });
  put(body,
    cards([["Differences", number(found.differences)]]),
    facts([["Before", found.before], ["After", found.after]]),
    found.warnings.map((warning) => soft(warning)),
    found.incomplete && h("div", { class: "banner" }, h("strong", {}, "Incomplete."), " ", found.incomplete),
  );
  if (found.differences === 0) put(body, soft("No differences."));
  else {
    put(body, table("Number of objects that differ", [["type"], ["added", true], ["removed", true], ["changed", true], ["recreated", true]],
      found.summary.map((kind) => [h("code", {}, kind.name), number(kind.added), number(kind.removed), number(kind.changed), number(kind.recreated)])));
    for (const kind of found.summary) {
      put(body, h("h2", {}, kind.name));
      const objects = found.objects.filter((one) => one.kind === kind.name);
      put(body, ...objects.map((one) => h("div", { class: "change" }, badge(one.change, one.change), name(one.id), one.lines.length > 0 && h("ul", {}, one.lines.map((line) => h("li", {}, line))))));
      const more = kind.added + kind.removed + kind.changed + kind.recreated - objects.length;
      if (more > 0) put(body, h("p", { class: "more" }, `and ${more} more`));
    }
  }
  put(body, command(found.command));
}

/** The served snapshots, by time. */
export async function series(body) {
  const all = await get("series");
  if (all.svg) put(body, h("div", { class: "figure", tabindex: "0", role: "group", "aria-label": "Size of the state over time" }, picture(all.svg)), h("ul", { class: "legend" }, all.legend.map((text, at) => h("li", {}, h("span", { class: `swatch colour-${at % 8}` }), text))));
  put(body,
    table("Served snapshots by Raft index", [["snapshot"], ["taken"], ["index", true], ["records", true], ["bytes", true], ["integrity"]],
      all.snapshots.map((one) => [link("overview", { at: one.name }, name(one.title)), h("span", { class: "time" }, one.taken ?? "unknown"), one.index === null ? "-" : number(one.index), number(one.records), bytes(one.bytes), one.verdict])),
    all.snapshots.length < 2 && soft("Only one snapshot is served. Start the server with --also NAME=FILE to see several."),
    command(all.command),
  );
}
