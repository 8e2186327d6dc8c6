/** Changes of rooms, and of which devices are in them. What the hub answers is shown at once; others hear of it by the stream. */
import { body, hub } from "../api/client";
import type { Area } from "../api/words";
import { session } from "../home/session.svelte";
import { positions } from "./order";

const areas = () => session.live.areas;

export async function addRoom(name: string, floor: string): Promise<Area> {
  // At the end of an order that somebody has made; without one rooms stand by their names.
  const places = [...areas().values()].map(({ position }) => position);
  const last = places.every((place) => typeof place === "number") && { position: Math.max(-1, ...places) + 1 };
  const area = await body(hub.POST("/api/v1/areas", { body: { name, ...last, ...(floor && { floor }) } }));
  areas().set(area.id, area);
  return area;
}

/** With `tag` only if nobody has changed it meanwhile. */
export async function changeRoom(
  id: string,
  change: { name?: string; floor?: string | null },
  tag = "",
): Promise<void> {
  const params = { path: { id }, ...(tag && { header: { "If-Match": tag } }) };
  const area = await body(hub.PATCH("/api/v1/areas/{id}", { params, body: change }));
  areas().set(area.id, area);
}

/** A room as it is now, and the tag of that. */
export async function readRoom(id: string): Promise<{ area: Area; tag: string }> {
  const { data, response } = await hub.GET("/api/v1/areas/{id}", { params: { path: { id } } });
  const area = data as Area;
  areas().set(area.id, area);
  return { area, tag: response.headers.get("etag") ?? "" };
}

export async function removeRoom(id: string): Promise<void> {
  await hub.DELETE("/api/v1/areas/{id}", { params: { path: { id } } });
  areas().delete(id);
  for (const device of session.live.devices.values()) if (device.area === id) device.area = null;
}

/** Writes an order. It is to be seen at once; what was refused shows its old place again. */
export async function orderRooms(ordered: Area[]): Promise<void> {
  const wanted = positions(ordered);
  const before = wanted.flatMap(({ id }) => areas().get(id) ?? []);
  for (const { id, position } of wanted) {
    const area = areas().get(id);
    if (area) areas().set(id, { ...area, position });
  }
  try {
    for (const { id, position } of wanted) {
      await hub.PATCH("/api/v1/areas/{id}", { params: { path: { id } }, body: { position } });
    }
  } catch (refusal) {
    for (const { id, position } of before) {
      const area = areas().get(id);
      if (area) areas().set(id, { ...area, position: position ?? null });
    }
    throw refusal;
  }
}

export interface Move {
  device: string;
  /** null = in no room. */
  area: string | null;
}

/** Puts devices into rooms; gives back what puts them where they were. Ends at the first that is refused. */
export async function moveDevices(moves: Move[], done: (back: Move) => void): Promise<void> {
  for (const { device, area } of moves) {
    const before = session.live.devices.get(device)?.area ?? null;
    const asked = session.live.ask();
    const now = await body(hub.PATCH("/api/v1/devices/{id}", { params: { path: { id: device } }, body: { area } }));
    session.live.put(now, asked);
    done({ device, area: before });
  }
}
