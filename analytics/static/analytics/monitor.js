// Tells the monitor that there is news, as the server's stream does; without the stream it asks by itself, less often.

const part = document.querySelector("[data-stream]");

if (part && "EventSource" in window) {
  const stream = new EventSource(part.dataset.stream);
  stream.onmessage = () => window.htmx.trigger("#monitor", "news");
  window.addEventListener("pagehide", () => stream.close());
}
