// Dropping and pasting photos, and telling of what is too large before it is sent. Without this file the form works as well.

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const say = form.querySelector("[data-say]");
const hint = form.querySelector("[data-hint]");
const cap = Number(form.dataset.upload) * 1e6;

const list = form.querySelector("[data-files]");

hint.textContent = `Drop them here, paste them, or choose files. ${hint.textContent}.`;

function write(size) {
  return `${(size / 1e6).toFixed(size < 1e6 ? 2 : 1)} MB`;
}

// Says in words why the files cannot be sent as they are, or nothing.
function findFault(files) {
  const large = files.filter((file) => file.size > cap).map((file) => file.name);
  if (large.length) return `Too large, ${cap / 1e6} MB are allowed: ${large.join(", ")}. Choose smaller files, or leave them out.`;
  const total = files.reduce((sum, file) => sum + file.size, 0);
  if (total > cap) return `Together they have ${write(total)}; ${cap / 1e6} MB are allowed at once. Hand them in one after the other.`;
  return "";
}

function check() {
  const files = [...input.files];
  const fault = findFault(files);
  say.classList.toggle("poor", fault !== "");
  input.setCustomValidity(fault);
  const [file] = files;
  if (fault) say.textContent = fault;
  else if (files.length > 1) say.textContent = `${files.length} photos`;
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
  say.textContent = "Finding the faces…";
  form.setAttribute("aria-busy", "true");
});
// coming back with the browser's button shows the form as it was, not as busy
window.addEventListener("pageshow", () => {
  form.removeAttribute("aria-busy");
  check();
});
