// The main job, as a test that requires the package has it.
const { mainJob } = require("./main-job.cjs");

mainJob({ ...require("isc-service-desk"), ...require("isc-service-desk/sandbox") });
