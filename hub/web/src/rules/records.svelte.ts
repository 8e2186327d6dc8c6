/** What the pages of rules know beside the live home: documents, names of scenes and people, and what one may do. */
import { SvelteMap } from "svelte/reactivity";
import { body, hub } from "../api/client";
import type { AutomationWithDocument, CaughtUpRun, Finding, Person, Scene } from "../api/words";
import { units } from "../home/preferences.svelte";
import { session } from "../home/session.svelte";
import { homeNames } from "./describe/home-names";
import type { Names } from "./describe/names";

/** How many documents are asked for side by side. */
const AT_ONCE = 6;
/** Who may do everything with rules by their role; of others the hub is asked. */
const WRITERS = ["owner", "adult"];

interface Kept {
  revision: number;
  document: unknown;
}

class Records {
  documents = new SvelteMap<string, Kept>();
  scenes = $state.raw<Scene[]>([]);
  people = $state.raw<Person[]>([]);
  /** What a check of all rules together finds. */
  findings = $state.raw<Finding[]>([]);
  caughtUp = $state.raw<{ runs: CaughtUpRun[]; startedAt: string | null }>({ runs: [], startedAt: null });
  mayWrite = $state(false);
  maySwitch = $state(false);
  #asked = false;

  get names(): Names {
    return homeNames(session.live, { scenes: this.scenes, people: this.people, self: session.user, units: units() });
  }

  /** What all pages need; what is refused is not for these eyes, and names stay as they are written. */
  async begin(): Promise<void> {
    void this.#rights();
    const query = { limit: 1000 };
    const first = !this.#asked;
    this.#asked = true;
    await Promise.allSettled([
      body(hub.GET("/api/v1/scenes", { params: { query } })).then(({ items }) => (this.scenes = items)),
      first && this.#hearOfAll()
        ? body(hub.GET("/api/v1/people", { params: { query } })).then(({ items }) => (this.people = items))
        : null,
      first && this.#hearOfAll()
        ? body(hub.GET("/api/v1/system")).then(
            ({ caught_up }) => (this.caughtUp = { runs: caught_up.runs, startedAt: caught_up.started_at }),
          )
        : null,
    ]);
  }

  /** Children and guests are told neither of people nor of the hub itself. */
  #hearOfAll(): boolean {
    return WRITERS.includes(session.user?.role ?? "");
  }

  async #rights(): Promise<void> {
    if (this.#hearOfAll()) {
      this.mayWrite = this.maySwitch = true;
      return;
    }
    const may = (action: string) =>
      body(hub.GET("/api/v1/can", { params: { query: { action, part: "rules" } as never } })).then(
        ({ allowed }) => allowed,
        () => false,
      );
    [this.mayWrite, this.maySwitch] = await Promise.all([may("configure"), may("control")]);
  }

  /** Whether the documents of all rules are here. */
  areRead(): boolean {
    return [...session.live.automations.values()].every(({ id, hidden }) => hidden || this.documents.has(id));
  }

  /** The documents of those whose present one is not here yet. */
  async readAll(): Promise<void> {
    const missing = [...session.live.automations.values()].filter(
      ({ id, revision, hidden }) => !hidden && this.documents.get(id)?.revision !== revision,
    );
    const one = async () => {
      for (let next = missing.pop(); next; next = missing.pop()) await this.read(next.id).catch(() => {});
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  }

  async read(id: string): Promise<AutomationWithDocument> {
    const rule = await body(hub.GET("/api/v1/automations/{id}", { params: { path: { id } } }));
    this.keep(rule);
    return rule;
  }

  keep(rule: AutomationWithDocument): void {
    const { document, ...automation } = rule;
    session.live.automations.set(rule.id, automation);
    if (document) this.documents.set(rule.id, { revision: rule.revision, document });
  }

  forget(id: string): void {
    session.live.automations.delete(id);
    this.documents.delete(id);
  }

  /** What a rule was in a revision; the present one is known already. */
  async documentOf(id: string, revision: number): Promise<unknown> {
    const kept = this.documents.get(id);
    if (kept?.revision === revision) return kept.document;
    const path = { id, revision: String(revision) };
    return (await body(hub.GET("/api/v1/automations/{id}/revisions/{revision}", { params: { path } }))).document;
  }

  /** Checks all rules together. Only who may write them is told. */
  async check(): Promise<void> {
    if (!this.mayWrite) return;
    const automations = [...session.live.automations.keys()].flatMap((id) => this.documents.get(id)?.document ?? []);
    if (automations.length === 0) return;
    this.findings = await body(hub.POST("/api/v1/automations/check", { body: { automations } as never })).then(
      ({ findings }) => findings,
      () => this.findings,
    );
  }

  /** Checks one rule beside the saved ones, and runs its tests; reads the rules that it does not get along with. */
  async checkOne(id: string, document: unknown): Promise<Finding[]> {
    const { findings } = await body(hub.POST("/api/v1/automations/check", { body: document as never }));
    const others = new Set(findings.flatMap(({ automations = [] }) => automations).filter((one) => one !== id));
    await Promise.all(
      [...others].filter((one) => !this.documents.has(one)).map((one) => this.read(one).catch(() => {})),
    );
    return findings;
  }

  async enable(id: string, enabled: boolean | "shadow"): Promise<void> {
    this.keep(
      await body(hub.PATCH("/api/v1/automations/{id}", { params: { path: { id } }, body: { enabled } as never })),
    );
  }

  async revert(id: string, revision: number): Promise<void> {
    this.keep(
      await body(hub.POST("/api/v1/automations/{id}/revert", { params: { path: { id } }, body: { revision } })),
    );
  }
}

export const records = new Records();
