/* Forms of an alert that unfold under their buttons; the same in the drawer and on the page. */
(() => {
  "use strict";
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-form]");
    if (!button) return;
    const form = document.getElementById(button.dataset.openForm);
    const open = form.hidden;
    for (const other of document.querySelectorAll(".al-form")) other.hidden = true;
    for (const other of document.querySelectorAll("[data-open-form]")) other.setAttribute("aria-expanded", "false");
    form.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) form.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  });
  window.KuangAnCurve?.drawAll(document);
  if (document.querySelector("[data-print]")) document.querySelector("[data-print]").addEventListener("click", () => window.print());
})();
