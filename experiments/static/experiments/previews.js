// Brings the component that a preview is about into view inside its frame.

function show(frame) {
  const component = frame.contentDocument?.querySelector(`[data-feature="${CSS.escape(frame.dataset.component)}"]`);
  if (!component) return;
  const box = component.getBoundingClientRect();
  const inside = frame.contentWindow;
  // Near the top it is in sight already; else it goes to the middle, below the shop's own bar.
  if (box.top < inside.innerHeight / 2) return;
  const above = Math.max((inside.innerHeight - box.height) / 2, 120);
  inside.scrollTo({ top: inside.scrollY + box.top - above, behavior: "instant" });
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
