// Starts the processes of a run, and hears what they say.

import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a program to its end; gives what it printed. */
export async function output(name, programArguments, nodeOptions = []) {
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeOptions, here(name), ...programArguments]);
  return stdout;
}

/** A process that stays, and answers each message with one. */
export class Companion {
  #child;

  static async start(name, programArguments = []) {
    const companion = new Companion();
    companion.#child = fork(here(name), programArguments);
    companion.first = await companion.#heard(name);
    return companion;
  }

  async ask(message) {
    this.#child.send(message);
    return this.#heard(message.operation);
  }

  async #heard(what) {
    const answered = new AbortController();
    const [message, end] = ["message", "exit"].map((event) => once(this.#child, event, { signal: answered.signal }));
    const ended = end.then(() => {
      throw new Error(`a process ended in the middle of ${what}`);
    });
    try {
      const [answer] = await Promise.race([message, ended]);
      return answer;
    } finally {
      answered.abort();
    }
  }

  /** It ends with its channel. */
  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }
}
