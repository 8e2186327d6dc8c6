/** The ways from the settings to all that is not looked at daily: a row each, shown to whom it is for. */
import type { IconName } from "../design/icons";
import { may } from "../home/may";
import { session } from "../home/session.svelte";
import { t, tOr, type Key } from "../language/language.svelte";

export interface Way {
  path: string;
  icon: IconName;
  name: Key;
  /** One line of what is there now. */
  about: () => string;
  /** Left out = for everybody. */
  isFor?: () => boolean;
}

const live = () => session.live;

function driversText(): string {
  const drivers = [...live().drivers.values()];
  const troubled = drivers.filter(({ state }) => state !== "online");
  return troubled.length > 0
    ? t("settings.about.drivers_troubled", { names: troubled.map(({ id }) => id).join(", ") })
    : t("settings.about.drivers", { count: drivers.length });
}

function roomsText(): string {
  const lone = [...live().devices.values()].filter((device) => !device.area && !device.unlisted).length;
  const rooms = t("settings.about.rooms", { count: live().areas.size });
  return lone > 0 ? `${rooms} ${t("settings.about.rooms_lone", { count: lone })}` : rooms;
}

function systemText(): string {
  const alerts = live().alerts.size;
  return alerts > 0 ? t("settings.about.alerts", { count: alerts }) : t("settings.about.system");
}

function homeText(): string {
  const home = live().home;
  return home ? `${home.name} · ${home.time_zone} · ${tOr(`settings.mode.${home.mode}`, home.mode)}` : "";
}

export const ways: Way[] = [
  {
    path: "/settings/home",
    icon: "home",
    name: "settings.home.title",
    about: homeText,
    isFor: () => may("change_modes"),
  },
  {
    path: "/settings/rooms",
    icon: "door",
    name: "settings.rooms.title",
    about: roomsText,
    isFor: () => may("change_rooms"),
  },
  { path: "/people", icon: "people", name: "people.title", about: () => t("settings.about.people") },
  {
    path: "/permissions",
    icon: "lock",
    name: "permission.title",
    about: () => t("settings.about.permissions"),
    isFor: () => may("see_people"),
  },
  { path: "/scenes", icon: "scene", name: "scenes", about: () => t("settings.about.scenes") },
  { path: "/account", icon: "person", name: "account.title", about: () => t("settings.about.account") },
  { path: "/drivers", icon: "radio", name: "drivers.title", about: driversText, isFor: () => may("see_drivers") },
  { path: "/system", icon: "device", name: "system.title", about: systemText, isFor: () => may("see_system") },
  {
    path: "/log",
    icon: "history",
    name: "system.log",
    about: () => t(may("see_audit") ? "settings.about.log" : "settings.about.events"),
    isFor: () => may("see_events"),
  },
];
