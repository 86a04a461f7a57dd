// Tells the monitor that there is news, as the server's stream does; without the stream it asks by itself, less often.

const part = document.querySelector("[data-stream]");

if (part && "EventSource" in window) {
  const stream = new EventSource(part.dataset.stream);
  let broken = false;
  const renew = () => window.htmx.trigger("#monitor", "news");
  stream.onmessage = renew;
  stream.onerror = () => (broken = true);
  // A window may have closed while the stream was broken, and nobody tells of it again.
  stream.onopen = () => {
    if (broken) renew();
    broken = false;
  };
  window.addEventListener("pagehide", () => stream.close());
}
