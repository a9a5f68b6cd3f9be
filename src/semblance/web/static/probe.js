// Choosing a face by its box on the photo, without loading the page again. Without this file the boxes are links.

const radios = document.querySelectorAll("input[type=radio][name=face]");

function mark() {
  for (const radio of radios) {
    document.querySelector(`[data-box="${radio.value}"]`).classList.toggle("chosen", radio.checked);
  }
}

for (const link of document.querySelectorAll("[data-face]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const radio = document.getElementById(`face-${link.dataset.face}`);
    radio.checked = true;
    mark();
    radio.closest(".pick").scrollIntoView({ block: "nearest" });
  });
}
for (const radio of radios) radio.addEventListener("change", mark);
window.addEventListener("pageshow", mark);
