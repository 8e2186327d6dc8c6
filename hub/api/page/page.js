"use strict";
// The home, live. Plain on purpose: no framework, no build, nothing from elsewhere.
const at = (id) => document.getElementById(id);
const make = (tag, props = {}, ...children) => {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
};
const devices = new Map(); // id → {device, card}
const areas = new Map();
const alerts = new Map();
const drivers = new Map();
const told = new Map(); // what rules told and nobody has read yet
let socket = null;
let cursor = null;
let pause = 500;

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch("/api/v1" + path, options).catch(() => {
    throw new Error("The hub does not answer.");
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw Object.assign(new Error(answer?.detail ?? response.statusText), { status: response.status, hint: answer?.hint, code: answer?.code });
  return answer;
}

// Over plain HTTP other machines see only the beginning; all else is encrypted.
const encrypted = (tls) => {
  const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  if (!tls || isHere || location.protocol !== "http:") return "";
  const place = new URL("/", location.href);
  place.protocol = "https:";
  place.port = tls.port;
  return place.href;
};
const path = (id) => "/devices/" + encodeURIComponent(id);
// The hint of a refused log-in is for programs.
const said = ({ message, hint, status }) => (!hint || status === 401 || message.includes(hint) ? message : `${message} ${hint}`);
const key = (endpoint, name) => endpoint + "/" + name;
const show = (id) => {
  for (const form of ["claim", "login"]) at(form).hidden = form !== id;
  at("accept").hidden = id !== "login";
  at("logout").hidden = id !== null;
  if (!id) return;
  for (const part of ["home", "notices", "live"]) at(part).replaceChildren();
  at(id).querySelector("input").focus();
};

async function start() {
  const status = await call("GET", "/status");
  at("name").textContent = status.state === "new" ? "Hearth" : status.name;
  document.title = at("name").textContent;
  if (status.state === "new") {
    at("encrypted").hidden = !encrypted(status.tls);
    at("encrypted").querySelector("a").href = encrypted(status.tls);
    return show("claim");
  }
  try {
    await call("GET", "/home");
  } catch (error) {
    if (error.status === 401) return show("login");
    if (error.code === "plain_http" && encrypted(status.tls)) return location.assign(encrypted(status.tls));
    throw error;
  }
  show(null);
  listen();
}

function form(id, send) {
  at(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const node = event.target;
    const problem = node.querySelector(".error");
    const button = node.querySelector("button");
    problem.textContent = "";
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(node)));
      node.reset();
      await start();
    } catch (error) {
      problem.textContent = said(error);
    }
    button.disabled = false;
  });
}
form("claim", (f) => call("POST", "/setup", {
  setup_code: f.setup_code, home_name: f.home_name, cookie: true, owner: { username: f.username, password: f.password },
}));
form("login", (f) => call("POST", "/auth/login", {
  username: f.username, password: f.password, cookie: true, ...(f.code && { code: f.code }),
}));
// The code of an invitation, or the one that lets an owner in again.
form("accept", (f) => call("POST", "/auth/accept", { code: f.code, password: f.password, cookie: true }).catch((error) => {
  if (error.status !== 403) throw error;
  const owner = { username: f.username, password: f.password };
  return call("POST", "/setup", { setup_code: f.code, cookie: true, owner }).catch((other) => {
    throw other.status === 409 ? error : other;
  });
}));
at("logout").addEventListener("click", async () => {
  await call("POST", "/auth/logout").catch(() => {});
  cursor = null;
  const old = socket;
  socket = null;
  old?.close();
  start();
});

function live(on) {
  at("live").textContent = on ? "live" : "connecting …";
  at("live").className = on ? "on" : "";
}

function listen() {
  live(false);
  const own = socket = new WebSocket(location.origin.replace(/^http/, "ws") + "/api/v1/stream");
  own.onopen = () => {
    pause = 500;
    own.send(JSON.stringify({ type: "subscribe", id: 1, ...(cursor ? { since: cursor } : {}) }));
    live(true);
  };
  own.onmessage = (message) => heard(JSON.parse(message.data));
  own.onclose = () => {
    if (own !== socket) return;
    live(false);
    setTimeout(() => start().catch(() => own.onclose()), pause);
    pause = Math.min(pause * 2, 15000);
  };
}

function heard(message) {
  if (message.type === "snapshot") {
    cursor = message.cursor;
    at("name").textContent = document.title = message.home.name;
    for (const table of [devices, areas, alerts, drivers]) table.clear();
    for (const area of message.areas) areas.set(area.id, area.name);
    for (const alert of message.alerts) alerts.set(alert.code, alert.text);
    for (const driver of message.drivers) drivers.set(driver.id, driver);
    for (const device of message.devices) devices.set(device.id, { device });
    draw();
    hear();
  } else if (message.type === "event") {
    cursor.seq = message.seq;
    (happenings[message.event.kind] ?? (() => {}))(message.event);
  } else if (message.type === "progress") {
    cursor.seq = message.seq;
  } else if (message.type === "resync") {
    cursor = null;
  }
}

