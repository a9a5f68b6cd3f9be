// Sending JSON to the node, and what its answer means: one word for each thing that the page can do about it.

// the most that browsers let a page send while it is closed
const KEPT_ALIVE = 60_000;

async function readJson(response) {
  try {
    return (await response.json()) ?? {};
  } catch {
    return {};
  }
}

export async function send(href, body) {
  const text = JSON.stringify(body);
  let response;
  try {
    response = await fetch(href, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: text,
      credentials: "same-origin",
      redirect: "manual",
      keepalive: new Blob([text]).size < KEPT_ALIVE,
    });
  } catch {
    return { kind: "unreachable" };
  }
  // nothing but the way to sign in is ever a redirect here
  if (response.type === "opaqueredirect" || response.status === 401) return { kind: "signed-out" };
  const answer = await readJson(response);
  const message = typeof answer.message === "string" ? answer.message : "";
  if (response.ok) return { kind: "taken", answer };
  if (response.status === 409) return { kind: "conflict", message };
  if (response.status === 404 || response.status === 410) return { kind: "gone", message };
  if (response.status >= 500 || response.status === 429) return { kind: "unreachable" };
  return { kind: "refused", message, field: typeof answer.field === "string" ? answer.field : "" };
}
