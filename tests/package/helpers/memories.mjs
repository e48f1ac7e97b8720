// The memories of the cores that start after this was loaded: load it before the package.

/** @type {WebAssembly.Memory[]} */
export const memories = [];

WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(/** @type {WebAssembly.Memory} */ (this.exports.memory));
  }
};