async function hear() {
  try {
    const { items } = await call("GET", "/users/me/notifications?limit=20");
    told.clear();
    for (const one of items.filter((one) => !one.read_at)) told.set(one.id, one);
    notices();
  } catch { /* the next event tries again */ }
}

function notification({ id, at, title, message }) {
  const read = make("button", { className: "quiet", textContent: "Read" });
  read.addEventListener("click", async () => {
    try {
      await call("POST", `/users/me/notifications/${encodeURIComponent(id)}/read`);
      told.delete(id);
      notices();
    } catch (error) {
      read.textContent = said(error);
    }
  });
  const text = `${new Date(at).toLocaleString()}  ${title ? title + ": " : ""}${message} `;
  return make("div", { className: "card" }, text, read);
}

const refresh = async (event) => {
  try {
    devices.set(event.device, { device: await call("GET", path(event.device)) });
    if (event.area && !areas.has(event.area)) for (const a of (await call("GET", "/areas?limit=1000")).items) areas.set(a.id, a.name);
    draw();
  } catch { /* gone again */ }
};
const happenings = {
  state_changed(event) {
    const entry = devices.get(event.device);
    const endpoint = entry?.device.endpoints.find((e) => e.id === event.endpoint);
    const attribute = endpoint?.attributes.find((a) => a.name === event.attribute);
    if (!attribute) return;
    Object.assign(attribute.state, { value: event.to, changed_at: event.at });
    entry.update?.();
  },
  device_event(event) {
    devices.get(event.device)?.say?.(`${event.attribute}: ${event.value}`, "good");
  },
  availability_changed(event) {
    const entry = devices.get(event.device);
    if (!entry) return;
    entry.device.availability = event.to;
    entry.update?.();
  },
  command(event) {
    const entry = devices.get(event.device);
    if (!entry) return;
    for (const outcome of event.outcomes) {
      const open = !event.ended_at && ["accepted", "sent", "acknowledged"].includes(outcome.status);
      entry.pending?.set(key(outcome.endpoint, outcome.attribute), open ? outcome.value : undefined);
    }
    const words = { accepted: "Waiting …", sent: "Sent …", acknowledged: "Taken.", confirmed: "Done.", expired: "Too late: it could not be sent in time." };
    const reasons = {
      no_report: "No answer from the device.", refused: "The device refused.", unreachable: "The device cannot be reached.",
      driver_offline: "Its driver is not connected.", busy: "Its driver is busy.", superseded: "",
    };
    const bad = event.status === "failed" || event.status === "expired";
    entry.say?.(event.status === "failed" ? reasons[event.reason] ?? "It did not work." : words[event.status], bad ? "bad" : event.status === "confirmed" ? "good" : "");
    entry.update?.();
  },
  device_added: refresh,
  device_updated: refresh,
  device_removed(event) {
    devices.delete(event.device);
    draw();
  },
  driver_status(event) {
    drivers.set(event.driver, { ...drivers.get(event.driver), id: event.driver, state: event.state, detail: event.detail });
    notices();
  },
  notification: hear,
  alert(event) {
    if (event.resolved) alerts.delete(event.code);
    else alerts.set(event.code, event.text);
    notices();
  },
};

function notices() {
  const troubled = [...drivers.values()].filter((d) => d.state !== "online" && d.detail).map((d) => `${d.id}: ${d.detail}`);
  const cards = [...alerts.values(), ...troubled].map((text) => make("div", { className: "card", textContent: text }));
  at("notices").replaceChildren(...cards, ...[...told.values()].map(notification));
}

function draw() {
  notices();
  const rooms = new Map();
  for (const entry of devices.values()) {
    const room = areas.get(entry.device.area) ?? "";
    if (!rooms.has(room)) rooms.set(room, []);
    rooms.get(room).push(entry);
  }
  const names = [...rooms.keys()].sort((a, b) => (a === "") - (b === "") || a.localeCompare(b));
  at("home").replaceChildren(...names.map((name) => {
    const entries = rooms.get(name).sort((a, b) => a.device.name.localeCompare(b.device.name));
    return make("section", {}, make("h2", { textContent: name || "No room" }), make("div", { className: "grid" }, ...entries.map(card)));
  }));
  if (devices.size === 0) at("home").append(make("p", { className: "card", textContent: "No devices yet." }));
}

