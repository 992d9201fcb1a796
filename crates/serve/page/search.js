import { badge, h, link, name, put, soft, table } from "./dom.js";
import { get } from "./data.js";

/** Objects of all types whose names contain a text. */
export async function search(body, { q = "" }) {
  document.getElementById("q").value = q;
  if (!q) {
    put(body, soft("Enter part of a name."));
    return;
  }
  const found = await get("search", { q });
  const rows = found.hits.map((hit) => [
    hit.kind === "kv" ? link("keys", { key: hit.ref }, name(hit.name)) : link("object", { kind: hit.kind, id: hit.ref }, name(hit.name)),
    badge("inactive", hit.one),
    hit.also ? name(hit.also) : "",
  ]);
  put(body,
    h("p", { class: "soft", role: "status" }, found.hits.length === 0 ? `No name${found.incomplete ? " in the part that could be read" : ""} contains this.` : found.hits.length === 1 ? "1 name contains this." : `${found.hits.length}${found.has_more ? " or more" : ""} names contain this.`),
    rows.length > 0 && table(`Objects whose names contain ${JSON.stringify(q)}`, [["name"], ["type"], ["also called"]], rows),
  );
}
