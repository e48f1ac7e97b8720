// The spies of Jest.
/* global jest */
const { spies } = require("./spies.cjs");

const entries = { ...require("isc-service-desk"), ...require("isc-service-desk/sandbox") };

spies(entries, { spyOn: jest.spyOn, restoreAll: jest.restoreAllMocks });
