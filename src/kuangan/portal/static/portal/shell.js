/* The frame: menu folding, search key, user menu. Loaded in the head so that a folded menu does not flash. */
(() => {
  "use strict";
  const root = document.documentElement;
  const KEY = "kuangan.menu";
  const narrow = () => window.matchMedia("(max-width: 820px)").matches;
  const remembered = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const remember = (value) => { try { localStorage.setItem(KEY, value); } catch { /* private window */ } };
  if (remembered() === "folded") root.classList.add("ka-folded");

  const toggle = () => {
    if (narrow()) { root.classList.toggle("ka-menu-open"); return; }
    remember(root.classList.toggle("ka-folded") ? "folded" : "open");
  };
  /* On a narrow screen rows stand as cards, so every cell must carry the name of its column. */
  const label = () => {
    for (const table of document.querySelectorAll("table.ka-table:not(.al-table)")) {
      const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent.trim());
      if (!heads.length) continue;
      table.classList.add("ka-labelled");
      for (const row of table.tBodies[0]?.rows ?? []) {
        [...row.cells].forEach((cell, index) => { if (heads[index] && !cell.hasAttribute("colspan")) cell.dataset.label = heads[index]; });
      }
    }
  };
  document.addEventListener("DOMContentLoaded", label);
  document.addEventListener("htmx:afterSwap", label);
  const typing = (element) => element && (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) || element.isContentEditable);

  document.addEventListener("click", (event) => {
    const act = event.target.closest("[data-shell]")?.dataset.shell;
    if (act === "toggle-menu") toggle();
    if (act === "print") window.print();
    if (act === "close-menu") root.classList.remove("ka-menu-open");
    const menu = document.querySelector(".ka-user[open]");
    if (menu && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target)) {
      const box = document.getElementById("ka-q");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    }
    if (event.key === "Escape") {
      root.classList.remove("ka-menu-open");
      if (event.target.id === "ka-q") event.target.blur();
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
  });
})();
