// The builder: a click on a step saves what was typed first; the weights' sum follows the typing.

let form = null;
let dirty = false;

function watch() {
  form = document.querySelector("form[data-builder]");
}

watch();
document.addEventListener("htmx:load", watch);

document.addEventListener("input", (event) => {
  if (!form?.contains(event.target)) return;
  dirty = true;
  if (/^v\d+-weight$/.test(event.target.name)) showTotal();
});

function showTotal() {
  const output = form.querySelector("[data-total]");
  const weights = [...form.querySelectorAll('input[name$="-weight"]')].map((input) => Number(input.value) || 0);
  const total = Math.round(weights.reduce((sum, weight) => sum + weight, 0) * 1000) / 1000;
  output.querySelector("strong").textContent = `${total.toLocaleString(document.documentElement.lang)}%`;
  output.classList.toggle("is-wrong", total !== 100);
}

// Steps in the order of the stepper; the address ends with the step's name.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".stepper a");
  if (!link || !form || !dirty) return;
  event.preventDefault();
  const go = document.createElement("input");
  go.type = "hidden";
  go.name = "go";
  go.value = new URL(link.href).pathname.split("/").at(-2);
  form.append(go);
  dirty = false;
  form.submit();
});

document.addEventListener("submit", (event) => {
  if (event.target === form) dirty = false;
});

window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
