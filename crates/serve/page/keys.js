import { address, badge, bytes, command, facts, h, link, name, nothing, number, put, soft, table } from "./dom.js";
import { get } from "./data.js";

/** Keys as a tree, one level at a time, or a single key with its value. */
export async function keys(body, { prefix = "", key, from, show, as }, title) {
  if (key !== undefined) return one(body, key, show, as, title);
  const level = await get("keys", { prefix, from });
  put(body, path(level.crumbs));
  if (level.rows.length === 0) put(body, level.is_filtered ? soft("The token may not read any keys here.") : nothing(level, "No keys here"));
  else {
    const rows = level.rows.map((row) => row.is_folder
      ? [link("keys", { prefix: row.ref }, name(row.name)), badge("inactive", "folder"), number(row.count), ""]
      : [link("keys", { key: row.ref }, name(row.name)), "", "", bytes(row.bytes)]);
    put(body, table("Keys and folders", [["name"], [""], ["keys below", true], ["value", true]].map(([t, n]) => [t || "kind", n]), rows));
  }
  if (level.next) put(body, h("p", {}, link("keys", { prefix, from: level.next }, "More")));
  put(body, command(level.command));
}

/** The folders that lead to a folder or key. */
const path = (crumbs) => h("nav", { "aria-label": "Prefix", class: "crumbs" }, h("ol", {},
  crumbs.map((crumb, at) => h("li", {}, at + 1 < crumbs.length ? link("keys", { prefix: crumb.ref }, name(crumb.name)) : h("span", { "aria-current": "page" }, name(crumb.name))))));

const FORMS = [["text", "Text"], ["json", "JSON"], ["hex", "Hex"]];

async function one(body, key, show, as = "text", title) {
  const found = await get("key", { key, show, as });
  title(found.name);
  put(body,
    path(found.crumbs),
    facts([
      ["Value", [bytes(found.bytes)]],
      ["Flags", String(found.flags)],
      ["Created at index", String(found.create_index)],
      ["Changed at index", String(found.modify_index)],
      ["Lock index", String(found.lock_index)],
      ["Session", found.session || "none"],
    ]),
    h("h2", {}, "Value"),
  );
  if (found.value === null) {
    put(body, h("p", {}, "The value is masked. ", link("keys", { key, show: "1", as }, "Show it")));
  } else {
    put(body,
      h("p", { class: "forms" }, FORMS.map(([form, text]) => h("a", { href: address("keys", { key, show: "1", as: form }), "aria-current": form === as ? "true" : undefined }, text)), link("keys", { key }, "Mask it")),
      h("pre", { tabindex: "0" }, found.value),
      found.is_cut && soft("Only the start of the value is shown."),
    );
  }
  put(body, command(found.command));
}
