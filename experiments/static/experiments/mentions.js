// Offers people while @name is typed into a text; without this script the name is simply typed.

const MARK = /(?:^|[^\w.@+-])@([\w.+-]*)$/u;
let list = null;
let field = null;
let asked = 0;

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-mentions]")) offer(event.target);
});

document.addEventListener("keydown", (event) => {
  if (!list || event.target !== field) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) choose(moves[event.key]);
  else if (event.key === "Enter" || event.key === "Tab") take(list.querySelector("[aria-selected=true]"));
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

document.addEventListener("focusout", (event) => {
  if (event.target === field) close();
});

function typed(target) {
  return MARK.exec(target.value.slice(0, target.selectionStart))?.[1];
}

async function offer(target) {
  const name = typed(target);
  if (name === undefined) return close();
  const mine = ++asked;
  const address = new URL(target.closest("[data-people]").dataset.people, location.href);
  address.searchParams.set("q", name);
  const answer = await fetch(address);
  if (mine !== asked || !answer.ok || typed(target) === undefined || document.activeElement !== target) return;
  show(target, await answer.text());
}

function show(target, html) {
  close();
  const found = document.createElement("ul");
  found.className = "people";
  found.id = "people";
  found.setAttribute("role", "listbox");
  found.innerHTML = html;
  if (!found.children.length) return;
  [list, field] = [found, target];
  target.after(list);
  target.setAttribute("aria-controls", "people");
  target.setAttribute("aria-autocomplete", "list");
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the text keeps the focus
    take(event.target.closest("li"));
  });
  choose(1);
}

function choose(step) {
  const people = [...list.children];
  const at = people.findIndex((person) => person.ariaSelected === "true");
  const next = people[(at + step + people.length) % people.length];
  for (const person of people) person.setAttribute("aria-selected", String(person === next));
  field.setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function take(person) {
  if (!person) return;
  const end = field.selectionStart;
  field.setRangeText(`${person.dataset.name} `, end - typed(field).length, end, "end");
  close();
}

function close() {
  asked++;
  list?.remove();
  field?.removeAttribute("aria-activedescendant");
  [list, field] = [null, null];
}
