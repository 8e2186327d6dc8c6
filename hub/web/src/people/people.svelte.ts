/** Who there is: what the hub shows of people and accounts to who looks. */
import { body, hub, Refusal } from "../api/client";
import type { Person, User } from "../api/words";
import { session } from "../home/session.svelte";
import { t } from "../language/language.svelte";

const ALL = { params: { query: { limit: 1000 } } };

/** What is known of one person; of the parts that the hub does not show there is none. */
export interface Known {
  id: string;
  name: string;
  /** Where they are. */
  person: Person | null;
  /** Their account. */
  user: User | null;
}

class Everybody {
  people = $state<Person[]>([]);
  users = $state<User[]>([]);
  isRead = $state(false);
}

const everybody = new Everybody();

export function isOwner(): boolean {
  return session.user?.role === "owner";
}

/** Reads anew. What is not for these eyes stays empty. */
export async function readPeople(): Promise<void> {
  const orNothing = <T>(page: Promise<{ items: T[] }>) =>
    page
      .then(({ items }) => items)
      .catch((problem) => {
        if (problem instanceof Refusal && problem.status === 403) return [];
        throw problem;
      });
  const [people, users] = await Promise.all([
    orNothing(body(hub.GET("/api/v1/people", ALL))),
    isOwner() ? orNothing(body(hub.GET("/api/v1/users", ALL))) : Promise.resolve([]),
  ]);
  everybody.people = people;
  everybody.users = users;
  everybody.isRead = true;
}

/** Everybody whose whereabouts are shown. */
export function people(): Person[] {
  return everybody.people;
}

/** Everybody that is shown, the one who looks first. */
export function known(): Known[] {
  const own = session.user;
  const ids = new Set([
    ...(own ? [own.id] : []),
    ...everybody.users.map(({ id }) => id),
    ...everybody.people.map(({ id }) => id),
  ]);
  return [...ids].map((id) => {
    const user = everybody.users.find((one) => one.id === id) ?? (own?.id === id ? own : null);
    const person = everybody.people.find((one) => one.id === id) ?? null;
    return { id, name: user?.display_name ?? user?.username ?? person?.name ?? id, person, user };
  });
}

export function arePeopleRead(): boolean {
  return everybody.isRead;
}

/** What somebody is called; of who was removed only the id is left. */
export function personName(id: string): string {
  if (id === "hub") return t("people.hub");
  return known().find((one) => one.id === id)?.name ?? id;
}

export function keepPerson(person: Person): void {
  everybody.people = everybody.people.map((one) => (one.id === person.id ? person : one));
}
