import { badge, command, h, name, nothing, picture, put, soft, table, viewWidth } from "./dom.js";
import { get } from "./data.js";

/** The service graph. */
export async function graph(body) {
  const all = await get("graph", { width: viewWidth() });
  if (all.links.length === 0) {
    put(body, nothing(all, "No intentions, upstreams, gateways or routes between services"), command(all.command));
    return;
  }
  put(body,
    h("div", { class: "figure", tabindex: "0", role: "group", "aria-label": "Service graph" }, picture(all.svg)),
    h("ul", { class: "legend" }, all.legend.map(([kind, text]) => h("li", {}, h("span", { class: `swatch ${kind}` }), text))),
    all.left_out > 0 && soft(`The picture has the services with the most links; ${all.left_out} more are left out.`),
    table("Links between services", [["from"], ["to"], ["link"]],
      all.links.map((one) => [name(one.from), name(one.to), badge({ allow: "good", deny: "bad" }[one.kind] ?? "inactive", one.kind)]), all.more),
    command(all.command),
  );
}
