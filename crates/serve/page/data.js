// Asks the server for data. An answer of an older question never replaces that of a newer one.

export class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

let asking = new AbortController();

/** Gives up what was asked for the view that was left. */
export function leave() {
  asking.abort();
  asking = new AbortController();
}

/** Data of the snapshot that is shown. It is given up when the view is left, unless it is of no view. */
export async function get(what, parameters = {}, isOfView = true) {
  const query = new URLSearchParams();
  const at = new URLSearchParams(location.search).get("at");
  if (at) query.set("at", at);
  for (const [key, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") query.set(key, value);
  }
  const response = await fetch(`/ui/data/${what}?${query}`, { signal: isOfView ? asking.signal : undefined, credentials: "same-origin" });
  return answer(response);
}

/** Sends a token to the server, which keeps it; an empty one is forgotten. */
export async function sendToken(secret) {
  const at = new URLSearchParams(location.search).get("at");
  const query = at ? `?at=${encodeURIComponent(at)}` : "";
  const response = await fetch(`/ui/data/token${query}`, { method: "POST", body: secret, credentials: "same-origin" });
  return answer(response);
}

async function answer(response) {
  const json = await response.json().catch(() => ({ error: `the server answered with status ${response.status}` }));
  if (!response.ok) throw new Refused(response.status, json.error ?? `status ${response.status}`);
  return json;
}
