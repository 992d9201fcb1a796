import { badge, cards, command, h, link, name, number, put, sentence, soft, table } from "./dom.js";
import { get } from "./data.js";

/** Who can do what, and why: the questions of the command `acl` as forms. */
export async function acl(body, parameters) {
  const all = await get("acl");
  if (all.tokens === 0) {
    const none = all.incomplete ? "No tokens in the part that could be read." : "The snapshot has no tokens: ACLs were not in use.";
    put(body, soft(all.has_unreadable ? "No token can be read: the records are malformed." : none));
    return;
  }
  put(body,
    cards([["Tokens", link("list", { kind: "tokens" }, number(all.tokens))], ["Policies", link("list", { kind: "policies" }, number(all.policies))], ["Roles", link("list", { kind: "roles" }, number(all.roles))], ["Auth methods", link("list", { kind: "auth-methods" }, number(all.auth_methods))]]),
    soft(all.basis),
    h("div", { class: "questions" }, rightForm(all, parameters), explainForm(parameters), checkForm(parameters)),
  );
  const answer = h("section", { class: "answer", "aria-live": "polite" });
  put(body, answer);
  try {
    if (parameters.explain) await explained(answer, parameters);
    else if (parameters.questions) await checked(answer, parameters);
    else if (parameters.resource && parameters.token) await can(answer, parameters);
    else if (parameters.resource) await whoCan(answer, parameters);
  } catch (error) {
    if (error.status !== 400 && error.status !== 404) throw error;
    put(answer, h("p", { class: "banner", role: "alert" }, error.message));
  }
  // On a narrow screen the answer is below the forms.
  if (answer.hasChildNodes() && answer.getBoundingClientRect().top > innerHeight) answer.scrollIntoView();
  await dangerous(body);
}

async function dangerous(body) {
  const section = h("section", {}, h("h2", {}, "Who can do dangerous things"), soft("Checking all tokens"));
  put(body, section);
  const found = await get("dangerous");
  section.lastChild.remove();
  put(section,
    table("Tokens that can do dangerous things", [["what"], ["question"], ["tokens", true], ["which"]],
      found.rows.map((row) => [
        sentence(row.what),
        link("acl", { resource: row.resource, access: row.access, segment: row.segment }, h("code", {}, row.question)),
        row.is_everyone ? badge("critical", `everyone (${row.count})`) : number(row.count),
        name(row.names.join("; ") || "none"),
      ])),
    command(found.command));
}

/** A form whose fields become the parameters of the view's address. */
function form(title, fields, button) {
  const element = h("form", { class: "question" }, h("h2", {}, title), fields, h("button", {}, button));
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    const to = Object.fromEntries(new FormData(element));
    dispatchEvent(new CustomEvent("snapscope:go", { detail: link("acl", to).getAttribute("href") }));
  });
  return element;
}

const field = (id, label, element, kind) => h("div", { class: kind }, h("label", { for: id }, label), element);

const tokenInput = (id, value, isNeeded) => h("input", { id, name: id, value, spellcheck: "false", autocomplete: "off", required: isNeeded, placeholder: "accessor or anonymous" });

function rightForm(all, { token = "", resource = "key", access = "read", segment = "" }) {
  const option = (chosen) => (value) => h("option", { value, selected: value === chosen }, value);
  return form("Can a token do this? Who can?", [
    field("token", "Token (all if empty)", tokenInput("token", token, false), "wide"),
    field("resource", "Resource", h("select", { id: "resource", name: "resource" }, all.resources.map(option(resource)))),
    field("access", "Access", h("select", { id: "access", name: "access" }, all.accesses.map(option(access)))),
    field("segment", "Name", h("input", { id: "segment", name: "segment", value: segment, spellcheck: "false", autocomplete: "off", placeholder: "app/color" }), "wide"),
  ], "Ask");
}

const explainForm = ({ explain = "" }) => form("What can a token do?", [field("explain", "Token", tokenInput("explain", explain, true), "wide")], "Explain");

