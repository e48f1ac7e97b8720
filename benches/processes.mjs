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
    const answer = await Promise.race([once(this.#child, "message"), once(this.#child, "exit").then(() => undefined)]);
    if (answer === undefined) throw new Error(`a process ended in the middle of ${what}`);
    return answer[0];
  }

  /** It ends with its channel. */
  stop() {
    if (this.#child.connected) this.#child.disconnect();
  }
}
