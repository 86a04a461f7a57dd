// Brings the component that a preview is about into view inside its frame.

function show(frame) {
  const component = frame.contentDocument?.querySelector(`[data-feature="${CSS.escape(frame.dataset.component)}"]`);
  if (!component) return;
  const box = component.getBoundingClientRect();
  const inside = frame.contentWindow;
  const middle = inside.scrollY + box.top - Math.max((inside.innerHeight - box.height) / 2, 16);
  if (box.bottom > inside.innerHeight) inside.scrollTo({ top: middle, behavior: "instant" });
}

function watch(root) {
  for (const frame of root.querySelectorAll("iframe[data-component]:not([data-watched])")) {
    frame.dataset.watched = "";
    frame.addEventListener("load", () => show(frame));
    if (frame.contentDocument?.readyState === "complete" && frame.contentDocument.body?.childElementCount) show(frame);
  }
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.detail.elt.parentElement ?? document));
