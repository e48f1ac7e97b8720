// @ts-check
// What kind of runtime this is.

import { property } from "./given.js";

/** @param {any} object @param {string} name */
const has = (object, name) => property(object, name) !== undefined;

/** A page, whose visitors can read all that it holds. */
export const isPage = () => has(globalThis, "window") && has(globalThis, "document");

/**
 * One whose fetch may send a request a second time of its own accord, where a connection that was in use before ends without an
 * answer. Chromium, Firefox and Deno do so with every method and report it nowhere. Node, Bun and workers do
 * not do so with a POST.
 */
export function mayResend() {
  const versions = property(property(globalThis, "process"), "versions");
  // Electron is like Node, and has Chromium's fetch; a page that Node only plays has Node's.
  const isLikeNode = has(versions, "node") && !has(versions, "electron");
  return has(globalThis, "Deno") || !(isLikeNode || keepsRequestsApart());
}

/**
 * One that keeps the requests which it answers apart, in one memory: Cloudflare Workers, Vercel's edge. What one of them began
 * ends with it, in silence; and what another begins for it belongs to that other.
 */
export const keepsRequestsApart = () => has(globalThis, "WebSocketPair") || has(globalThis, "EdgeRuntime");
