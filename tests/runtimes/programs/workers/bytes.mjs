// A module worker of workerd that was bundled without its condition, and so carries the WebAssembly as bytes.
import { filter } from "isc-service-desk";

export default {
  fetch() {
    try {
      return new Response(String(filter.name.eq("a")));
    } catch ({ code, message }) {
      return Response.json({ code, message });
    }
  },
};
