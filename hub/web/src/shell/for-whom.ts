/** Pages that are not for everybody: who may not see what is there is told so, also by an address that somebody gave them. */
import { may } from "../home/may";
import { sees } from "../home/seen.svelte";
import type { PageName } from "./patterns";

const rules = () => sees("rules");
const drivers = () => may("see_drivers");

const FOR: Partial<Record<PageName, () => boolean>> = {
  rules,
  rule: rules,
  newRule: rules,
  editRule: rules,
  energy: () => sees("energy"),
  permissions: () => may("see_people"),
  drivers,
  driver: drivers,
  system: () => may("see_system"),
  log: () => may("see_events"),
};

/** Whether a page is for who looks. */
export function isForThem(page: PageName): boolean {
  return FOR[page]?.() ?? true;
}
