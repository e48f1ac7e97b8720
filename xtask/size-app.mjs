// The app that `cargo xtask size` measures: it lists and creates, as a portal does.
import { ServiceDeskClient } from "isc-service-desk";

const client = new ServiceDeskClient({ tenant: "acme", auth: { token: () => sessionStorage.getItem("token") ?? "" } });
const page = await client.integrations.list({ limit: 250 });
const made = await client.integrations.create({ name: "one more", type: "Generic SDIM", attributes: {} });
document.body.textContent = `${made.name} comes after ${page.items.length} others`;
