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
  who.append(text("span", event.actor));
  const agent = cell("Agent", "cut");
  const name = text(event.agent_id ? "a" : "span", event.agent || "");
  if (event.agent_id) name.href = rows.dataset.agents + encodeURIComponent(event.agent_id);
  agent.append(name);
  const outcome = cell("Outcome");
  const said = text("span", "", "outcome");
  if (event.decision) said.append(text("span", event.decision, `badge ${tone(event)}`));
  if (event.note) said.append(text("span", event.note, "small soft"));
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
  return [event.action, event.actor, event.agent].some((field) => String(field || "").toLowerCase().includes(wanted));
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
  window.addEventListener("pagehide", () => source.close());
}
