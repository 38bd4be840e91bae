// The translator that asks the server which this page came from; see translator.js.

import { TOKEN_WANTED, UserError } from "./errors.js";

export const privacy = "Pictures are sent to this server to be translated.";

export async function info({ token = "" } = {}) {
  return (await ask("api/info", { headers: headers(token) })).json();
}

export async function thumbnail({ url }, { token = "" } = {}) {
  return (await ask(relative(url), { headers: headers(token) })).blob();
}

export async function sample({ file }, { token = "" } = {}) {
  return (await ask(relative(file), { headers: headers(token) })).blob();
}

export async function preview(blob, side, { token = "" } = {}) {
  return (await ask(`api/preview?side=${side}`, posted(blob, token))).blob();
}

export async function translate(blob, { token = "", signal, progress = () => {} } = {}) {
  progress("Translating …");
  const answer = await ask("translate", { ...posted(blob, token), signal });
  return answer.blob();
}

function posted(blob, token) {
  // A type that the browser made of the file's name may be none of pictures; the content tells as well.
  const type = blob.type.startsWith("image/") ? blob.type : "application/octet-stream";
  return { method: "POST", body: blob, headers: { ...headers(token), "Content-Type": type } };
}

/** The server writes addresses from its root; behind a proxy the page may lie deeper. */
function relative(address) {
  return address.replace(/^\//, "");
}

function headers(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new UserError(
      "The server cannot be reached. Is it still running, and are you connected?",
      { retry: true },
    );
  }
  if (answer.ok) return answer;
  throw userError(answer.status, await reason(answer), Boolean(options.headers.Authorization));
}

/** The server's own sentence, or nothing where a proxy answered with a page of its own. */
async function reason(answer) {
  try {
    const told = await answer.json();
    return typeof told.error === "string" ? told.error : "";
  } catch {
    return "";
  }
}

function userError(status, reason, knownToken) {
  const detail = reason ? sentence(reason) : "";
  switch (status) {
    case 401:
    case 403:
      return new UserError(
        knownToken ? "The server does not accept this access token." : TOKEN_WANTED,
        { token: true },
      );
    case 413:
      return new UserError(detail || "This picture is too large for the server.");
    case 429:
    case 503:
      return new UserError("The server is busy right now. Try again in a moment.", { retry: true });
    case 408:
    case 504:
      return new UserError(
        "The server took too long. Try again, or choose a smaller size.",
        { retry: true },
      );
    default:
      if (status >= 500) {
        return new UserError(detail || "The server failed at this picture.", { retry: true });
      }
      return new UserError(detail || "The server cannot read this as a picture.");
  }
}

function sentence(text) {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
