// Shares that must sum to 100: a slider beside each number, and the sum in words. Without this the numbers are typed.

function numbersOf(set) {
  return [...set.querySelectorAll("input[type=number]")];
}

function slider(number) {
  const range = document.createElement("input");
  range.type = "range";
  range.min = number.min || "0";
  range.max = number.max || "100";
  range.value = number.value;
  range.setAttribute("aria-label", number.closest(".field").querySelector("label").textContent.trim());
  range.disabled = number.disabled;
  number.before(range);
}

// Says the sum and returns whether it is 100.
function say(set) {
  const total = Math.round(numbersOf(set).reduce((sum, number) => sum + Number(number.value), 0) * 1000) / 1000;
  const rest = Math.round(Math.abs(100 - total) * 1000) / 1000;
  const words = set.querySelector(".shares-total");
  const text = rest === 0 ? words.dataset.whole : total < 100 ? words.dataset.less : words.dataset.more;
  words.textContent = text.replace("{total}", total).replace("{rest}", rest);
  words.dataset.tone = rest === 0 ? "good" : "bad";
  words.hidden = false;
  return rest === 0;
}

function equip(root) {
  for (const set of root.querySelectorAll("[data-shares]:not([data-equipped])")) {
    set.dataset.equipped = "";
    numbersOf(set).forEach(slider);
    say(set);
  }
}

// Before the form hears of it: shares that do not sum to 100 are not sent while they are being moved.
document.addEventListener(
  "input",
  (event) => {
    const set = event.target.closest?.("[data-shares]");
    if (!set) return;
    const other = event.target.parentElement.querySelector(
      event.target.type === "range" ? "input[type=number]" : "input[type=range]",
    );
    if (other) other.value = event.target.value;
    if (!say(set)) event.stopPropagation();
  },
  true,
);

equip(document);
document.addEventListener("htmx:load", (event) => equip(event.detail.elt.parentElement ?? document));
