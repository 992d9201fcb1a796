import { address, byteText, bytes, command, h, link, name, nothing, number, percent, put, s, table, viewWidth } from "./dom.js";
import { get } from "./data.js";

/** A treemap of the space. It zooms in to single records. */
export async function space(body, { type, prefix }) {
  const width = viewWidth();
  const height = width < 600 ? 360 : 460;
  const all = await get("space", { type, prefix, width, height });
  put(body,
    h("nav", { "aria-label": "Zoomed into", class: "crumbs" }, h("ol", {},
      all.crumbs.map((crumb, at) => h("li", {}, at + 1 < all.crumbs.length ? link("space", crumb.go, name(crumb.name)) : h("span", { "aria-current": "page" }, name(crumb.name)))))),
    h("p", { class: "soft" }, number(all.count), all.count === 1 ? " record, " : " records, ", bytes(all.bytes)),
  );
  if (all.tiles.length === 0) {
    put(body, nothing(all, "Nothing takes space here"));
  } else {
    put(body, h("div", { class: "figure" }, treemap(all, width, height)));
  }
  const rows = all.rows.map((row) => [
    row.go ? link(row.go.view, row.go.to, name(row.name)) : name(row.name),
    number(row.count),
    bytes(row.bytes),
    percent(row.bytes, all.bytes),
  ]);
  put(body, table("Groups, the largest first", [["name"], ["records", true], ["bytes", true], ["share", true]], rows, all.more), command(all.command));
}

function treemap(all, width, height) {
  const about = all.rows.slice(0, 5).map((row) => `${row.name} ${byteText(row.bytes)}`).join(", ");
  const picture = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "picture treemap", role: "group", "aria-label": `Treemap of ${byteText(all.bytes)}. The largest: ${about}` });
  for (const tile of all.tiles) {
    const colours = `tile depth-1 colour-${tile.colour}`;
    const face = s("g", { class: colours }, s("title", {}, tile.about),
      s("rect", { class: "face", x: tile.x, y: tile.y, width: Math.max(tile.width - 1, 0.5), height: Math.max(tile.height - 1, 0.5), rx: 2 }));
    put(picture, tile.go ? s("a", { href: address(tile.go.view, tile.go.to), "aria-label": tile.about }, face) : face);
    // The name of the link is more complete than the text that fits.
    if (tile.label) put(picture, s("svg", { class: colours, "aria-hidden": "true", x: tile.x, y: tile.y, width: tile.width - 3, height: tile.height }, s("text", { class: "name", x: 5, y: 14 }, tile.label)));
  }
  return picture;
}
