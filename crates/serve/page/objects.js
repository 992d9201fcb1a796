import { address, badge, cards, cellText, command, h, link, name, nothing, number, put, soft, table } from "./dom.js";
import { get, Refused } from "./data.js";

/** Services with their health, and links to the other objects of the catalog. */
export async function catalog(body, { from, filter }) {
  await types(body, undefined);
  put(body, h("h2", {}, "Services"));
  if (!filter) put(body, h("p", {}, link("catalog", { filter: FILTERS.services }, "Only those with critical instances")));
  await rows(body, "services", from, filter, "catalog");
}

/** Objects of one type. */
export async function list(body, { kind = "nodes", from, filter }, title) {
  title(kind);
  await types(body, kind);
  await rows(body, kind, from, filter, "list");
}

/** Links to the types of objects. */
async function types(body, current) {
  const { kinds } = await get("kinds");
  put(body, h("p", { class: "pills" }, kinds.map(({ name: kind }) => h("a", { href: address("list", { kind }), "aria-current": kind === current ? "page" : undefined }, kind))));
}

/** Examples of filters. */
const FILTERS = {
  checks: "Status != passing",
  instances: "ServiceName == web",
  keys: 'Key matches "^app/"',
  kv: 'Key matches "^app/"',
  nodes: 'Node contains "eu-"',
  services: "InstancesCritical != 0",
  tokens: 'Description contains "ci"',
};

async function rows(body, kind, from, filter, view) {
  const form = h("form", { class: "filter" }, h("label", { for: "filter" }, "Filter"), h("input", { id: "filter", name: "filter", value: filter ?? "", placeholder: FILTERS[kind], spellcheck: "false" }), h("button", {}, "Apply"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = form.querySelector("input").value;
    dispatchEvent(new CustomEvent("snapscope:go", { detail: link(view, { kind: view === "list" ? kind : undefined, filter: text }).getAttribute("href") }));
  });
  put(body, form);
  let page;
  try {
    page = await get("list", { kind, from, filter });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 400) throw error;
    // The form stays, so that the filter can be corrected. The lines after the first one show where.
    const [first, ...where] = error.message.split("\n");
    put(body, h("div", { class: "banner", role: "alert" }, first, where.length > 0 && h("pre", { tabindex: "0" }, where.join("\n"))));
    return;
  }
  if (view === "list") put(body, soft(`${page.about[0].toUpperCase()}${page.about.slice(1)}.`));
  if (page.rows.length === 0) put(body, nothing(page, filter ? "No object matches" : "No objects of this type"));
  else {
    // Columns that are empty in all rows would take space from others.
    const isUsed = page.columns.map((_, at) => at === 0 || page.rows.some((row) => row.cells[at] !== ""));
    const used = (list) => list.filter((_, at) => isUsed[at]);
    const columns = used(page.columns).map((column) => [column.name, column.is_number]);
    const lines = page.rows.map((row) => used(row.cells).map((cell, at) => {
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
