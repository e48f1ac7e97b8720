// The spies of Vitest, and its main job.
/* global vi */
import * as client from "isc-service-desk";
import * as sandbox from "isc-service-desk/sandbox";

import { mainJob } from "./main-job.cjs";
import { spies } from "./spies.cjs";

const entries = { ...client, ...sandbox };

mainJob(entries);
spies(entries, { spyOn: vi.spyOn, restoreAll: vi.restoreAllMocks });
