import { badge, cards, cellText, command, h, link, name, number, put, soft, table } from "./dom.js";
import { get } from "./data.js";

/** Services with their health, and links to the other objects of the catalog. */
export async function catalog(body, { from, filter }) {
  const kinds = await get("kinds");
  put(body, h("p", { class: "pills" }, kinds.kinds.map((kind) => link("list", { kind: kind.name }, kind.name))));
  put(body, h("h2", {}, "Services"));
  await rows(body, "services", from, filter, "catalog");
}

/** Objects of one type. */
export async function list(body, { kind = "nodes", from, filter }, title) {
  title(kind);
  await rows(body, kind, from, filter, "list");
}

async function rows(body, kind, from, filter, view) {
  const form = h("form", { class: "filter" }, h("label", { for: "filter" }, "Filter"), h("input", { id: "filter", name: "filter", value: filter ?? "", placeholder: kind === "services" ? "InstancesCritical > 0" : undefined, spellcheck: "false" }), h("button", {}, "Apply"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.querySelector("input").value;
    dispatchEvent(new CustomEvent("snapscope:go", { detail: link(view, { kind: view === "list" ? kind : undefined, filter: text }).getAttribute("href") }));
  });
  put(body, form);
  const page = await get("list", { kind, from, filter });
  if (page.about) put(body, soft(`${page.about}.`));
  if (page.rows.length === 0) put(body, soft("No object matches."));
  else {
    const columns = page.columns.map((column) => [column.name, column.is_number]);
    const lines = page.rows.map((row) => row.cells.map((cell, at) => {
      if (at === 0) return link("object", { kind, id: row.ref }, name(cell));
      if (columns[at][0] === "status") return status(cell);
      if (columns[at][0] === "critical" && cell !== "0") return h("b", { class: "bad" }, cell);
      return columns[at][1] || cell === "" ? cell : cellText(cell);
    }));
    put(body, table(`${page.kind}, ${page.from + 1} to ${page.from + page.rows.length}`, columns, lines));
  }
  put(body, h("p", { class: "pages" },
    page.from > 0 && link(view, { kind: view === "list" ? kind : undefined, filter, from: Math.max(0, page.from - page.limit) }, "Back"),
    " ",
    page.next !== null && link(view, { kind: view === "list" ? kind : undefined, filter, from: page.next }, "More")));
  put(body, command(page.command));
}

export const status = (text) => badge({ passing: "passing", warning: "warning", critical: "bad" }[text] ?? "inactive", text);

/** One object in full, without secrets. */
export async function object(body, { kind, id }, title) {
  const found = await get("object", { kind, id });
  title(found.name);
  put(body,
    cards([["Type", found.kind], found.index && ["Changed at index", number(found.index)]]),
    found.kind === "token" && h("p", {}, link("acl", { explain: found.name }, "Everything this token can do")),
    h("pre", { tabindex: "0" }, found.json),
    command(found.command));
}
