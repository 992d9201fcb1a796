import { badge, bytes, cards, command, facts, h, link, name, number, picture, put, soft, table, viewWidth } from "./dom.js";
import { get, Refused } from "./data.js";
import { giveToken, problem } from "./token.js";

/** What changed between another snapshot and the current one. */
export async function compare(body, { with: other }) {
  const about = await get("about");
  const others = about.snapshots.filter((snapshot) => snapshot.name !== about.at);
  if (others.length === 0) {
    put(body, soft("Only one snapshot is served. Start the server with --also NAME=FILE to compare it with another one."));
    return;
  }
  const before = other ?? others[0].name;
  const choice = (one) => h("a", { href: link("compare", { with: one.name }).getAttribute("href"), "aria-current": one.name === before ? "page" : undefined }, one.title);
  put(body, h("p", { class: "pills" }, "Compare with ", others.map(choice)));
  let found;
  try {
    found = await get("diff", { with: before });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    put(body, problem(error));
    return;
  }
  put(body,
    cards([["Differences", number(found.differences)]]),
    facts([["A, before", found.before], ["B, after", found.after]]),
    found.warnings.map((warning) => h("div", { class: "banner note" }, h("strong", {}, "Warning."), " ", warning)),
    found.incomplete && h("div", { class: "banner" }, h("strong", {}, "Incomplete."), " ", found.incomplete),
  );
  if (found.differences === 0) put(body, soft(found.incomplete ? "No differences in what could be compared." : "No differences."));
  else {
    put(body, table("Number of objects that differ", [["type"], ["added", true], ["removed", true], ["changed", true], ["recreated", true]],
      found.summary.map((kind) => [h("code", {}, kind.name), number(kind.added), number(kind.removed), number(kind.changed), number(kind.recreated)])));
    for (const kind of found.summary) {
      put(body, h("h2", {}, kind.name));
      const objects = found.objects.filter((one) => one.kind === kind.name);
      put(body, objects.map(changed));
      const more = kind.added + kind.removed + kind.changed + kind.recreated - objects.length;
      if (more > 0) put(body, h("p", { class: "more" }, "and ", number(more), " more"));
    }
  }
  put(body, command(found.command));
}

/** An object that differs, with its fields. */
const changed = (one) => h("div", { class: "change" },
  badge(one.change, one.change),
  h("span", {}, name(one.id), one.name && [" ", h("span", { class: "soft" }, name(one.name))]),
  one.fields.length > 0 && h("ul", {}, one.fields.map(({ line, block }) => h("li", {}, line, block.length > 0 && h("pre", { tabindex: "0" }, block.map(textLine))))));

/** A line of a text: added, removed, or the same in both. */
function textLine(line, at) {
  const start = at > 0 ? "\n" : "";
  const element = { "+": "ins", "-": "del" }[line[0]];
  return [start, element ? h(element, {}, line) : line];
}

/** The snapshots that are served, by cluster and time. */
export async function series(body) {
  const all = await get("series", { width: viewWidth() });
  for (const cluster of all.clusters) {
    if (all.clusters.length > 1) put(body, h("h2", {}, name(cluster.title)));
    if (cluster.svg) put(body, h("div", { class: "figure", tabindex: "0", role: "group", "aria-label": "Size of the state over time" }, picture(cluster.svg)), h("ul", { class: "legend" }, cluster.legend.map((text, at) => h("li", {}, h("span", { class: `swatch colour-${at % 8}` }), text))));
    put(body, table("Snapshots by Raft index", [["snapshot"], ["taken"], ["index", true], ["records", true], ["bytes", true], ["integrity"]],
      cluster.snapshots.map((one) => [link("overview", { at: one.name }, name(one.title)), h("span", { class: "time" }, one.taken ?? "unknown"), one.index === null ? "-" : number(one.index), number(one.records), bytes(one.bytes), one.verdict])));
  }
  const count = all.clusters.reduce((sum, { snapshots }) => sum + snapshots.length, 0);
  if (all.missing.length > 0) {
    put(body, h("div", { class: "banner note" },
      h("strong", {}, all.missing.length === 1 ? "1 more snapshot is served." : `${all.missing.length} more snapshots are served.`),
      " Your tokens may not read all of it. This needs acl:write, as taking a snapshot does.",
      h("div", { class: "buttons" }, all.missing.map((one) => h("button", { type: "button", onclick: () => giveToken(one) }, `Give a token for ${one.title}`)))));
  } else if (count < 2) {
    put(body, soft("Only one snapshot is served. Start the server with --also NAME=FILE to see several."));
  }
  put(body, command(all.command));
}
