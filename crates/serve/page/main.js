// Shows the view named in the address.

import { address, h } from "./dom.js";
import { get, leave } from "./data.js";
import { overview } from "./overview.js";
import { space } from "./space.js";
import { keys } from "./keys.js";
import { catalog, list, object } from "./objects.js";
import { graph } from "./graph.js";
import { acl } from "./acl.js";
import { audit } from "./audit.js";
import { compare, series } from "./compare.js";
import { search } from "./search.js";
import { problem } from "./token.js";

const VIEWS = [
  ["overview", "Overview", overview],
  ["space", "Space", space],
  ["keys", "Keys", keys],
  ["catalog", "Catalog", catalog],
  ["graph", "Service graph", graph],
  ["acl", "Access", acl],
  ["audit", "Audit", audit],
  ["compare", "Compare", compare],
  ["series", "Timeline", series],
];
// Views that only other views link to.
const OTHERS = [
  ["list", "Objects", list],
  ["object", "Object", object],
  ["search", "Search", search],
];

const main = document.getElementById("main");
const menu = document.getElementById("views");
const select = document.getElementById("at");

const viewName = () => location.pathname.replace(/^\/ui\/?/, "") || "overview";

let turn = 0;

/** Shows the view in the address. The heading gets the focus if the reader followed a link. */
async function show(isMoved) {
  leave();
  turn += 1;
  const mine = turn;
  const current = viewName();
  const [, title, view] = [...VIEWS, ...OTHERS].find(([name]) => name === current) ?? VIEWS[0];
  document.title = `${title} - snapscope`;
  mark(current);
  const body = h("div", { class: "view" });
  const heading = h("h1", { tabindex: "-1" }, title);
  const waiting = h("p", { class: "soft", role: "status" }, "Loading");
  main.replaceChildren(heading, waiting, body);
  if (isMoved) heading.focus({ preventScroll: true });
  if (isMoved) scrollTo(0, 0);
  try {
    const parameters = Object.fromEntries(new URLSearchParams(location.search));
    await view(body, parameters, (text) => {
      heading.textContent = text;
    });
    waiting.remove();
  } catch (error) {
    if (error.name === "AbortError" || mine !== turn) return;
    waiting.remove();
    body.replaceChildren(problem(error));
  }
  body.dataset.done = "true";
}

function mark(current) {
  const of = { list: "catalog", object: "catalog" }[current] ?? current;
  menu.replaceChildren(...VIEWS.map(([name, title]) => h("li", {}, h("a", { href: address(name), "aria-current": name === of ? "page" : undefined }, title))));
}

/** Links between views do not reload the page. */
addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a[href^='/ui/']");
  if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(anchor.getAttribute("href"));
});

function go(href) {
  history.pushState(null, "", href);
  show(true);
}

addEventListener("popstate", () => show(false));

// Pictures are laid out for the width of the window.
let width = innerWidth;
let later;
addEventListener("resize", () => {
  clearTimeout(later);
  later = setTimeout(() => {
    if (["space", "graph", "series"].includes(viewName()) && Math.abs(innerWidth - width) > 40) show(false);
    width = innerWidth;
  }, 200);
});
addEventListener("snapscope:go", (event) => go(event.detail));

document.querySelector("form.search").addEventListener("submit", (event) => {
  event.preventDefault();
  const q = document.getElementById("q").value;
  if (q) go(address("search", { q }));
});

select.addEventListener("change", () => go(address(viewName() === "object" ? "overview" : viewName(), { at: select.value })));

/** Shows the served snapshots, and whose permissions apply. */
async function about() {
  const known = await get("about", {}, false);
  select.replaceChildren(...known.snapshots.map(({ name, title }) => h("option", { value: name, selected: name === known.at }, title)));
  const button = document.getElementById("who");
  button.hidden = !known.acl;
  button.textContent = known.who ? `Token: ${known.who}` : "Give a token";
  const old = document.getElementById("incomplete");
  old?.remove();
  if (known.incomplete) {
    document.querySelector(".frame").before(h("div", { id: "incomplete", class: "banner", role: "alert" }, known.damaged ? [h("strong", {}, "The snapshot is damaged."), " Only its readable part is shown."] : [h("strong", {}, "Some records are malformed."), " Objects in them may be missing; everything else is shown."]));
  }
}

addEventListener("snapscope:token", async () => {
  await about().catch(() => null);
  await show(false);
});

await Promise.all([about().catch(() => null), show(false)]);
