// A page that leaves the job to a module worker.
const worker = new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });

globalThis.report = new Promise((resolve, reject) => {
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
});
