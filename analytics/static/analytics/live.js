// Keeps the reader's place while a living part of the page ([data-live]) is renewed: what is open stays open,
// nothing moves while something is being read or pressed, and a hidden page asks for nothing.

const opened = new Set();

function isBusy(part) {
  const selection = document.getSelection();
  const selects = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return document.hidden || selects || part.querySelector(":popover-open, dialog[open]") !== null;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const part = event.target.closest?.("[data-live]");
  if (part === event.target && isBusy(part)) event.preventDefault();
});

let place = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (!part?.matches?.("[data-live]")) return;
  opened.clear();
  for (const details of part.querySelectorAll("details[open]")) opened.add(nameOf(details));
  const active = document.activeElement;
  place = {
    page: window.scrollY,
    focus: part.contains(active) ? pathTo(part, active) : null,
    scroll: [...part.querySelectorAll(".table-box")].map((box) => [box.scrollLeft, box.scrollTop]),
  };
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (!place) return;
  const part = document.getElementById(event.detail.target.id);
  for (const details of part?.querySelectorAll("details") ?? []) details.open = opened.has(nameOf(details));
  part?.querySelectorAll(".table-box").forEach((box, index) => {
    const [left, top] = place.scroll[index] ?? [0, 0];
    box.scrollTo(left, top);
  });
  if (place.focus) at(part, place.focus)?.focus({ preventScroll: true });
  keepPage(place.page);
  place = null;
});

// Charts take their height when they are drawn, so the page is put back now and once they are.
function keepPage(y) {
  window.scrollTo({ top: y, behavior: "instant" });
  requestAnimationFrame(() => requestAnimationFrame(() => window.scrollTo({ top: y, behavior: "instant" })));
}

// Details without an id are known by where they are.
function nameOf(details) {
  return details.id || `${details.className}/${details.closest("[id]")?.id}`;
}

function pathTo(root, element) {
  const path = [];
  for (let node = element; node !== root; node = node.parentElement) {
    path.unshift([...node.parentElement.children].indexOf(node));
  }
  return path;
}

function at(root, path) {
  return path.reduce((node, index) => node?.children[index], root);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
