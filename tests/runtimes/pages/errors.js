// Before anything else in a page: what goes wrong in it that nobody catches.
globalThis.errors = [];
const note = (error) => globalThis.errors.push(String(error));
addEventListener("error", ({ message, target }) => note(message ?? `${target.src} does not load`), { capture: true });
addEventListener("unhandledrejection", ({ reason }) => note(reason));
