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
  device: { path: "/devices/:id", load: later(() => import("../pages/Device.svelte")) },
  pair: { path: "/pair", load: later(() => import("../pages/Pair.svelte")) },
  welcome: { path: "/welcome", load: later(() => import("../pages/Welcome.svelte")) },
  newRule: { path: "/rules/new", load: later(() => import("../pages/RuleEditor.svelte")) },
  editRule: { path: "/rules/:id/edit", load: later(() => import("../pages/RuleEditor.svelte")) },
  rules: { path: "/rules", load: later(() => import("../pages/Rules.svelte")) },
  rule: { path: "/rules/:id", load: later(() => import("../pages/Rule.svelte")) },
  people: { path: "/people", load: later(() => import("../pages/People.svelte")) },
  person: { path: "/people/:id", load: later(() => import("../pages/Person.svelte")) },
  permissions: { path: "/permissions", load: later(() => import("../pages/Permissions.svelte")) },
  scenes: { path: "/scenes", load: later(() => import("../pages/Scenes.svelte")) },
  scene: { path: "/scenes/:id", load: later(() => import("../pages/Scene.svelte")) },
  messages: { path: "/messages", load: later(() => import("../pages/Messages.svelte")) },
  account: { path: "/account", load: later(() => import("../pages/Account.svelte")) },
  energy: { path: "/energy", load: later(() => import("../pages/Energy.svelte")) },
  drivers: { path: "/drivers", load: later(() => import("../pages/Drivers.svelte")) },
  driver: { path: "/drivers/:id", load: later(() => import("../pages/Driver.svelte")) },
  system: { path: "/system", load: later(() => import("../pages/System.svelte")) },
  log: { path: "/log", load: later(() => import("../pages/Log.svelte")) },
  "settings-home": { path: "/settings/home", load: later(() => import("../pages/SettingsHome.svelte")) },
  "settings-rooms": { path: "/settings/rooms", load: later(() => import("../pages/SettingsRooms.svelte")) },
  settings: { path: "/settings", load: later(() => import("../pages/Settings.svelte")) },
};

export const patterns: Record<string, string> = Object.fromEntries(
  Object.entries(pages).map(([name, { path }]) => [name, path]),
);
