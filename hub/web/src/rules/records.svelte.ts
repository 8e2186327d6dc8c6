/** What the pages of rules know beside the live home: documents, names of scenes and people, and what one may do. */
import { SvelteMap } from "svelte/reactivity";
import { body, hub } from "../api/client";
import type { AutomationWithDocument, CaughtUpRun, Finding, Scene } from "../api/words";
import { units } from "../home/preferences.svelte";
import { may, mayPart } from "../home/may";
import { session } from "../home/session.svelte";
import { people, readPeople } from "../people/people.svelte";
import { homeNames } from "./describe/home-names";
import type { Names } from "./describe/names";

/** How many documents are asked for side by side. */
const AT_ONCE = 6;

interface Kept {
  revision: number;
  document: unknown;
}

class Records {
  documents = new SvelteMap<string, Kept>();
  scenes = $state.raw<Scene[]>([]);
  /** What a check of all rules together finds. */
  findings = $state.raw<Finding[]>([]);
  caughtUp = $state.raw<{ runs: CaughtUpRun[]; startedAt: string | null }>({ runs: [], startedAt: null });
  mayWrite = $state(false);
  maySwitch = $state(false);
  #read = -1;

  get names(): Names {
    return homeNames(session.live, { scenes: this.scenes, people: people(), self: session.user, units: units() });
  }

  /** What all pages need; what is refused is not for these eyes, and names stay as they are written. */
  async begin(): Promise<void> {
    void this.#rights();
    const query = { limit: 1000 };
    // Once for each gap in what the stream has told: who there is, and what the hub made of a stop.
    const isNew = this.#read !== session.changes.gaps;
    this.#read = session.changes.gaps;
    await Promise.allSettled([
      body(hub.GET("/api/v1/scenes", { params: { query } })).then(({ items }) => (this.scenes = items)),
      isNew && may("see_people") ? readPeople() : null,
      isNew && may("see_system")
        ? body(hub.GET("/api/v1/system")).then(
            ({ caught_up }) => (this.caughtUp = { runs: caught_up.runs, startedAt: caught_up.started_at }),
          )
        : null,
    ]);
  }

  async #rights(): Promise<void> {
    if (may("change_rules")) this.mayWrite = this.maySwitch = true;
    else
      [this.mayWrite, this.maySwitch] = await Promise.all([mayPart("configure", "rules"), mayPart("control", "rules")]);
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
    return this.keep(() => body(hub.GET("/api/v1/automations/{id}", { params: { path: { id } } })));
  }

  /** Takes in what the hub answers about a rule, but for what the stream has said meanwhile. */
  async keep(answer: () => Promise<AutomationWithDocument>): Promise<AutomationWithDocument> {
    const asked = session.live.ask();
    const rule = await answer();
    const { document, ...automation } = rule;
    session.live.putAutomation(automation, asked);
    const kept = this.documents.get(rule.id)?.revision ?? 0;
    // The document of a revision never changes: who looks at it is not told of the same one anew, e.g. after each run.
    if (document && rule.revision > kept) this.documents.set(rule.id, { revision: rule.revision, document });
    return rule;
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
    await this.keep(() =>
      body(hub.PATCH("/api/v1/automations/{id}", { params: { path: { id } }, body: { enabled } as never })),
    );
  }

  async revert(id: string, revision: number): Promise<void> {
    await this.keep(() =>
      body(hub.POST("/api/v1/automations/{id}/revert", { params: { path: { id } }, body: { revision } })),
    );
  }
}

export const records = new Records();
