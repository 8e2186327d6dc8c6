/** Activates scenes, follows what becomes of them, and takes the last one back. */
import { body, hub, idempotencyKey } from "../api/client";
import type { Scene, SceneOutcome } from "../api/words";
import { inWords } from "../home/attempt.svelte";

/** So long the hub waits with its answer; what comes later is told by the stream. */
const WAIT = "1s";

export class SceneRunner {
  /** The scene that is being activated or taken back. */
  busy = $state<string | null>(null);
  last = $state<{ scene: Scene; outcome: SceneOutcome; isUndone: boolean } | null>(null);
  problem = $state("");

  async activate(scene: Scene, pin?: string): Promise<void> {
    await this.#run(scene, false, () =>
      hub.POST("/api/v1/scenes/{id}/activate", {
        params: {
          path: { id: scene.id },
          query: { wait: WAIT },
          header: { "Idempotency-Key": idempotencyKey() },
        },
        body: pin ? { pin } : {},
      }),
    );
  }

  async undo(): Promise<void> {
    const scene = this.last?.scene;
    if (!scene) return;
    await this.#run(scene, true, () =>
      hub.POST("/api/v1/scenes/{id}/undo", {
        params: { path: { id: scene.id }, query: { wait: WAIT }, header: { "Idempotency-Key": idempotencyKey() } },
      }),
    );
  }

  dismiss(): void {
    this.last = null;
    this.problem = "";
  }

  async #run(scene: Scene, isUndone: boolean, ask: () => Promise<{ data?: SceneOutcome }>): Promise<void> {
    if (this.busy) return;
    this.busy = scene.id;
    this.problem = "";
    try {
      this.last = { scene, outcome: await body(ask()), isUndone };
    } catch (problem) {
      this.problem = inWords(problem);
    }
    this.busy = null;
  }
}
