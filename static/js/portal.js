// What every page of the portal can do: copy, dismiss, open dialogs, change the theme, survive a lost session.

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("dismiss" in button.dataset) button.closest(".toast").remove();
  if ("copy" in button.dataset) copy(button);
  if (button.hasAttribute("commandfor") && !("commandForElement" in button)) command(button);
});

async function copy(button) {
  const text = button.closest(".code").querySelector("code").textContent;
  const label = button.querySelector("span");
  const before = label.textContent;
  await navigator.clipboard.writeText(text);
  label.textContent = button.dataset.copied;
  setTimeout(() => (label.textContent = before), 2000);
}

// Browsers without invoker commands.
function command(button) {
  const dialog = document.getElementById(button.getAttribute("commandfor"));
  if (button.getAttribute("command") === "show-modal") dialog.showModal();
  if (button.getAttribute("command") === "close") dialog.close();
}

// On a narrow screen the tab that is open may lie beyond the edge.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const tabs = tab.closest(".tabs");
  tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - tab.offsetWidth) / 2;
}

// A click on the backdrop closes a dialog.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!("themeSwitch" in form.dataset)) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  const body = new FormData(form, event.submitter);
  await fetch(form.action, { method: "POST", body, redirect: "manual" });
});

// Confirmations pass; what went wrong stays until it is dismissed.
const toasts = document.getElementById("toasts");
function passAway(toast) {
  if (toast.dataset.tone !== "bad" && toast.dataset.tone !== "warn") setTimeout(() => toast.remove(), 6000);
}
for (const toast of toasts.querySelectorAll(".toast")) passAway(toast);
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const node of change.addedNodes) if (node.matches?.(".toast")) passAway(node);
  }
}).observe(toasts, { childList: true });

// A refused request answers with a toast (problems/fragment.html); no answer at all has one ready in the page.
document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr.responseText;
  if (answer.includes('class="toast"')) toasts.insertAdjacentHTML("beforeend", answer);
  else showOffline();
});
document.addEventListener("htmx:sendError", showOffline);
function showOffline() {
  toasts.append(document.getElementById("offline").content.cloneNode(true));
}

// A fragment that comes back as the login page means that the session is over: the whole page must log in again.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL, location.href).pathname === "/login/") {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