const EXAMPLE = '{"AccessorID": "\u2026", "Resource": "key", "Access": "read", "Segment": "app/color"}';

const checkForm = ({ questions = "" }) => form("Many questions", [
  field("questions", "One JSON object on each line", h("textarea", { id: "questions", name: "questions", rows: 3, spellcheck: "false", required: true, placeholder: EXAMPLE }, questions), "wide"),
], "Check");

async function can(body, { token, resource, access, segment }) {
  const found = await get("can", { token, resource, access, segment });
  put(body,
    h("p", { class: "verdict" }, badge(found.is_allowed ? "good" : "bad", found.is_allowed ? "yes" : "no"), " ", name(found.who), ` ${found.is_allowed ? "can" : "cannot"} `, name(found.asked)),
    h("ul", {}, found.reasons.map((reason) => h("li", {}, name(reason)))),
    h("p", {}, link("acl", { explain: found.accessor }, "Everything this token can do")),
    command(found.command));
}

async function whoCan(body, { resource, access, segment }) {
  const found = await get("who-can", { resource, access, segment });
  const title = ["Who can ", name(found.asked)];
  put(body,
    h("h2", {}, title),
    found.tokens.length === 0 ? soft("No token can.") : table(`Tokens that can ${found.asked}: ${found.count}`, [["accessor"], ["description"], ["rule"], ["from"]],
      found.tokens.map((one) => [link("acl", { token: one.accessor, resource, access, segment }, h("code", { class: "name" }, one.accessor)), name(one.description), h("code", { class: "name" }, one.rule), name(one.from)]), found.count - found.tokens.length),
    sentences("Logins that would create such a token", found.logins, found.more_logins),
    sentences("Tokens that servers refuse", found.refused, found.more_refused),
    command(found.command));
}

/** Everything a token may do, rule by rule. */
async function explained(body, { explain }) {
  const found = await get("explain", { token: explain });
  put(body, h("h2", {}, "What ", name(found.who), " can do"));
  if (found.error) {
    put(body, h("p", { class: "verdict" }, badge("bad", "refused"), " ", name(found.error)), command(found.command));
    return;
  }
  const warnings = found.warnings.map((warning) => h("p", { class: "banner note" }, h("strong", {}, "Warning."), " ", name(warning)));
  put(body, warnings);
  if (found.rules.length === 0) put(body, soft("No rules: the default policy decides everything."));
  else {
    put(body, table("Effective rules", [["rule"], ["grants"], ["from"], ["instead of"]],
      found.rules.map((rule) => [
        h("code", { class: "name" }, rule.title),
        badge(rule.grants.startsWith("deny") ? "bad" : rule.grants.startsWith("write") ? "warning" : "inactive", rule.grants),
        [rule.origins.map((text) => h("div", {}, name(text))), rule.shadows.map((text) => h("div", { class: "soft" }, "shadows ", name(text)))],
        rule.instead_of ? name(rule.instead_of) : "",
      ]), found.more_rules));
  }
  if (found.policies.length > 0) {
    put(body, h("h3", {}, "Policies"), table("Policies of the token", [["policy"], ["link"]], found.policies.map((policy) => [name(policy.name), name(policy.via)]), found.more_policies));
  }
  put(body, sentences("Links without effect", found.left_out, 0), command(found.command));
}

async function checked(body, { questions }) {
  const found = await get("check", { questions });
  put(body, h("h2", {}, "Answers"),
    table("Answers to the questions, in their order", [["accessor"], ["resource"], ["access"], ["name"], ["answer"]],
      found.rows.map((row) => [h("code", { class: "name" }, row.accessor), row.resource, row.access, name(row.segment),
        row.error ? [badge("bad", "error"), " ", name(row.error)] : badge(row.allow ? "good" : "bad", row.allow ? "yes" : "no")])),
    command(found.command));
}

const sentences = (title, all, more) => all.length > 0 && [
  h("h3", {}, title),
  h("ul", {}, all.map((text) => h("li", {}, name(text)))),
  more > 0 && h("p", { class: "more" }, `and ${more} more`),
];
