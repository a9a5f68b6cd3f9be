// Dropping and pasting a photo, and telling of one that is too large before it is sent. Without this file the form works as well.

const form = document.querySelector("[data-upload]");
const input = form.querySelector("input[type=file]");
const say = form.querySelector("[data-say]");
const hint = form.querySelector("[data-hint]");
const cap = Number(form.dataset.upload) * 1e6;

hint.textContent = `Drop it here, paste it, or choose a file. ${hint.textContent}.`;

function check() {
  const [file] = input.files;
  say.classList.remove("poor");
  input.setCustomValidity("");
  if (!file) {
    say.textContent = "";
    return false;
  }
  if (file.size > cap) {
    const words = `${file.name} has ${(file.size / 1e6).toFixed(0)} MB; ${cap / 1e6} MB are allowed. Choose a smaller file.`;
    say.textContent = words;
    say.classList.add("poor");
    input.setCustomValidity(words);
    return false;
  }
  say.textContent = `${file.name}, ${(file.size / 1e6).toFixed(1)} MB`;
  return true;
}

function take(files) {
  const chosen = new DataTransfer();
  if (files.length > 1) {
    say.textContent = "One photo at a time, please.";
    say.classList.add("poor");
    return;
  }
  chosen.items.add(files[0]);
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
// a photo dropped beside the form must not replace the page
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
