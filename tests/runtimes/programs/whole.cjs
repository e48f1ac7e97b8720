// A CommonJS program for Node and Bun: the package and its sandbox, by require.
const entry = require("isc-service-desk");
const { createSandbox } = require("isc-service-desk/sandbox");

import("../scenario.mjs")
  .then(({ bothJobs }) => bothJobs(entry, createSandbox, JSON.parse(process.argv.at(-1))))
  .then((report) => console.log(JSON.stringify(report)));
