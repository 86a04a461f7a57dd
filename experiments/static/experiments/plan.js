// The planning page: a slider beside each number, three quantities of which one follows, and curves to click on.
// All numbers come from the server, which answers every step of a drag.

const form = document.querySelector("form[data-plan]");
const STEPS = 120;
const sliders = new Map();

function digits(value) {
  return Number(Number(value).toPrecision(2));
}

// A slider runs in steps of its own; a logarithmic one moves by equal ratios.
function scaleOf(number) {
  const low = Number(number.dataset.low);
  const high = Number(number.dataset.high);
  if (number.dataset.slider !== "log") {
    return { min: low, max: high, step: number.dataset.slider, toValue: Number, toPlace: Number };
  }
  const ratio = Math.log(high / low);
  return {
    min: 0,
    max: STEPS,
    step: 1,
    toValue: (place) => digits(low * Math.exp((ratio * place) / STEPS)),
    toPlace: (value) => (STEPS * Math.log(Math.max(value, low) / low)) / ratio,
  };
}

function place(number) {
  const slider = sliders.get(number);
  if (!slider) return;
  slider.range.value = number.value === "" ? slider.scale.min : slider.scale.toPlace(Number(number.value));
  const unit = number.parentElement.querySelector(".unit")?.textContent ?? "";
  slider.range.setAttribute("aria-valuetext", `${number.value} ${unit}`.trim());
}

function equip(number) {
  const scale = scaleOf(number);
  const range = document.createElement("input");
  range.type = "range";
  range.min = scale.min;
  range.max = scale.max;
  range.step = scale.step;
  const label = form.querySelector(`label[for="${number.id}"]`);
  range.setAttribute("aria-label", label.firstChild.textContent.trim());
  sliders.set(number, { range, scale });
  range.addEventListener("input", () => {
    number.value = scale.toValue(Number(range.value));
    place(number);
    turn(number.name);
  });
  number.addEventListener("input", () => {
    place(number);
    turn(number.name);
  });
  number.parentElement.after(range);
  place(number);
}

// Whoever moves what followed means it: now something else follows.
function turn(name) {
  const follows = form.elements.follows;
  if (follows.value === name) follows.value = name === "weeks" ? "mde" : "weeks";
  mark();
}

function mark() {
  for (const dial of form.querySelectorAll("[data-dial]")) {
    dial.classList.toggle("is-following", dial.dataset.dial === form.elements.follows.value);
  }
}

// Writes what followed into its field.
function follow(estimate) {
  const name = estimate.dataset.follows;
  if (!name || name !== form.elements.follows.value) return;
  const value = Number(estimate.dataset[name]);
  if (!value) return;
  const field = form.elements[name];
  field.value = name === "weeks" ? value : Math.round(value * 10000) / 100;
  place(field);
}

function set(values) {
  let last = null;
  for (const [name, value] of values) {
    last = form.elements[name];
    last.value = value;
    place(last);
    turn(name);
  }
  last?.dispatchEvent(new Event("input", { bubbles: true }));
}

function watch(box) {
  const moves = box.layout?.meta?.moves;
  if (!moves) return;
  box.on("plotly_click", ({ points }) => {
    const x = points[0].x;
    set([[moves, moves === "weeks" ? Math.max(1, Math.round(x)) : digits(x)]]);
  });
}

const watched = new WeakSet();

document.addEventListener(
  "pointerdown",
  (event) => {
    const box = event.target.closest?.(".planner-charts [data-chart]");
    if (!box?.on || watched.has(box)) return;
    watched.add(box);
    watch(box);
  },
  true,
);

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[name=take]");
  if (!button || !form.contains(button)) return;
  event.preventDefault();
  set(new URLSearchParams(button.value));
});

document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt.id === "estimate") follow(event.detail.elt);
});

form.querySelectorAll("input[data-slider]").forEach(equip);
form.addEventListener("change", mark);
mark();
follow(document.getElementById("estimate"));
