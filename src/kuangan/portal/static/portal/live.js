/* What keeps the page alive: one stream per page, polling when the stream fails, and a banner when neither speaks.
   Every message has {seq, clock, strip: [{key, label, text, level}], counts: {open, red, orange, yellow, blue}, changed: [case ids]}.
   The page hears "kuangan:state" on every message and "kuangan:alerts" when cases in its scope changed. */
(() => {
  "use strict";
  const SILENT_MS = 5000;
  const POLL_MS = 2000;
  const RETRY_MS = 10000;
  const { liveStream, liveState } = document.body.dataset;
  if (!liveState) return;
  const banner = document.getElementById("ka-connection");
  let heard = Date.now();
  let seq = null;
  let source = null;
  let polling = null;

  const dispatch = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

  const showStrip = (items) => {
    const strip = document.getElementById("ka-strip");
    if (!strip) return;
    for (const item of items) {
      let element = strip.querySelector(`[data-strip="${CSS.escape(item.key)}"]`);
      if (!element) {
        element = document.createElement("span");
        element.className = "ka-strip-item";
        element.dataset.strip = item.key;
        element.innerHTML = '<i class="ka-dot"></i><span data-strip-label></span> <b data-strip-text></b>';
        strip.append(element);
      }
      if (element.dataset.level !== item.level) element.dataset.level = item.level;
      element.querySelector("[data-strip-label]").textContent = item.label;
      element.querySelector("[data-strip-text]").textContent = item.text;
    }
  };
  const showCounts = (counts) => {
    for (const element of document.querySelectorAll("[data-live-count]")) {
      const count = counts[element.dataset.liveCount];
      element.textContent = count ?? "";
      element.hidden = !count;
    }
  };
  const take = (message) => {
    heard = Date.now();
    banner.hidden = true;
    if (message.strip) showStrip(message.strip);
    if (message.counts) showCounts(message.counts);
    dispatch("kuangan:state", message);
    const news = message.seq !== undefined && seq !== null && message.seq !== seq;
    if (message.seq !== undefined) seq = message.seq;
    if (news) dispatch("kuangan:alerts", message);
  };
  const poll = async () => {
    try {
      const answer = await fetch(liveState, { headers: { Accept: "application/json" }, cache: "no-store" });
      if (answer.redirected || answer.status === 401 || answer.status === 403) { window.location.reload(); return; }
      if (answer.ok) take(await answer.json());
    } catch { /* the banner speaks */ }
  };
  const startPolling = () => {
    if (polling) return;
    poll();
    polling = window.setInterval(poll, POLL_MS);
    window.setTimeout(connect, RETRY_MS);
  };
  const stopPolling = () => { window.clearInterval(polling); polling = null; };
  const connect = () => {
    source?.close();
    if (!window.EventSource) { startPolling(); return; }
    source = new EventSource(liveStream);
    source.onopen = stopPolling;
    source.onmessage = (event) => take(JSON.parse(event.data));
    source.onerror = () => { source.close(); stopPolling(); startPolling(); };
  };
  window.setInterval(() => {
    const silent = Date.now() - heard;
    if (silent < SILENT_MS) return;
    banner.hidden = false;
    banner.querySelector("[data-live=connection]").textContent =
      `与服务器的连接中断 ${Math.floor(silent / 1000)} 秒，画面可能不是最新，正在重连。`;
    dispatch("kuangan:silent", { silent });
  }, 1000);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  connect();
})();
