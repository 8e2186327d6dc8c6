// What a page of somebody else's tries in the browser of a person who is logged in to the hub. Each attempt says what
// the page learned by it; "nothing" = nothing. `mark` is the name of the room that an attempt tries to add.
"use strict";
(() => {
const body = (mark) => JSON.stringify({ name: mark });
const learned = async (response) =>
  response.type === "opaque" ? "nothing" : `${response.status} ${(await response.text()).slice(0, 200)}`;
const ask = (url, options) => fetch(url, { credentials: "include", ...options }).then(learned, () => "nothing");
const add = (hub, mark, options) => ask(`${hub}/api/v1/areas`, { method: "POST", body: body(mark), ...options });
const happens = (things, limit = 5000) =>
  new Promise((resolve) => {
    for (const [target, name, word] of things) target.addEventListener(name, (event) => resolve(typeof word === "function" ? word(event) : word));
    setTimeout(() => resolve("nothing"), limit);
  });
const put = (name, attributes) => {
  const node = Object.assign(document.createElement(name), attributes);
  const happened = happens([[node, "load", "loaded"], [node, "error", "nothing"]]);
  document.body.append(node);
  return happened;
};

// A form that is sent by itself: into the page's own place (then the browser shows the answer), or into a frame.
function form(hub, fields, { enctype, target = "_self" }) {
  const node = document.createElement("form");
  Object.assign(node, { method: "POST", action: hub, target });
  if (enctype) node.enctype = enctype;
  for (const [name, value] of fields) node.append(Object.assign(document.createElement("input"), { name, value }));
  document.body.append(node);
  node.submit();
}
function framed(hub, fields, options) {
  const name = `frame${document.querySelectorAll("iframe").length}`;
  document.body.append(Object.assign(document.createElement("iframe"), { name }));
  form(hub, fields, { ...options, target: name });
  return "nothing";
}
// What a form sends as text becomes JSON when its one name ends within a string: name, "=", value.
const text = (mark) => [[`{"name":"${mark} `, '"}']];

window.attempts = {
  "read by fetch": (hub) => ask(`${hub}/api/v1/home`),
  "read by fetch without CORS": (hub) => ask(`${hub}/api/v1/home`, { mode: "no-cors" }),
  "post text by fetch": (hub, mark) => add(hub, mark, { headers: { "content-type": "text/plain" } }),
  "post text by fetch without CORS": (hub, mark) => add(hub, mark, { mode: "no-cors" }),
  "post a form by fetch": (hub, mark) => add(hub, mark, { body: new URLSearchParams({ name: mark }) }),
  "post JSON by fetch": (hub, mark) => add(hub, mark, { headers: { "content-type": "application/json" } }),
  "post JSON by XMLHttpRequest": (hub, mark) => {
    const request = Object.assign(new XMLHttpRequest(), { withCredentials: true });
    request.open("POST", `${hub}/api/v1/areas`);
    request.withCredentials = true;
    request.setRequestHeader("content-type", "application/json");
    request.send(body(mark));
    return happens([[request, "load", () => `${request.status} ${request.responseText}`], [request, "error", "nothing"]]);
  },
  "post by beacon": (hub, mark) => void navigator.sendBeacon(`${hub}/api/v1/areas`, body(mark)) || "nothing",
  "change the home": (hub, mark) =>
    ask(`${hub}/api/v1/home`, { method: "PATCH", headers: { "content-type": "application/json" }, body: body(mark) }),
  "remove a room": (hub) => ask(`${hub}/api/v1/areas/attic`, { method: "DELETE" }),
  "listen by WebSocket": (hub) => {
    const socket = new WebSocket(`${hub.replace("http", "ws")}/api/v1/stream`);
    socket.onopen = () => socket.send(JSON.stringify({ type: "subscribe", id: 1 }));
    return happens([[socket, "message", (message) => JSON.parse(message.data).type], [socket, "close", "nothing"]]);
  },
  "listen by EventSource": (hub) => {
    const source = new EventSource(`${hub}/api/v1/stream`, { withCredentials: true });
    const happened = happens([[source, "message", (message) => message.data], [source, "error", "nothing"]]);
    return happened.finally(() => source.close());
  },
  "run the hub's script": (hub) => put("script", { src: `${hub}/service-worker.js?asked-anew` }),
  "run an answer as a script": (hub) => put("script", { src: `${hub}/api/v1/home` }),
  "show the hub's picture": (hub) => put("img", { src: `${hub}/icon.svg` }),
  "use the hub's style": (hub) => put("link", { rel: "stylesheet", href: `${hub}/plain.css` }),
  "send a form into a frame": (hub, mark) => framed(`${hub}/api/v1/areas`, [["name", mark]], {}),
  "send text into a frame": (hub, mark) => framed(`${hub}/api/v1/areas`, text(mark), { enctype: "text/plain" }),
  "send a form with parts into a frame": (hub, mark) =>
    framed(`${hub}/api/v1/areas`, [["name", mark]], { enctype: "multipart/form-data" }),
  "send a form from a sandbox": (hub, mark) => {
    const frame = Object.assign(document.createElement("iframe"), { sandbox: "allow-forms allow-scripts" });
    frame.srcdoc = `<form method=POST action="${hub}/api/v1/areas" enctype="text/plain">
      <input name='${text(mark)[0][0]}' value='"}'></form><script>document.forms[0].submit()</script>`;
    // It is there twice: as it was written, and as what the form brought. Who leaves before takes the form away.
    const sent = new Promise((resolve) => {
      let loads = 0;
      frame.onload = () => ++loads === 2 && resolve("nothing");
      setTimeout(() => resolve("nothing"), 5000);
    });
    document.body.append(frame);
    return sent;
  },
};

// These leave the page: what comes of them is what the browser shows then.
window.departures = {
  "send a form": (hub, mark) => form(`${hub}/api/v1/areas`, [["name", mark]], {}),
  "send text": (hub, mark) => form(`${hub}/api/v1/areas`, text(mark), { enctype: "text/plain" }),
  "send a form with parts": (hub, mark) => form(`${hub}/api/v1/areas`, [["name", mark]], { enctype: "multipart/form-data" }),
  "send text by a detour": (hub, mark) =>
    form(`/?to=${encodeURIComponent(`${hub}/api/v1/areas`)}`, text(mark), { enctype: "text/plain" }),
  "follow a link that means a change": (hub, mark) => {
    location.href = `${hub}/api/v1/areas?_method=POST&name=${encodeURIComponent(mark)}`;
  },
  // The last, since it would end what the others live on.
  "log out": (hub) => form(`${hub}/api/v1/auth/logout`, [], {}),
};
})();
