/** What is loaded when somebody goes to a page. The home is there at once. */
import type { Component } from "svelte";
import { bringAllWords } from "../language/language.svelte";
import Home from "../pages/Home.svelte";
import type { PageName } from "./patterns";

/** A page takes what its address names. */
type Page = Component<Record<string, string>>;
type Load = () => Promise<{ default: Page }>;

const ready = (component: unknown): Load => {
  const page = Promise.resolve({ default: component as Page });
  return () => page;
};

/** A page with its words. The same promise each time, so that a page stays as it is while only the rest of its address
 *  changes. */
const later = (load: () => Promise<{ default: unknown }>): Load => {
  let loading: ReturnType<Load> | null = null;
  const both = async () => {
    const [page] = await Promise.all([(load as Load)(), bringAllWords()]);
    return page;
  };
  return () =>
    (loading ??= both().catch((problem: unknown) => {
      loading = null;
      throw problem;
    }));
};

export const pages: Record<PageName, Load> = {
  home: ready(Home),
  device: later(() => import("../pages/Device.svelte")),
  pair: later(() => import("../pages/Pair.svelte")),
  welcome: later(() => import("../pages/Welcome.svelte")),
  newRule: later(() => import("../pages/RuleEditor.svelte")),
  editRule: later(() => import("../pages/RuleEditor.svelte")),
  rules: later(() => import("../pages/Rules.svelte")),
  rule: later(() => import("../pages/Rule.svelte")),
  people: later(() => import("../pages/People.svelte")),
  person: later(() => import("../pages/Person.svelte")),
  permissions: later(() => import("../pages/Permissions.svelte")),
  scenes: later(() => import("../pages/Scenes.svelte")),
  scene: later(() => import("../pages/Scene.svelte")),
  messages: later(() => import("../pages/Messages.svelte")),
  account: later(() => import("../pages/Account.svelte")),
  energy: later(() => import("../pages/Energy.svelte")),
  drivers: later(() => import("../pages/Drivers.svelte")),
  driver: later(() => import("../pages/Driver.svelte")),
  system: later(() => import("../pages/System.svelte")),
  log: later(() => import("../pages/Log.svelte")),
  homeSettings: later(() => import("../pages/SettingsHome.svelte")),
  roomSettings: later(() => import("../pages/SettingsRooms.svelte")),
  settings: later(() => import("../pages/Settings.svelte")),
};
