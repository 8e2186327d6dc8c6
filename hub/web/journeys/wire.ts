/** A network of two machines: this one, and one that is a network namespace, at the other end of a wire. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ip = (...words: string[]) => execFileSync("ip", words, { stdio: "pipe" });

export class Wire {
  readonly #name = `hearth-${process.pid}`;
  readonly #near = `hearth${process.pid}`;
  readonly #folder = mkdtempSync(join(tmpdir(), "hearth-wire-"));
  readonly #third = process.pid % 250;

  /** Null where none can be made; says why. */
  static make(): Wire | null {
    if (process.getuid?.() !== 0) {
      console.log(
        "SKIP: network namespaces cannot be made by this user, so the address is one that only the browser knows",
      );
      return null;
    }
    const wire = new Wire();
    try {
      wire.#connect();
      return wire;
    } catch (problem) {
      wire.end();
      console.log(`SKIP: network namespaces cannot be made here: ${String(problem)}`);
      return null;
    }
  }

  #connect(): void {
    const far = ["-n", this.#name];
    ip("netns", "add", this.#name);
    ip("link", "add", this.#near, "type", "veth", "peer", "name", "eth0", "netns", this.#name);
    ip("addr", "add", `${this.address}/30`, "dev", this.#near);
    ip("link", "set", this.#near, "up");
    ip(...far, "addr", "add", `10.78.${this.#third}.2/30`, "dev", "eth0");
    ip(...far, "link", "set", "lo", "up");
    ip(...far, "link", "set", "eth0", "up");
  }

  /** Where this machine is on the wire. */
  get address(): string {
    return `10.78.${this.#third}.1`;
  }

  /** A program that is this one on the other machine. */
  there(program: string): string {
    const path = join(this.#folder, "there");
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.#name} "${program}" "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** The wire goes with its end. */
  end(): void {
    try {
      ip("netns", "del", this.#name);
    } catch {
      // There was none.
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
