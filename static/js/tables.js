// Tables with data-sortable: each head cell becomes a button that sorts the rows of the body.

function value(row, index) {
  const cell = row.cells[index];
  if (!cell) return "";
  const raw = cell.dataset.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent.trim();
  const number = Number(raw.replace(/[,\s₩원%+]/g, "").replace("−", "-"));
  return raw !== "" && !Number.isNaN(number) ? number : raw;
}

// Missing values (–) stay at the end in both directions.
function compare(a, b, sign) {
  const missing = (entry) => entry === "" || entry === "–";
  if (missing(a) || missing(b)) return Number(missing(a)) - Number(missing(b));
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
}

function sort(table, head) {
  const index = head.cellIndex;
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [value(row, index), row]);
  rows.sort(([a], [b]) => compare(a, b, ascending ? 1 : -1));
  body.append(...rows.map(([, row]) => row));
}

function prepare(root) {
  for (const table of root.querySelectorAll("table[data-sortable]:not([data-ready])")) {
    table.dataset.ready = "";
    for (const head of table.tHead?.rows[0]?.cells ?? []) {
      if ("unsorted" in head.dataset || !head.textContent.trim()) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      const term = head.querySelector(".term");
      if (term) {
        // A heading that explains itself keeps its own button; the sort button stands behind it.
        button.ariaLabel = term.textContent;
        head.append(" ", button);
      } else {
        button.append(...head.childNodes);
        head.append(button);
      }
      button.addEventListener("click", () => sort(table, head));
    }
  }
}

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentElement ?? document));
