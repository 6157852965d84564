/* The desk: keys, drawer, sparklines, the bar that announces arrivals, the sound for red. Rows never move by themselves. */
(() => {
  "use strict";
  const list = document.getElementById("al-list");
  const drawer = document.getElementById("al-drawer");
  const bar = document.getElementById("al-arrivals");
  const mute = document.getElementById("al-mute");
  const rows = () => [...list.querySelectorAll("tr[data-number]")];
  const selected = () => list.querySelector('tr[aria-selected="true"]');
  const query = () => window.location.search.replace(/^\?/, "");
  const json = (url) => fetch(url, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);

  /* selection and drawer */
  const select = (row) => {
    selected()?.removeAttribute("aria-selected");
    if (!row) return;
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
  };
  const fit = () => {
    const beside = window.matchMedia("(min-width: 1181px)").matches;
    drawer.style.maxHeight = beside ? `${window.innerHeight - Math.max(drawer.getBoundingClientRect().top, 56) - 10}px` : "";
  };
  window.addEventListener("scroll", fit, { passive: true });
  window.addEventListener("resize", fit);
  let wanted = 0;
  const open = async (row) => {
    if (!row) return;
    select(row);
    const ticket = ++wanted;
    const answer = await fetch(`/alerts/${row.dataset.number}/drawer`).catch(() => null);
    if (ticket !== wanted || !answer?.ok) return;
    drawer.innerHTML = await answer.text();
    drawer.dataset.number = row.dataset.number;
    fit();
    window.KuangAnCurve.drawAll(drawer);
    window.KuangAnTime.tick();
    if (window.matchMedia("(max-width: 1180px)").matches) drawer.scrollIntoView({ block: "start" });
  };
  const close = () => { wanted += 1; drawer.replaceChildren(); delete drawer.dataset.number; selected()?.focus(); };
  list.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-number]");
    if (!row || event.ctrlKey || event.metaKey || event.button !== 0) return;
    if (event.target.closest(".al-pick, [data-unfold], a:not(.al-open)")) return;
    event.preventDefault();
    open(row);
  });
  drawer.addEventListener("click", (event) => {
    if (event.target.closest("[data-close]")) { close(); return; }
    const button = event.target.closest("[data-open-form]");
    if (!button) return;
    const form = document.getElementById(button.dataset.openForm);
    const hidden = form.hidden;
    for (const other of drawer.querySelectorAll(".al-form")) other.hidden = true;
    form.hidden = !hidden;
    button.setAttribute("aria-expanded", String(hidden));
    if (hidden) form.querySelector("select, textarea, input:not([type=hidden])")?.focus();
  });
  drawer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Drawer": "1" } }).catch(() => null);
    button.disabled = false;
    if (!answer) { window.alert("未能提交：与服务器的连接中断。"); return; }
    drawer.innerHTML = await answer.text();
    window.KuangAnCurve.drawAll(drawer);
    window.KuangAnTime.tick();
    const row = selected();
    if (row) refresh([row.dataset.id]);
  });

  /* keys */
  const typing = (element) => (/^(INPUT|TEXTAREA|SELECT)$/.test(element?.tagName ?? "") && element.type !== "checkbox") || element?.isContentEditable;
  const step = (by) => {
    const all = rows();
    const next = all[Math.min(Math.max(all.indexOf(selected()) + by, 0), all.length - 1)];
    select(next);
    if (drawer.dataset.number) open(next);
  };
  const acknowledge = async () => {
    const row = selected();
    if (!row) return;
    if (drawer.dataset.number !== row.dataset.number) await open(row);
    drawer.querySelector('[data-act="acknowledge"]')?.requestSubmit();
  };
  const shelve = async () => {
    const row = selected();
    if (!row) return;
    if (drawer.dataset.number !== row.dataset.number) await open(row);
    const button = drawer.querySelector('[data-open-form="al-form-shelve"]');
    if (button && drawer.querySelector("#al-form-shelve").hidden) button.click();
  };
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("button, a, summary") && event.key === "Enter") return;
    const lines = window.KuangAnLines;
    const act = {
      j: () => step(1), k: () => step(-1), Enter: () => open(selected()), Escape: close, m: () => mute.click(),
      a: () => (lines.picked().length ? lines.acknowledge() : acknowledge()),
      s: () => (lines.picked().length ? lines.shelve() : shelve()),
      x: () => lines.toggle(selected()), o: () => lines.unfold(selected()), "?": lines.help,
    }[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  /* sparklines, for many alerts in one request */
  const sparks = async () => {
    const cells = [...list.querySelectorAll("[data-spark]:empty")].filter((cell) => cell.offsetParent !== null);
    if (!cells.length) return;
    const answer = await json(`/desk/sparklines?numbers=${cells.map((cell) => cell.dataset.spark).join(",")}`);
    if (!answer) return;
    for (const cell of cells) {
      const line = answer.lines[cell.dataset.spark];
      cell.innerHTML = window.KuangAnCurve.spark(line, answer.seconds, cell.closest("tr").dataset.severity) || '<span class="ka-muted">—</span>';
    }
  };

  /* arrivals: a bar, never a moving row; rows that stand are refreshed where they stand */
  const WORDS = [["red", "红"], ["orange", "橙"], ["yellow", "黄"], ["blue", "蓝"]];
  let announced = 0, before = 0;
  const arrivals = async () => {
    const newest = list.querySelector("[data-newest]")?.dataset.newest ?? "0";
    const answer = await json(`/desk/arrivals?newest=${newest}&${query()}`);
    if (!answer) return;
    if (answer.figures) document.getElementById("al-figures")?.replaceWith(Object.assign(document.createElement("template"), { innerHTML: answer.figures }).content);
    const total = WORDS.reduce((sum, [grade]) => sum + (answer.counts[grade] ?? 0), 0);
    bar.hidden = total === 0;
    bar.querySelector("[data-text]").textContent =
      `有 ${total} 条新告警（${WORDS.filter(([g]) => answer.counts[g]).map(([g, w]) => `${w} ${answer.counts[g]}`).join(" · ")}）`;
    if (total > announced) bar.classList.add("ka-arrived");
    announced = total;
    if ((answer.counts.red ?? 0) > before) ring();
    before = answer.counts.red ?? 0;
  };
  const refresh = async (ids) => {
    const mine = rows().filter((row) => ids.map(String).includes(row.dataset.id));
    if (!mine.length) return;
    const answer = await fetch(`/desk/rows?ids=${mine.map((row) => row.dataset.id).join(",")}`).catch(() => null);
    if (!answer?.ok) return;
    const fresh = Object.assign(document.createElement("template"), { innerHTML: `<table>${await answer.text()}</table>` }).content;
    for (const row of mine) {
      const replacement = fresh.getElementById(row.id);
      if (!replacement || row.dataset.fold === "county") continue;
      window.KuangAnLines.carry(row, replacement);
      const spark = row.querySelector("[data-spark]");
      if (row.getAttribute("aria-selected")) replacement.setAttribute("aria-selected", "true");
      if (spark) replacement.querySelector("[data-spark]")?.replaceWith(spark);
      row.replaceWith(replacement);
    }
  };
  const show = async () => {
    const answer = await fetch(`/desk/?${query()}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return;
    const number = selected()?.dataset.number;
    list.innerHTML = await answer.text();
    bar.hidden = true;
    announced = before = 0;
    select(rows().find((row) => row.dataset.number === number) ?? null);
    sparks();
    window.KuangAnLines.count();
  };
  list.addEventListener("kuangan:lines", () => sparks());
  list.addEventListener("kuangan:refresh", show);
  bar.querySelector("[data-show]").addEventListener("click", show);
  document.addEventListener("kuangan:alerts", (event) => {
    arrivals();
    refresh(event.detail?.changed ?? []);
  });

  /* sound: three short tones for a new red alert; off until a first gesture allows it, muted by choice */
  let audio = null;
  const muted = () => { try { return localStorage.getItem("kuangan.mute") === "1"; } catch { return false; } };
  const showMute = () => {
    const off = muted();
    mute.setAttribute("aria-pressed", String(off));
    mute.querySelector("[data-on]").hidden = off;
    mute.querySelector("[data-off]").hidden = !off;
    mute.querySelector("[data-word]").textContent = off ? "已静音" : "声音开";
  };
  mute.addEventListener("click", () => { try { localStorage.setItem("kuangan.mute", muted() ? "0" : "1"); } catch { /* private window */ } showMute(); });
  const ring = () => {
    if (muted()) return;
    audio ??= new (window.AudioContext || window.webkitAudioContext)();
    audio.resume();
    for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]]) {
      const tone = audio.createOscillator(), volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, audio.currentTime + start);
      volume.gain.exponentialRampToValueAtTime(0.25, audio.currentTime + start + 0.03);
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + start + 0.22);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + start);
      tone.stop(audio.currentTime + start + 0.24);
    }
  };
  showMute();
  sparks();
})();
