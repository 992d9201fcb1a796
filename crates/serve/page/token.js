// The reader's Consul tokens: who is asked for one, and why.

import { h } from "./dom.js";
import { sendToken } from "./data.js";

const dialog = document.getElementById("token");
const secret = document.getElementById("secret");
const failure = document.getElementById("token-error");

/** The snapshot for which a token is given; by default the one that is shown. */
let of;

/** Asks for a token. */
export function giveToken(snapshot) {
  of = snapshot;
  document.getElementById("token-title").textContent = snapshot ? `Consul token for ${snapshot.title}` : "Consul token";
  failure.textContent = "";
  secret.value = "";
  dialog.showModal();
}

async function use(text) {
  try {
    await sendToken(text, of?.name);
    dialog.close();
    dispatchEvent(new CustomEvent("snapscope:token"));
  } catch (error) {
    failure.textContent = error.message;
  }
}

document.getElementById("who").addEventListener("click", () => giveToken());
document.getElementById("use").addEventListener("click", () => use(secret.value));
document.getElementById("forget").addEventListener("click", () => use(""));
secret.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  use(secret.value);
});

/** Why something cannot be shown, and what the reader can do. */
export function problem(error) {
  if (error.status === 401) {
    return h("div", { class: "banner", role: "alert" }, h("strong", {}, "This browser is not signed in."), " Open the address that `snapscope serve` printed when it started.");
  }
  if (error.status !== 403) {
    return h("div", { class: "banner", role: "alert" }, h("strong", {}, "This could not be shown."), " ", error.message);
  }
  const { at, title, is_anonymous: isAnonymous } = error.answer ?? {};
  const snapshot = title === undefined ? undefined : { name: at, title };
  const place = snapshot ? ` for ${title}` : "";
  return h("div", { class: isAnonymous ? "banner note" : "banner", role: "alert" },
    h("strong", {}, isAnonymous ? `No token was given${place}.` : `The token may not read this${snapshot ? ` in ${title}` : ""}.`), " ", error.message,
    h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => giveToken(snapshot) }, isAnonymous ? `Give a token${place}` : `Give another token${place}`)));
}
