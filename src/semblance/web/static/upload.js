// Dropping and pasting photos, and telling of what is too large before it is sent. Without this file the form works as well.

import { say as word } from "./say.js";

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const say = form.querySelector("[data-say]");
const hint = form.querySelector("[data-hint]");
const cap = Number(form.dataset.upload) * 1e6;

const list = form.querySelector("[data-files]");

hint.textContent = word(form, "hint", { formats: hint.textContent });

function write(size) {
  const places = size < 1e6 ? 2 : 1;
  const written = { minimumFractionDigits: places, maximumFractionDigits: places };
  return word(form, "size", { size: (size / 1e6).toLocaleString(document.documentElement.lang, written) });
}

// Says in words why the files cannot be sent as they are, or nothing.
function findFault(files) {
  const large = files.filter((file) => file.size > cap).map((file) => file.name);
  if (large.length) return word(form, "large", { allowed: cap / 1e6, names: large.join(", ") });
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total > cap) return word(form, "together", { size: write(total), allowed: cap / 1e6 });
  return "";
}

function check() {
  const files = [...input.files];
  const fault = findFault(files);
  say.classList.toggle("poor", fault !== "");
  input.setCustomValidity(fault);
  const [file] = files;
  if (fault) say.textContent = fault;
  else if (files.length > 1) say.textContent = word(form, "photos", { n: files.length });
  else say.textContent = file ? `${file.name}, ${write(file.size)}` : "";
  list.replaceChildren(
    ...(files.length > 1 ? files : []).map((one) => {
      const line = document.createElement("li");
      line.textContent = `${one.name}, ${write(one.size)}`;
      return line;
    }),
  );
  return files.length > 0 && !fault;
}

function take(files) {
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  input.files = chosen.files;
  if (check()) form.requestSubmit();
}

input.addEventListener("change", check);

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  form.addEventListener(name, () => form.classList.remove("over"));
}
form.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) take(event.dataTransfer.files);
});
// what is dropped beside the form must not replace the page
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}
window.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) take(event.clipboardData.files);
});
form.addEventListener("submit", () => {
  say.textContent = word(form, "busy");
  form.setAttribute("aria-busy", "true");
});
// coming back with the browser's button shows the form as it was, not as busy
window.addEventListener("pageshow", () => {
  form.removeAttribute("aria-busy");
  check();
});
