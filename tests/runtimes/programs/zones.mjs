// A page whose users are told apart by zones, bundled without an await of the engine.
import "zone.js";
import { ServiceDeskClient } from "isc-service-desk";
import { usersJobs } from "../users.mjs";
import { input } from "./input.mjs";

const { Zone } = globalThis;

const context = {
  run: (user, act) => Zone.current.fork({ name: user, properties: { user } }).run(act),
  user: () => Zone.current.get("user"),
};

globalThis.report = usersJobs(ServiceDeskClient, input, context);
