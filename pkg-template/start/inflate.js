// What of fflate is bundled: a way to inflate at once, for runtimes without one of their own.

export { inflateSync } from "fflate";
