/** What the hub told the person, and what others ask of them: read anew whenever the stream says that there is something. */
import { body, hub } from "../api/client";
import type { Approval, Notification } from "../api/words";
import { may } from "../home/may";
import { session } from "../home/session.svelte";
import { isOf } from "./request";

class Told {
  notifications = $state<Notification[]>([]);
  next = $state<string | null>(null);
  approvals = $state<Approval[]>([]);
  isRead = $state(false);
}

const told = new Told();
/** As many as a page shows at first. */
const FIRST = 100;

export async function readTold(): Promise<void> {
  // What somebody was told is read by them alone, also by no owner who looks with their eyes.
  const none = Promise.resolve({ items: [], next_cursor: null });
  const own = () => body(hub.GET("/api/v1/users/me/notifications", { params: { query: { limit: FIRST } } }));
  const [page, asked] = await Promise.all([
    session.viewAs.person ? none : own(),
    body(hub.GET("/api/v1/approvals", { params: { query: { limit: FIRST } } })),
  ]);
  told.notifications = page.items;
  told.next = page.next_cursor ?? null;
  told.approvals = asked.items;
  told.isRead = true;
}

export async function readMore(): Promise<void> {
  if (!told.next) return;
  const query = { limit: FIRST, cursor: told.next };
  const page = await body(hub.GET("/api/v1/users/me/notifications", { params: { query } }));
  told.notifications = [...told.notifications, ...page.items];
  told.next = page.next_cursor ?? null;
}

export const notifications = (): Notification[] => told.notifications;
export const hasMore = (): boolean => told.next !== null;
export const isToldRead = (): boolean => told.isRead;
export const unread = (): Notification[] => told.notifications.filter(({ read_at: at }) => !at);

export function keepNotification(changed: Notification): void {
  told.notifications = told.notifications.map((one) => (one.id === changed.id ? changed : one));
}

export const approvals = (): Approval[] => told.approvals;

export function keepApproval(changed: Approval): void {
  const others = told.approvals.filter(({ id }) => id !== changed.id);
  told.approvals = [changed, ...others];
}

export function dropApproval(id: string): void {
  told.approvals = told.approvals.filter((one) => one.id !== id);
}

/** What others wait for, and the person may answer. */
export function waiting(): Approval[] {
  const { user } = session;
  if (!may("answer_requests")) return [];
  return told.approvals.filter(({ state, person }) => state === "waiting" && person !== user?.id);
}

/** Of these those that no unread message asks about. */
export function unmentioned(): Approval[] {
  return waiting().filter((asked) => !unread().some(({ request }) => request && isOf(request, asked)));
}

/** The request that an unread message asks about, as long as the person may answer it. */
export function askedBy({ request, read_at: at }: Notification): Approval | undefined {
  return request && !at ? waiting().find((asked) => isOf(request, asked)) : undefined;
}
