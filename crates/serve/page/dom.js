// Builds elements. Text is always set as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Adds children: texts, elements, or lists of them. Children that are false or missing are left out. */
export const put = (element, ...children) => fill(element, {}, children);

/** An HTML element. */
export const h = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

/** An element of a picture. */
export const s = (name, attributes, ...children) => fill(document.createElementNS(SVG, name), attributes, children);

/** A picture drawn by the server. It contains only shapes and text; anything else is refused. */
export function picture(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  const allowed = new Set(["svg", "g", "title", "desc", "rect", "path", "text", "circle"]);
  const all = [parsed.documentElement, ...parsed.documentElement.querySelectorAll("*")];
  const isOwn = all.every((e) => allowed.has(e.localName) && ![...e.attributes].some((a) => a.name.startsWith("on") || a.name.includes("href")));
  if (!isOwn) throw new Error("the picture was not drawn by this server");
  return document.importNode(parsed.documentElement, true);
}

/** A name from the snapshot. It cannot change the direction of the text around it. */
export const name = (text) => (text === "" ? h("span", { class: "soft" }, "(empty)") : h("bdi", { class: `name ${length(text)}` }, text));

/** The class of a text by its length. It decides how narrow a column may become. */
const length = (text) => (text.length <= 14 ? "short" : UUID.test(text) ? "uuid" : text.length <= 48 ? "" : "long");

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const TIME = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/;

/** A cell of a list: a time to the second, or a name. */
export function cellText(text) {
  const [, day, second] = TIME.exec(text) ?? [];
  return day ? h("time", { class: "time", datetime: text, title: text }, `${day} ${second}`) : name(text);
}

/** A text of this program in a table cell. */
export const sentence = (text) => h("span", { class: `sentence ${length(text)}` }, text);

const grouping = new Intl.NumberFormat("en", { useGrouping: true });

/** A number, with its exact value in an attribute. */
export const number = (n) => h("data", { value: n }, grouping.format(n).replaceAll(",", "\u202f"));

/** A size as the command line prints it. */
export function byteText(n) {
  if (n === 0) return "0";
  const sign = n < 0 ? "\u2212" : "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let size = Math.abs(n);
  let unit = 0;
  while (size >= 1024 && unit < 4) [size, unit] = [size / 1024, unit + 1];
  const text = unit === 0 ? String(size) : size.toFixed(1).replace(/\.0$/, "");
  return `${sign}${text}${units[unit]}`;
}

/** A share of a whole in percent, as the command line prints it. */
export function percent(part, whole) {
  const share = whole === 0 ? 0 : (part / whole) * 100;
  return share > 0 && share < 0.1 ? "<0.1 %" : `${share.toFixed(1)} %`;
}

export const bytes = (n) => h("data", { value: n }, byteText(n));

export const badge = (kind, text) => h("span", { class: `badge ${kind}` }, text);

/** A link to a view. */
export const link = (view, parameters, ...children) => h("a", { href: address(view, parameters) }, ...children);

/** The address of a view of the current snapshot. */
export function address(view, parameters = {}) {
  const query = new URLSearchParams();
  const at = new URLSearchParams(location.search).get("at");
  if (at && !("at" in parameters)) query.set("at", at);
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(key, value);
  }
  const text = query.toString();
  return `/ui/${view}${text ? `?${text}` : ""}`;
}

/** The command line that prints the same. */
export const command = (line) => line && h("p", { class: "command" }, h("span", {}, "Command line"), " ", h("code", {}, line));

/** A table. Columns are [title, isNumber]; cells are texts or elements. */
export function table(caption, columns, rows, more) {
  // As in reports: a table that is too wide for a phone has a block for each row there. A column of
  // numbers takes about half as much space as one of texts.
  const width = 2 * columns.length - columns.filter(([, isNumber]) => isNumber).length;
  const stacks = width > 5;
  const kind = [stacks && "stacks", width > 11 && "dense"].filter(Boolean).join(" ");
  const head = columns.map(([title, isNumber]) => h("th", { scope: "col", class: isNumber ? "number" : undefined }, title));
  const body = rows.map((row) =>
    h("tr", {}, row.map((cell, at) => {
      const attributes = { class: columns[at]?.[1] ? "number" : undefined, "data-label": stacks && at > 0 ? columns[at]?.[0] : undefined };
      return at === 0 ? h("th", { scope: "row", ...attributes }, cell) : h("td", attributes, cell);
    })));
  return [
    h("div", { class: "scroll", role: "group", "aria-label": caption, tabindex: "0" },
      h("table", { class: kind || undefined }, h("caption", {}, caption), h("thead", {}, h("tr", {}, head)), h("tbody", {}, body))),
    more > 0 && h("p", { class: "more" }, `and ${grouping.format(more).replaceAll(",", "\u202f")} more`),
  ];
}

/** Key figures, side by side. */
export const cards = (pairs) => h("dl", { class: "cards" }, pairs.filter(Boolean).map(([title, value, kind]) => h("div", {}, h("dt", {}, title), h("dd", { class: kind }, value))));

/** A list of facts, each with one or more values. */
export const facts = (pairs) =>
  h("dl", { class: "facts" }, pairs.map(([title, values]) => {
    const all = [values].flat().filter((value) => value !== null && value !== undefined && value !== "");
    return [h("dt", {}, title), h("dd", {}, all.length === 0 ? h("span", { class: "soft" }, "unknown") : all.map((value) => h("div", {}, typeof value === "string" ? h("bdi", {}, value) : value)))];
  }));

export const soft = (text) => h("p", { class: "soft" }, text);

/** Says that there is nothing; of a damaged snapshot only the readable part is known. */
export const nothing = (found, text) => soft(`${text}${found.incomplete ? " in the part that could be read" : ""}.`);

/** The width of the view: texts in a picture of this width are as large as others. */
export function viewWidth() {
  const main = document.getElementById("main");
  const style = getComputedStyle(main);
  return Math.max(Math.round(main.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)), 200);
}
