import { badge, cards, command, h, link, name, number, put, soft, table } from "./dom.js";
import { get } from "./data.js";

/** Who can do what, and why. */
export async function acl(body, parameters) {
  const all = await get("acl");
  if (all.tokens === 0) {
    put(body, soft("The snapshot has no tokens: ACLs were not in use."), command(all.command));
    return;
  }
  put(body,
    cards([["Tokens", link("list", { kind: "tokens" }, number(all.tokens))], ["Policies", link("list", { kind: "policies" }, number(all.policies))], ["Roles", link("list", { kind: "roles" }, number(all.roles))], ["Auth methods", link("list", { kind: "auth-methods" }, number(all.auth_methods))]]),
    soft(all.basis),
    ask(all, parameters),
  );
  const answer = h("div", { "aria-live": "polite" });
  put(body, answer);
  if (parameters.resource) await answered(answer, parameters);
  put(body,
    h("h2", {}, "Who can do dangerous things"),
    table("Tokens that can do dangerous things", [["what"], ["question"], ["tokens", true], ["which"]],
      all.dangerous.map((row) => [
        row.what,
        link("acl", { resource: row.resource, access: row.access, segment: row.segment }, h("code", {}, row.question)),
        row.is_everyone ? badge("critical", `everyone (${row.count})`) : number(row.count),
        row.names.join("; "),
      ])),
    command(all.command),
  );
}

function ask(all, { token = "", resource = "key", access = "read", segment = "" }) {
  const option = (chosen) => (value) => h("option", { value, selected: value === chosen }, value);
  const form = h("form", { class: "question" },
    h("div", {}, h("label", { for: "token-of" }, "Token (accessor; empty for all)"), h("input", { id: "token-of", name: "token", value: token, spellcheck: "false" })),
    h("div", {}, h("label", { for: "access" }, "may"), h("select", { id: "access", name: "access" }, all.accesses.map(option(access)))),
    h("div", {}, h("label", { for: "resource" }, "resource"), h("select", { id: "resource", name: "resource" }, all.resources.map(option(resource)))),
    h("div", {}, h("label", { for: "segment" }, "named"), h("input", { id: "segment", name: "segment", value: segment, spellcheck: "false" })),
    h("button", {}, "Ask"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const to = Object.fromEntries(new FormData(form));
    dispatchEvent(new CustomEvent("snapscope:go", { detail: link("acl", to).getAttribute("href") }));
  });
  return form;
}

async function answered(body, { token, resource, access, segment }) {
  if (token) {
    const found = await get("can", { token, resource, access, segment });
    put(body,
      h("p", { class: "verdict" }, badge(found.is_allowed ? "good" : "bad", found.is_allowed ? "yes" : "no"), " ", name(found.who), ` ${found.is_allowed ? "can" : "cannot"} ${found.asked}`),
      h("ul", {}, found.reasons.map((reason) => h("li", {}, reason))), command(found.command));
    return;
  }
  const found = await get("who-can", { resource, access, segment });
  put(body,
    h("h2", {}, `Who can ${found.asked}`),
    found.tokens.length === 0 ? soft("No token can.") : table(`${found.count} tokens can ${found.asked}`, [["accessor"], ["description"], ["rule"], ["from"]],
      found.tokens.map((one) => [link("acl", { token: one.accessor, resource, access, segment }, h("code", {}, one.accessor)), name(one.description), h("code", {}, one.rule), one.from]), found.count - found.tokens.length),
    command(found.command));
}
