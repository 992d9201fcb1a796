// Requests data from the server. A late answer never replaces that of a newer request.

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.error ?? `status ${status}`);
    this.status = status;
    this.answer = answer;
  }
}

let asking = new AbortController();

/** Cancels the requests of the previous view. */
export function leave() {
  asking.abort();
  asking = new AbortController();
}

/** Data of the current snapshot. The request is canceled when the reader leaves the view, if it belongs to one. */
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

/** Sends a token of a snapshot to the server, which keeps it. An empty one makes it forget all. */
export async function sendToken(secret, name) {
  const at = name ?? new URLSearchParams(location.search).get("at");
  const query = at ? `?at=${encodeURIComponent(at)}` : "";
  const response = await fetch(`/ui/data/token${query}`, { method: "POST", body: secret, credentials: "same-origin" });
  return answer(response);
}

async function answer(response) {
  const json = await response.json().catch(() => ({ error: `the server answered with status ${response.status}` }));
  if (!response.ok) throw new Refused(response.status, json);
  return json;
}
