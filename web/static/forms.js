// Small comforts for forms; every form also works without them.
"use strict";

// A form is sent once: a second click while the first is under way would only confuse.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method === "post") {
    for (const button of form.querySelectorAll("button")) {
      window.setTimeout(() => { button.disabled = true; }, 0);
    }
  }
});

// Coming back by the browser's history must not find a dead button.
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[method=post] button")) button.disabled = false;
});

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await navigator.clipboard.writeText(source.textContent.trim());
    button.textContent = "Copied";
  });
}
