/** The addresses of the app's pages, by their names; the first that fits counts. */
export const patterns = {
  home: "/",
  device: "/devices/:id",
  pair: "/pair",
  welcome: "/welcome",
  newRule: "/rules/new",
  editRule: "/rules/:id/edit",
  rules: "/rules",
  rule: "/rules/:id",
  people: "/people",
  person: "/people/:id",
  permissions: "/permissions",
  scenes: "/scenes",
  scene: "/scenes/:id",
  messages: "/messages",
  account: "/account",
  energy: "/energy",
  drivers: "/drivers",
  driver: "/drivers/:id",
  system: "/system",
  log: "/log",
  homeSettings: "/settings/home",
  roomSettings: "/settings/rooms",
  settings: "/settings",
} as const satisfies Record<string, string>;

export type PageName = keyof typeof patterns;
