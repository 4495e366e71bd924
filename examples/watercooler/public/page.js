// The page of a room. All that comes from others is put into the page as text,
// never as markup.
import { connect } from "./connection.js";

const $ = (id) => document.getElementById(id);

const room = location.pathname.match(/^\/rooms\/([a-z0-9-]{1,32})$/)?.[1];
let name = localStorage.getItem("name") ?? "";
let via = sessionStorage.getItem("via") ?? "socket";
let you = ""; // the ID of this connection
const yours = new Set(JSON.parse(sessionStorage.getItem("yours") ?? "[]")); // and of those before it
let connection;

const people = new Map(); // by ID
const shown = new Set(); // IDs of messages
const pending = []; // what was sent and has not come back
let uncounted = 0; // people who are there and not in the list

// The door

function showDoor() {
  $("door").hidden = false;
  $("name").value = name;
  $("room").value = room ?? "lobby";
  for (const suggestion of ["lobby", "kitchen", "random", "gophers"]) {
    const chip = element("button", "", suggestion);
    chip.type = "button";
    chip.onclick = () => { $("room").value = suggestion; };
    $("chips").append(chip);
  }
  $("enter").onsubmit = (event) => {
    event.preventDefault();
    name = $("name").value.trim();
    if (!name) return;
    localStorage.setItem("name", name);
    location.href = "/rooms/" + encodeURIComponent($("room").value.trim());
  };
}

// The room

function comeIn() {
  $("office").hidden = false;
  $("where").textContent = room;
  document.title = room + " · Watercooler";
  for (const button of document.querySelectorAll("[data-via]")) {
    button.onclick = () => {
      if (via === button.dataset.via) return;
      via = button.dataset.via;
      sessionStorage.setItem("via", via);
      join();
    };
  }
  $("composer").onsubmit = (event) => {
    event.preventDefault();
    speak();
  };
  $("text").onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      speak();
    }
  };
  join();
}

function join() {
  connection?.close();
  for (const button of document.querySelectorAll("[data-via]")) {
    button.setAttribute("aria-pressed", button.dataset.via === via);
  }
  connection = connect(via, room, name, { told, state });
}

function state(text, on) {
  $("state").textContent = text;
  $("state").classList.toggle("on", on);
}

// told takes what the server tells.
function told(message) {
  switch (message.kind) {
    case "room":
      if (message.you) recognise(message.you);
      people.clear();
      for (const person of message.people) people.set(person.id, person.name);
      uncounted = message.count - message.people.length;
      message.messages.forEach(show);
      break;
    case "say":
      show(message);
      return;
    case "join":
      if (!people.has(message.from) && !yours.has(message.from)) remark(message.name + " has come in");
      people.set(message.from, message.name);
      break;
    case "leave":
      if (people.delete(message.from) && !yours.has(message.from)) remark(message.name + " has left");
      break;
    case "notice":
      remark(message.text, "alarm");
      return;
  }
  showPeople();
}

// show puts what somebody has said where it belongs by its time.
function show(message) {
  if (shown.has(message.id)) return;
  shown.add(message.id);
  const mine = yours.has(message.from);
  if (mine) forget(message.text);
  const item = bubble(message.name, message.text, new Date(message.at), mine);
  item.dataset.at = message.at;
  item.dataset.from = message.from;
  const items = [...$("messages").children];
  const before = items.findLast((i) => i.dataset.at && Number(i.dataset.at) <= message.at);
  keepingUp(() => {
    if (before === items.findLast((i) => i.dataset.at)) $("messages").insertBefore(item, pending[0]?.item ?? null);
    else if (before) before.after(item);
    else $("messages").prepend(item);
    for (const i of [item, item.nextElementSibling]) group(i);
  });
  $("empty").hidden = true;
}

// forget drops what was sent and has come back.
function forget(text) {
  const at = pending.findIndex((p) => p.text === text);
  if (at < 0) return;
  const [p] = pending.splice(at, 1);
  clearTimeout(p.timer);
  p.item.remove();
}

// recognise remembers who this page is, for the messages that it said before it
// connected anew.
function recognise(id) {
  you = id;
  yours.add(id);
  sessionStorage.setItem("yours", JSON.stringify([...yours].slice(-50)));
}

// group joins a message to the one above it, if the same person said both.
function group(item) {
  if (!item?.dataset.at) return;
  const above = item.previousElementSibling;
  item.classList.toggle("more", above?.dataset.from === item.dataset.from && item.dataset.at - above.dataset.at < 120_000);
}

function bubble(by, text, at, mine) {
  const item = element("li", "message" + (mine ? " mine" : ""));
  item.style.setProperty("--hue", hue(by));
  const head = element("div", "by");
  const time = element("time", "", " " + at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  time.dateTime = at.toISOString();
  head.append(element("b", "", by), time);
  item.append(face(by), head, element("div", "bubble", text));
  return item;
}

// remark puts a line between the messages.
function remark(text, kind = "") {
  if (kind === "alarm" && (pending[0]?.item.previousElementSibling ?? $("messages").lastElementChild)?.textContent === text) return;
  keepingUp(() => $("messages").insertBefore(element("li", "aside " + kind, text), pending[0]?.item ?? null));
  $("empty").hidden = true;
}

// speak sends what was written. It is shown as sent when it comes back.
function speak() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  const p = { text, item: bubble(name, text, new Date(), true) };
  p.item.classList.add("pending");
  pending.push(p);
  p.item.onclick = () => { if (p.item.classList.contains("failed")) send(p); };
  keepingUp(() => $("messages").append(p.item), true);
  $("empty").hidden = true;
  send(p);
}

async function send(p) {
  p.item.classList.remove("failed");
  clearTimeout(p.timer);
  const fail = () => keepingUp(() => p.item.classList.add("failed"));
  p.timer = setTimeout(fail, 5000);
  if (!await connection.say(p.text)) fail();
}

function showPeople() {
  const all = [...people].map(([id, n]) => ({ id, name: n })).sort((a, b) => a.name.localeCompare(b.name));
  $("count").textContent = "· " + (all.length + uncounted);
  $("people").replaceChildren(...all.map((person) => {
    const item = element("li");
    item.append(face(person.name), element("span", "", person.name));
    if (person.id === you) item.append(element("small", "", "you"));
    return item;
  }));
  if (uncounted > 0) $("people").append(element("li", "", "and " + uncounted + " more"));
  $("faces").replaceChildren(...all.slice(0, 3).map((person) => face(person.name)));
  if (all.length + uncounted > 3) $("faces").append(face("+" + (all.length + uncounted - 3)));
}

// Small things

function element(tag, className = "", text = "") {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text) e.textContent = text;
  return e;
}

function face(of) {
  const e = element("div", "face", of.startsWith("+") ? of : [...of][0].toUpperCase());
  e.style.setProperty("--hue", hue(of));
  e.title = of;
  return e;
}

// hue gives everybody a colour.
function hue(of) {
  let sum = 7;
  for (const c of of) sum = (sum * 31 + c.codePointAt(0)) % 3600;
  return sum / 10;
}

// keepingUp changes the list, and goes on showing its end if that was shown.
function keepingUp(change, always = false) {
  const box = $("scroll");
  const atEnd = always || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  change();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

if (room && name) comeIn();
else showDoor();
