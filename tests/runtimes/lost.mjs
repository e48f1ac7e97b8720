// One call while its tenant fails, for any runtime, on a connection that was in use before: how it ended, and what each
// attempt met.

const NEW = { name: "Lost desk", description: "Tickets", type: "Generic SDIM", attributes: { password: "p" } };

/**
 * @param {any} ServiceDeskClient
 * @param {{ baseUrl: string, auth: object, job: "list" | "create" | "twice" | "delete", id: string }} input
 */
export async function lost(ServiceDeskClient, { baseUrl, auth, job, id }) {
  const retry = { baseDelayMs: 0 };
  const { integrations, statusCheck } = new ServiceDeskClient({ baseUrl, auth, retry, attemptTimeoutMs: 1_000 });
  const jobs = {
    list: async (options) => (await integrations.list({}, options)).items.length,
    create: async (options) => (await integrations.create(NEW, options)).name,
    twice: async (options) => {
      await integrations.create(NEW);
      return (await integrations.create(NEW, options)).name;
    },
    delete: async (options) => (await integrations.delete(id, options)) ?? "gone",
  };
  await statusCheck.get();
  let met;
  const onResponse = ({ attempts }) => {
    met = attempts;
  };
  const ended = await jobs[job]({ onResponse }).then(
    (value) => ({ value }),
    (error) => {
      met = error.attempts;
      return { code: error.code };
    },
  );
  return { ...ended, met: met.map(({ status, retryReason }) => retryReason ?? status) };
}
