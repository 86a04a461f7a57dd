// Draws every [data-chart] with the Plotly figure in the JSON script of that id, in the colours of the CSS tokens.
// A trace may say what it is: meta.series (0 is the control) or meta.tone (good, warn, bad, accent, muted).

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

// On paper charts are light, and as wide as the text: a page's width is not known before it is printed.
const PAPER_WIDTH = 640;
let isPrinting = false;

// Asking for a computed colour between two drawings costs a layout of the page; they are asked for once per round.
const tokens = new Map();

function token(name) {
  if (!tokens.has(name)) {
    probe.style.color = `var(--${name})`;
    tokens.set(name, getComputedStyle(probe).color);
  }
  return tokens.get(name);
}

function theme() {
  const line = token("line");
  const ink = token("ink-2");
  const axis = {
    gridcolor: line,
    zerolinecolor: token("line-strong"),
    linecolor: line,
    tickcolor: line,
    automargin: true,
    zerolinewidth: 1,
    title: { font: { color: ink, size: 12 }, standoff: 8 },
  };
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: ink },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    colorway: [0, 1, 2, 3, 4, 5].map((index) => token(`series-${index}`)),
    margin: { l: 48, r: 16, t: 16, b: 40 },
    xaxis: axis,
    yaxis: axis,
    hovermode: "x unified",
    hoverlabel: { bgcolor: token("surface"), bordercolor: line, font: { color: token("ink"), size: 12 } },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
    dragmode: false,
  };
}

function merged(base, over) {
  const result = { ...base };
  for (const [key, value] of Object.entries(over ?? {})) {
    const both = value?.constructor === Object && base[key]?.constructor === Object;
    result[key] = both ? merged(base[key], value) : value;
  }
  return result;
}

function translucent(color, share) {
  return color.replace(/^rgba?\(([^)]*)\)$/, (_, parts) => `rgba(${parts.split(",").slice(0, 3).join(",")}, ${share})`);
}

function coloured(trace) {
  const meta = trace.meta ?? {};
  const names = { muted: "ink-3", accent: "accent", good: "good", warn: "warn", bad: "bad" };
  const name = meta.tone ? names[meta.tone] : meta.series === undefined ? null : `series-${meta.series}`;
  if (!name) return trace;
  const color = token(name);
  const shades = { line: { color }, marker: { color } };
  if (trace.fill) shades.fillcolor = translucent(color, 0.16);
  return merged(shades, trace);
}

// Shapes name a tone the same way; every other axis (xaxis2 …) gets the look of the first.
function layoutOf(figure) {
  const base = theme();
  for (const key of Object.keys(figure.layout ?? {})) {
    if (/^[xy]axis\d+$/.test(key)) base[key] = base.xaxis;
  }
  const layout = merged(base, figure.layout);
  layout.shapes = (layout.shapes ?? []).map(({ tone, ...shape }) =>
    merged({ line: { color: token(tone ?? "line-strong"), width: 1 } }, shape),
  );
  layout.annotations = (layout.annotations ?? []).map(({ tone, ...note }) =>
    merged({ font: { color: token(tone ?? "ink-2") } }, note),
  );
  return layout;
}

function drawingOf(box) {
  const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const layout = layoutOf(figure);
  if (isPrinting) layout.width = PAPER_WIDTH;
  return { box, layout, data: (figure.data ?? []).map(coloured) };
}

function drawBoxes(boxes) {
  tokens.clear();
  const config = { responsive: true, displayModeBar: false, scrollZoom: false, locale: document.documentElement.lang };
  for (const { box, data, layout } of boxes.map(drawingOf)) {
    box.classList.add("drawn");
    window.Plotly.react(box, data, layout, config);
  }
}

function isInSight(box) {
  const { top, bottom } = box.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

// What is in sight follows a drag at once; the rest comes after the frame that shows it.
function drawAll(root) {
  const boxes = [...root.querySelectorAll("[data-chart]")];
  const seen = isPrinting ? boxes : boxes.filter(isInSight);
  drawBoxes(seen);
  const rest = boxes.filter((box) => !seen.includes(box));
  if (rest.length) setTimeout(() => drawBoxes(rest.filter((box) => box.isConnected)), 0);
}

function printed(starts) {
  isPrinting = starts;
  document.documentElement.style.colorScheme = starts ? "light" : "";
  drawAll(document);
}

drawAll(document);
addEventListener("beforeprint", () => printed(true));
addEventListener("afterprint", () => printed(false));
document.addEventListener("htmx:load", (event) => drawAll(event.detail.elt));
new MutationObserver(() => drawAll(document)).observe(document.documentElement, {
  attributes: true,
  attributeFilter: ["data-theme"],
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
