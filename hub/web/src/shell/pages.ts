/** The pages of the app: address, and what is loaded when somebody goes there. The home is there at once. */
import type { Component } from "svelte";
import Home from "../pages/Home.svelte";

type Load = () => Promise<{ default: Component<Record<string, string>> }>;

interface Page {
  path: string;
  load: Load;
}

const ready = (component: unknown): Load => {
  const page = Promise.resolve({ default: component as Component<Record<string, string>> });
  return () => page;
};

/** The same promise each time, so that a page stays as it is while only the rest of its address changes. */
const later = (load: () => Promise<{ default: unknown }>): Load => {
  let loading: ReturnType<Load> | null = null;
  return () =>
    (loading ??= (load as Load)().catch((problem: unknown) => {
      loading = null;
      throw problem;
    }));
};

export const pages: Record<string, Page> = {
  home: { path: "/", load: ready(Home) },
  rules: { path: "/rules", load: later(() => import("../pages/Rules.svelte")) },
  rule: { path: "/rules/:id", load: later(() => import("../pages/Rule.svelte")) },
  settings: { path: "/settings", load: later(() => import("../pages/Settings.svelte")) },
};

export const patterns: Record<string, string> = Object.fromEntries(
  Object.entries(pages).map(([name, { path }]) => [name, path]),
);