// What people look for first stands first, and the battery last.
const order = ["on", "locked", "open", "position", "tilt", "brightness", "color_temperature", "color", "temperature", "heating_setpoint", "smoke", "carbon_monoxide", "water_leak", "occupancy", "power", "energy"];
const rank = ({ name }) => (name.startsWith("battery") ? 99 : (order.indexOf(name) + 1 || 50));
const alarms = ["smoke", "carbon_monoxide", "water_leak", "gas", "tamper"];
const sliders = { brightness: [0, 100, 1], position: [0, 100, 1], tilt: [0, 100, 1], fan_speed: [0, 100, 1], heating_setpoint: [5, 30, 0.5], color_temperature: [2000, 6500, 50] };
const switches = ["on", "locked", "child_lock"];
const labels = { color_temperature: "White", heating_setpoint: "Set to", hvac_mode: "Heating mode", hvac_action: "Heating now" };
const human = (name) => labels[name] ?? (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll("_", " ");

function text(attribute, value) {
  if (value === null || value === undefined) return "–";
  if (value === true) return { open: "open", on: "on", locked: "locked" }[attribute.name] ?? "yes";
  if (value === false) return { open: "closed", on: "off", locked: "unlocked" }[attribute.name] ?? "no";
  if (typeof value === "number") return (attribute.unit === "%" ? Math.round(value) : Math.round(value * 10) / 10).toLocaleString() + (attribute.unit ? "\u202f" + attribute.unit : "");
  return typeof value === "object" ? Object.values(value).map((v) => (typeof v === "number" ? Math.round(v * 100) / 100 : v)).join(" / ") : String(value).replaceAll("_", " ");
}

function card(entry) {
  const { device } = entry;
  const footer = make("footer");
  footer.setAttribute("role", "status");
  const rows = [];
  entry.pending ??= new Map();
  entry.say = (words, kind) => {
    entry.words = words;
    footer.className = kind;
    clearTimeout(entry.timer);
    if (kind !== "bad") entry.timer = setTimeout(() => entry.say("", ""), 4000);
    entry.update?.();
  };
  const command = async (endpoint, attribute, value) => {
    const where = key(endpoint.id, attribute.name);
    entry.pending.set(where, value);
    entry.say("Waiting …", "");
    try {
      await call("POST", path(device.id) + "/commands", { set: { [attribute.name]: value }, endpoint: endpoint.id });
    } catch (error) {
      entry.pending.delete(where);
      entry.say(said(error), "bad");
    }
  };
  const shown = device.endpoints.flatMap((endpoint) => endpoint.attributes.map((attribute) => ({ endpoint, attribute })));
  for (const { endpoint, attribute } of shown.sort((a, b) => rank(a.attribute) - rank(b.attribute))) {
    if (attribute.momentary || attribute.category || attribute.name === "color_mode") continue;
    const writable = attribute.access.includes("write");
    const label = human(attribute.name) + (endpoint.label ? ` (${endpoint.label})` : "");
    const output = make("output");
    const row = make("div", { className: "row" }, make("span", { textContent: label }));
    let control = null;
    if (writable && attribute.kind === "bool" && switches.includes(attribute.name)) {
      control = make("input", { type: "checkbox", className: "switch", ariaLabel: `${device.name}: ${label}` });
      control.setAttribute("role", "switch");
      control.onchange = () => command(endpoint, attribute, control.checked);
    } else if (writable && attribute.kind === "number" && sliders[attribute.name]) {
      const [min, max, step] = sliders[attribute.name];
      control = make("input", { type: "range", min: attribute.min ?? min, max: attribute.max ?? max, step, ariaLabel: `${device.name}: ${label}` });
      control.oninput = () => {
        entry.held = control;
        output.textContent = text(attribute, Number(control.value));
      };
      control.onchange = () => {
        entry.held = null;
        command(endpoint, attribute, Number(control.value));
      };
    } else if (writable && attribute.state.value === null) {
      continue;
    }
    if (control) row.append(control);
    row.append(output);
    rows.push({ row, update() {
      const wish = entry.pending.get(key(endpoint.id, attribute.name));
      const value = wish ?? attribute.state.value;
      row.classList.toggle("pending", wish !== undefined);
      if (value?.hue !== undefined) {
        const swatch = make("span", { className: "swatch", role: "img", ariaLabel: text(attribute, value) });
        swatch.style.background = `hsl(${value.hue} 100% ${100 - value.saturation / 2}%)`;
        output.replaceChildren(swatch);
      } else output.textContent = text(attribute, value);
      if (control?.type === "checkbox") {
        control.checked = value === true;
        control.indeterminate = value === null;
      } else if (control && entry.held !== control) {
        control.value = value ?? control.min;
      }
    } });
  }
  const node = make("article", { className: "card device" }, make("h3", { textContent: device.name }), ...rows.map((r) => r.row), footer);
  entry.update = () => {
    for (const row of rows) row.update();
    const is = (names) => device.endpoints.some((e) => e.attributes.some((a) => names.includes(a.name) && a.state.value === true));
    node.className = "card device" + (is(["on"]) ? " lit" : "") + (is(alarms) ? " alarm" : "") + (device.availability === "offline" ? " offline" : "");
    const words = entry.words || [device.availability === "offline" ? "Offline" : "", device.manufacturer, device.model].filter(Boolean).join(" · ");
    // A screen reader reads it anew with every change.
    if (footer.textContent !== words) footer.textContent = words;
  };
  entry.update();
  return node;
}

start().catch((error) => at("notices").replaceChildren(make("div", { className: "card", textContent: error.message })));
