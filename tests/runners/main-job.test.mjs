// The main job, as a test that imports the package has it: a module of Jest's own, under --experimental-vm-modules.
import * as client from "isc-service-desk";
import * as sandbox from "isc-service-desk/sandbox";

import { mainJob } from "./main-job.cjs";

mainJob({ ...client, ...sandbox });
