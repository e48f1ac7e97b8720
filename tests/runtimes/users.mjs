// Many users of one client at the same time, for any runtime that tells by an async context whose code it runs: whether each is
// answered with what is theirs.

const COUNT = 20;

/** What is reported where everything works: of each job nothing that was mixed up, and a token for each of two attempts. */
export const UNMIXED = Object.fromEntries(
  ["default", "slow", "queued", "refused", "walked"].map((name) => [name, { mixed: [], asked: 2 * COUNT }]),
);

/** What each job is of: the options of its client, and how the id of what is asked for begins. */
const JOBS = {
  default: {},
  slow: { isSlow: true },
  queued: { rateLimit: { requests: 5, perMs: 30 }, retry: { baseDelayMs: 10 } },
  refused: { id: "refused-", rateLimit: { requests: 10, perMs: 20 } },
  walked: { isWalk: true, rateLimit: { requests: 5, perMs: 30 } },
};

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What an integration is named by the API: the token that it was asked with. */
async function nameOf({ integrations }, isWalk, id) {
  if (!isWalk) return (await integrations.get(id)).name;
  const names = [];
  for await (const { name } of integrations.iterate({ sorters: "name" }, { headers: { "x-id": id } })) names.push(name);
  return names.join();
}

/**
 * @param {any} ServiceDeskClient
 * @param {string} baseUrl of an API that names an integration after the token that it was asked with
 * @param {{ run: (user: string, act: () => Promise<any>) => Promise<any>, user: () => string | undefined }} context
 */
async function job(ServiceDeskClient, baseUrl, { run, user }, { isSlow, isWalk, id = "of-", ...options }) {
  const mixed = [];
  let asked = 0;
  const told = (what, own) => {
    if (user() !== own) mixed.push(`${what} of ${own} in the context of ${user()}`);
  };
  const token = async ({ forceRefresh }) => {
    asked += 1;
    const own = user();
    if (isSlow) await sleep(asked % 3);
    told("a token", own);
    return `${forceRefresh ? "new" : "old"}-of-${own}`;
  };
  const client = new ServiceDeskClient({ baseUrl, auth: { token }, retry: { baseDelayMs: 20 }, timeoutMs: 10_000, ...options });
  const users = Array.from({ length: COUNT }, (_, index) => `user-${index}`);
  const call = async (own) => {
    const name = await nameOf(client, isWalk, `${id}${own}`).catch(String);
    const expected = `Bearer ${id === "refused-" ? "new" : "old"}-of-${own}`;
    if (name !== expected) mixed.push(`${own} was answered as ${name}`);
  };
  await Promise.all(users.map((own) => run(own, () => call(own))));
  return { mixed, asked };
}

/** Each job in turn. */
export async function usersJobs(ServiceDeskClient, { baseUrl }, context) {
  const report = {};
  for (const [name, options] of Object.entries(JOBS)) report[name] = await job(ServiceDeskClient, `${baseUrl}/${name}`, context, options);
  return report;
}
