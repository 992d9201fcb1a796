import { badge, command, h, name, nothing, number, put, sentence, soft, table } from "./dom.js";
import { get } from "./data.js";

/** The number of findings of each severity. */
export const severities = (counts) => h("ul", { class: "legend" }, counts.map(({ severity, count }) => h("li", {}, h("span", { class: `swatch ${severity}` }), `${severity} `, h("b", {}, number(count)))));

/** What is wrong in the snapshot. */
export async function audit(body) {
  const all = await get("audit");
  if (all.note) put(body, soft(all.note));
  if (all.rules.length === 0) {
    put(body, nothing(all, "No rule found anything"), command(all.command));
    return;
  }
  put(body,
    severities(all.severities),
    h("h2", {}, "Rules"),
    table("Rules that found something, the worst first", [["rule"], ["severity"], ["findings", true], ["what"], ["what to do"]],
      all.rules.map((rule) => [h("code", {}, rule.id), badge(rule.severity, rule.severity), number(rule.count), sentence(rule.title), sentence(rule.fix)])),
    h("h2", {}, "Findings"),
    table("Findings, the worst first", [["object"], ["type"], ["severity"], ["rule"], ["finding"]],
      all.findings.map((one) => [name(one.id), h("code", {}, one.kind), badge(one.severity, one.severity), h("code", {}, one.rule), sentence(one.message)]), all.more),
    command(all.command),
  );
}
