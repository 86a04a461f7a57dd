// Small comforts; every page works without them.

// Count the minutes of a delivery down and look again when it should have arrived.
const minutes = document.querySelector("[data-minutes]");
if (minutes) {
  let left = Number(minutes.dataset.minutes);
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) {
      minutes.textContent = String(left);
    } else {
      clearInterval(timer);
      location.reload();
    }
  }, 60_000);
}

// A second press of an order button sends nothing.
for (const form of document.querySelectorAll("form[data-checkout], form[data-refund]")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
}
