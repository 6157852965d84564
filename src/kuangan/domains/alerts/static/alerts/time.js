/* Spans in words and countdowns; the server's clock counts, not the browser's. */
window.KuangAnTime = (() => {
  "use strict";
  let offset = 0;
  document.addEventListener("kuangan:state", (event) => {
    const { clock, wall } = event.detail || {};
    const at = wall ?? clock;
    if (typeof at === "number" && Math.abs(at - Date.now()) < 7 * 86400e3) offset = at - Date.now();
  });
  const now = () => Date.now() + offset;
  const span = (ms) => {
    const s = Math.max(Math.floor(ms / 1000), 0);
    const two = (n) => String(n).padStart(2, "0");
    if (s < 60) return `${s} 秒`;
    if (s < 600) return `${Math.floor(s / 60)} 分 ${two(s % 60)} 秒`;
    if (s < 3600) return `${Math.floor(s / 60)} 分`;
    if (s < 86400) return `${Math.floor(s / 3600)} 小时 ${Math.floor((s % 3600) / 60)} 分`;
    return `${Math.floor(s / 86400)} 天 ${Math.floor((s % 86400) / 3600)} 小时`;
  };
  const tick = () => {
    const at = now();
    for (const element of document.querySelectorAll("[data-due]")) {
      const left = Number(element.dataset.due) - at;
      const text = left >= 0 ? span(left) : `超时 ${span(-left)}`;
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle("ka-red", left < 0);
    }
  };
  window.setInterval(tick, 1000);
  const beijing = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
  return { now, span, tick, clock: (ms) => beijing.format(new Date(ms)) };
})();
