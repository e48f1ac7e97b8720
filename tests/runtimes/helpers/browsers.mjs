// Opens each browser by the protocol that it speaks: all evaluate in a page, and wait for what that gives.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { DriverService, SessionBuilder, environment, puppeteer } from "./kit.mjs";

const PATIENCE_MS = 30_000;

/** Chromium's sandbox needs a user other than root. */
const CHROMIUM_ARGUMENTS = process.getuid() === 0 ? ["--no-sandbox"] : [];

const LAUNCHERS = {
  Chromium: (args) => byPuppeteer("chrome", environment("CHROMIUM"), [...CHROMIUM_ARGUMENTS, ...args]),
  Firefox: () => byPuppeteer("firefox", environment("FIREFOX"), []),
  WebKit: () => byWebDriver(environment("WEBKIT_DRIVER"), environment("XVFB")),
};

/** By the names that docs/runtimes.md has for them. */
export const BROWSERS = Object.keys(LAUNCHERS);

/** `args` are for Chromium alone. */
export const launch = (name, args = []) => LAUNCHERS[name](args);

async function byPuppeteer(browserName, executablePath, args) {
  const browser = await puppeteer.launch({ browser: browserName, executablePath, args });
  return {
    async evaluate(url, expression) {
      const page = await browser.newPage();
      try {
        await page.goto(url, { timeout: PATIENCE_MS });
        return await page.evaluate(expression);
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}

/** WebKit always has a window, so it gets a display that nobody sees. */
async function byWebDriver(driverProgram, displayProgram) {
  await using started = new AsyncDisposableStack();
  const display = spawn(displayProgram, ["-displayfd", "1", "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"] });
  started.defer(() => display.kill());
  const [number] = await once(display.stdout, "data", { signal: AbortSignal.timeout(PATIENCE_MS) });
  const service = new DriverService.Builder(driverProgram)
    .setLoopback(true)
    .setEnvironment({ ...process.env, DISPLAY: `:${String(number).trim()}`, GDK_BACKEND: "x11" })
    .build();
  started.defer(() => service.kill());
  const session = await new SessionBuilder()
    .usingServer(await service.start())
    .withCapabilities({ browserName: "MiniBrowser" })
    .build();
  started.defer(() => session.quit());
  await session.manage().setTimeouts({ pageLoad: PATIENCE_MS, script: PATIENCE_MS });
  const running = started.move();
  return {
    /** The driver says that a page is there before its modules have run. */
    async evaluate(url, expression) {
      await session.get(url);
      const [value, failure] = await session.executeAsyncScript(`
        const done = arguments[0];
        const loaded = new Promise((resolve) => addEventListener("load", resolve));
        (document.readyState === "complete" ? Promise.resolve() : loaded)
          .then(() => ${expression})
          .then((value) => done([value]), (error) => done([null, String(error)]));`);
      if (failure !== undefined) throw new Error(failure);
      return value;
    },
    close: () => running.disposeAsync(),
  };
}
