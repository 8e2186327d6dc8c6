/** A real hub for a journey: the debug build, with data of its own, on ports of its own. */
import { test as base, expect, type Page } from "@playwright/test";
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const target = process.env["CARGO_TARGET_DIR"] ?? "../../target";
export const program = process.env["HEARTH"] ?? join(target, "debug/hearth");

export const OWNER = { username: "anna", password: "correct horse battery" };

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

export class Hub {
  readonly folder = mkdtempSync(join(tmpdir(), "hearth-journey-"));
  #process: ChildProcess | null = null;
  #token = "";
  #log = "";

  private constructor(
    readonly port: number,
    readonly https: number,
    private readonly options: string[],
    private readonly host: string,
  ) {}

  /** The simulated home of `make demo`, with rooms, scenes and rules. */
  static demo(): Promise<Hub> {
    return Hub.begin("", ["--demo"]);
  }

  /** A new hub with these lines of configuration (those of `[http]` first); a simulated home if there are none. */
  static async begin(
    configuration = '[[driver]]\nid = "home"\ntype = "virtual"\n',
    options: string[] = [],
    host = "127.0.0.1",
  ): Promise<Hub> {
    const hub = new Hub(await freePort(), await freePort(), options, host);
    writeFileSync(
      join(hub.folder, "hearth.toml"),
      `[http]\nlisten = "${host}:${hub.port}"\nhttps = "${host}:${hub.https}"\n${configuration}`,
    );
    await hub.start();
    return hub;
  }

  get address(): string {
    return `http://${this.host}:${this.port}`;
  }

  get encrypted(): string {
    return `https://${this.host}:${this.https}`;
  }

  get setupCode(): string {
    return readFileSync(join(this.folder, "data/setup-code"), "utf8").trim();
  }

  async start(): Promise<void> {
    const { folder } = this;
    const environment = { ...process.env, XDG_RUNTIME_DIR: folder };
    const where = ["--config", join(folder, "hearth.toml"), "--data", join(folder, "data")];
    const process_ = spawn(program, ["run", ...where, ...this.options], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const output of [process_.stdout, process_.stderr]) output?.on("data", (text) => (this.#log += String(text)));
    this.#process = process_;
    await expect
      .poll(
        () =>
          fetch(`${this.address}/readyz`).then(
            (answer) => answer.status,
            () => this.#log,
          ),
        { timeout: 30_000 },
      )
      .toBe(200);
  }

  /** Ends it as a power cut would, or as an owner would. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const process_ = this.#process;
    this.#process = null;
    if (!process_ || process_.exitCode !== null) return;
    const ended = new Promise((resolve) => process_.once("exit", resolve));
    process_.kill(signal);
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Claims it without the page. */
  async claim(): Promise<void> {
    const answer = await fetch(`${this.address}/api/v1/setup`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ setup_code: this.setupCode, home_name: "Our home", owner: OWNER }),
    });
    this.#token = ((await answer.json()) as { access_token: string }).access_token;
  }

  /** Logs the owner in without the page: what a claim or a log-in gives is valid for an hour. */
  async logIn(): Promise<void> {
    const answer = await fetch(`${this.address}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(OWNER),
    });
    this.#token = ((await answer.json()) as { access_token: string }).access_token;
  }

  /** Asks the API as the owner. */
  async api<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.address}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text ? JSON.parse(text) : null) as T;
  }
}

/** Logs in as people do. */
export async function logIn(
  page: Page,
  address: string,
  who: { username: string; password: string } = OWNER,
): Promise<void> {
  await page.goto(address);
  await page.getByLabel("Your name").fill(who.username);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.locator("[data-connection=live]")).toBeVisible();
}

/** A journey in front of a claimed hub with a simulated home; with `logged` somebody is logged in. */
export const test = base.extend<{ hub: Hub; home: Page }>({
  hub: async ({}, use) => {
    const hub = await Hub.begin();
    await hub.claim();
    await use(hub);
    await hub.end();
  },
  home: async ({ hub, page }, use) => {
    await logIn(page, hub.address);
    await use(page);
  },
});

export { expect };
