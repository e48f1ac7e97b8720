// A module that fails with an error of the package.

import { filter } from "isc-service-desk";

export function mistake() {
  try {
    return filter.parse("name eq");
  } catch (error) {
    return error;
  }
}
