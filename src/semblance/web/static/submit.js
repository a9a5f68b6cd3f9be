// Sends files in pieces, and goes on where it was cut off. Without this file the form sends small ones whole.

import { say as word } from "./say.js";

const form = document.querySelector("[data-submission]");
const place = `/api/v1/submissions/${form.dataset.submission}`;
const inputs = [...form.querySelectorAll("input[type=file]")];
const status = form.querySelector("[data-say]");
const bar = form.querySelector("[data-progress]");
const meter = bar.querySelector("progress");
const faultList = form.querySelector("[data-faults]");
const send = form.querySelector("button[type=submit]");
const stop = form.querySelector("[data-stop]");

const STREWN = "submission.strewn";
const HELD = new Set(["complete", "unpacked"]);
const LONGEST_WAIT = 30;

let stopped = false;
let sent = 0;
let total = 0;
let since = 0;

for (const part of form.querySelectorAll("[data-scripted]")) part.hidden = false;
for (const part of form.querySelectorAll("[data-plain]")) part.hidden = true;

class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.id = error.id;
  }
}

class Stopped extends Error {}

const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

// Asks again while the network or the node is away; what the node refuses is refused.
async function ask(method, path, body, headers = {}) {
  for (let wait = 1; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    if (stopped) throw new Stopped();
    let answer;
    try {
      answer = await fetch(place + path, { method, body, headers });
    } catch {
      answer = undefined;
    }
    if (answer?.ok) return answer.status === 204 ? null : await answer.json();
    if (answer && answer.status < 500) throw new Refused((await answer.json()).error);
    if (answer?.status === 507) throw new Refused((await answer.json()).error);
    status.textContent = word(form, "lost", { seconds: wait });
    await pause(wait);
  }
}

const askJson = (method, path, value) => ask(method, path, JSON.stringify(value), { "content-type": "application/json" });

async function digest(piece) {
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", piece));
  return `sha-256=:${btoa(String.fromCharCode(...found))}:`;
}

function sayLeft() {
  const seconds = ((performance.now() - since) / 1000) * (total / Math.max(sent, 1) - 1);
  return seconds < 60 ? word(form, "soon") : word(form, "minutes", { n: Math.round(seconds / 60) });
}

function draw(name) {
  meter.value = total ? sent / total : 1;
  status.textContent = word(form, "sending", { name, percent: Math.floor(100 * meter.value), left: sayLeft() });
}

// Sends one file; what is held of it already is not sent again, but for its first piece, which tells another file.
async function sendFile(file, name, known) {
  const before = known.get(`${file.size} ${name}`);
  if (before && HELD.has(before.state)) {
    sent += file.size;
    return null;
  }
  const receiving = before?.state === "receiving" ? await ask("GET", `/files/${before.id}`) : await askJson("POST", "/files", { name, size: file.size });
  const { chunks, chunk_bytes: length } = receiving;
  const path = `/files/${receiving.file.id}`;
  const held = new Set(receiving.held);
  for (let number = 0; number < chunks; number += 1) {
    const slice = file.slice(number * length, (number + 1) * length);
    if (!held.has(number) || number === 0) {
      const piece = await slice.arrayBuffer();
      const headers = { "content-type": "application/octet-stream", "content-digest": await digest(piece) };
      await ask("PUT", `${path}/chunks/${number}`, piece, headers);
    }
    sent += slice.size;
    draw(name);
  }
  status.textContent = word(form, "checking", { name });
  const completed = await askJson("POST", `${path}/completion`, {});
  return completed.file.fault ? `${name}: ${completed.file.fault.text}` : null;
}

async function sendAll(files) {
  const known = new Map((await ask("GET", "")).files.map((file) => [`${file.size} ${file.name}`, file]));
  const faults = [];
  let strewn = 0;
  for (const file of files) {
    const name = file.webkitRelativePath || file.name;
    const reached = sent;
    try {
      const fault = await sendFile(file, name, known);
      if (fault) faults.push(fault);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.id === STREWN) strewn += 1;
      else faults.push(`${name}: ${error.message}`);
    }
    sent = reached + file.size;
  }
  return { faults, strewn };
}

function list(faults) {
  faultList.replaceChildren(
    ...faults.map((fault) => {
      const line = document.createElement("li");
      line.textContent = fault;
      // what the node answers to programs is English
      line.lang = "en";
      return line;
    }),
  );
}

function warn(event) {
  event.preventDefault();
}

function show(busy) {
  bar.hidden = !busy;
  stop.hidden = !busy;
  send.disabled = busy;
  if (busy) window.addEventListener("beforeunload", warn);
  else window.removeEventListener("beforeunload", warn);
}

form.addEventListener("submit", async (event) => {
  const files = inputs.flatMap((input) => [...input.files]);
  event.preventDefault();
  if (!files.length) return;
  [stopped, sent, since] = [false, 0, performance.now()];
  total = files.reduce((sum, file) => sum + file.size, 0);
  list([]);
  show(true);
  try {
    const { faults, strewn } = await sendAll(files);
    show(false);
    if (!faults.length && !strewn) {
      status.textContent = word(form, "done");
      window.location.reload();
      return;
    }
    status.textContent = [faults.length ? word(form, "some") : word(form, "done"), strewn ? word(form, "strewn", { n: strewn }) : ""].join(" ");
    list(faults);
  } catch (error) {
    show(false);
    status.textContent = error instanceof Stopped ? word(form, "stopped") : "";
    if (!(error instanceof Stopped)) list([error.message]);
  }
});

stop.addEventListener("click", () => {
  stopped = true;
});
