// Puts new events on top of the list as they happen.
"use strict";

const MOST_ROWS = 200;
const rows = document.querySelector("[data-stream]");
const light = document.querySelector(".live");

function cell(label, className) {
  const td = document.createElement("td");
  if (label) td.dataset.label = label;
  if (className) td.className = className;
  return td;
}

function text(tag, value, className) {
  const element = document.createElement(tag);
  element.textContent = value;
  if (className) element.className = className;
  return element;
}

// A reference is text, or an object with a name or an id.
function named(reference) {
  if (reference === null || reference === undefined) return "";
  if (typeof reference === "object") return reference.name || reference.id || "";
  return String(reference);
}

function tone(event) {
  if (event.decision === "deny") return "bad";
  if (event.decision === "allow") return "good";
  return "";
}

function row(event) {
  const tr = document.createElement("tr");
  tr.className = "fresh";
  const when = cell("When");
  const time = text("time", new Date(event.time).toISOString().slice(11, 19));
  time.dateTime = new Date(event.time).toISOString();
  time.title = time.dateTime;
  when.append(time);

  const what = cell("What");
  what.append(text("code", event.action));
  const who = cell("Actor", "cut");
  who.append(text("span", named(event.actor)));
  const agent = cell("Agent", "cut");
  agent.append(text("span", event.agent_name || named(event.agent)));
  const outcome = cell("Outcome");
  const said = text("span", "", "outcome");
  if (event.decision) said.append(text("span", event.decision, `badge ${tone(event)}`));
  if (event.reasons && event.reasons.length) said.append(text("span", named(event.reasons[0].code || event.reasons[0]), "small soft"));
  outcome.append(said);
  const seq = cell("Number", "number faint");
  seq.append(text("span", String(event.seq)));
  for (const td of [who, agent, outcome]) if (!td.textContent) td.classList.add("vacant");
  for (const td of [who, agent]) td.title = td.textContent;
  tr.append(when, what, who, agent, outcome, seq);
  return tr;
}

function matches(event) {
  const wanted = (rows.dataset.filter || "").toLowerCase();
  if (!wanted) return true;
  return [event.action, named(event.actor), named(event.agent), named(event.subject)]
    .some((field) => String(field).toLowerCase().includes(wanted));
}

if (rows && window.EventSource) {
  const source = new EventSource(rows.dataset.stream);
  const say = (state, words) => { light.dataset.state = state; light.textContent = words; };
  source.onopen = () => say("open", "Live");
  source.onerror = () => say("lost", "Reconnecting…");
  let last = Number(rows.dataset.last || 0);
  const take = (message) => {
    let event;
    try { event = JSON.parse(message.data); } catch { return; }
    if (event.seq <= last) return;
    last = event.seq;
    if (!matches(event)) return;
    document.querySelector("[data-none]")?.remove();
    rows.prepend(row(event));
    while (rows.rows.length > MOST_ROWS) rows.deleteRow(-1);
  };
  source.onmessage = take;
  source.addEventListener("event", take);
  window.addEventListener("pagehide", () => source.close());
}
