/* Lines of the desk: folding open and shut, ticking, acts on many at once, the help on keys. */
window.KuangAnLines = (() => {
  "use strict";
  const list = document.getElementById("al-list");
  const bar = document.getElementById("al-batch");
  const answers = document.getElementById("al-answers");
  const picks = () => [...list.querySelectorAll(".al-pick")];
  const picked = () => picks().filter((box) => box.checked);

  const count = () => {
    const chosen = picked();
    const alerts = new Set(chosen.flatMap((box) => box.value.split(",")));
    bar.hidden = chosen.length === 0;
    bar.querySelector("[data-picked]").textContent = `已选 ${chosen.length} 行，${alerts.size} 条告警`;
    for (const box of picks()) box.closest("tr").classList.toggle("al-picked", box.checked);
  };
  const toggle = (row) => {
    const box = row?.querySelector(".al-pick");
    if (!box) return;
    box.checked = !box.checked;
    count();
  };
  list.addEventListener("change", (event) => {
    if (event.target.id === "al-pick-all") for (const box of picks()) if (!box.closest(".al-member")) box.checked = event.target.checked;
    if (event.target.matches(".al-pick, #al-pick-all")) count();
  });

  /* a folded line opens to the rows beneath it */
  const membersOf = (row) => [...list.querySelectorAll(`tr.al-member[data-of="${row.dataset.id}"]`)];
  const unfold = async (row) => {
    const button = row?.querySelector("[data-unfold]");
    if (!button) return;
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) { for (const member of membersOf(row)) member.remove(); count(); return; }
    const ids = row.dataset.members.split(",").filter((id) => row.dataset.fold === "county" || id !== row.dataset.id);
    const answer = await fetch(`/desk/rows?ids=${ids.slice(0, 200).join(",")}`).catch(() => null);
    if (!answer?.ok || button.getAttribute("aria-expanded") !== "true") return;
    const fresh = Object.assign(document.createElement("template"), { innerHTML: `<table><tbody>${await answer.text()}</tbody></table>` }).content;
    let after = row;
    for (const member of fresh.querySelectorAll("tr[data-number]")) {
      member.classList.add("al-member");
      member.dataset.of = row.dataset.id;
      if (member.id === row.id) member.removeAttribute("id");
      after.after(member);
      after = member;
    }
    list.dispatchEvent(new CustomEvent("kuangan:lines"));
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unfold]");
    if (button) unfold(button.closest("tr"));
  });
  /* what a row that is drawn anew keeps of the line it is */
  const carry = (row, fresh) => {
    for (const name of ["members", "fold", "of"]) if (row.dataset[name]) fresh.dataset[name] = row.dataset[name];
    for (const name of ["al-member", "al-picked"]) fresh.classList.toggle(name, row.classList.contains(name));
    const [before, after] = [row.querySelector(".al-pick"), fresh.querySelector(".al-pick")];
    if (before && after) { after.value = before.value; after.checked = before.checked; }
    const fold = row.querySelector("[data-unfold]");
    if (fold) fresh.querySelector("td:nth-child(2) > small")?.before(fold);
  };

  /* many at once: one answer for each alert */
  const send = async (address) => {
    const said = new FormData(bar);
    for (const box of picked()) said.append("ids", box.value);
    said.set("reason", said.get("note"));
    const answer = await fetch(address, { method: "POST", body: said, headers: { "X-Drawer": "1" } }).catch(() => null);
    if (!answer) { window.alert("未能提交：与服务器的连接中断。"); return; }
    answers.innerHTML = await answer.text();
    if (!answer.ok) { bar.querySelector('[name="note"]').focus(); return; }
    for (const box of picks()) box.checked = false;
    bar.reset();
    count();
    list.dispatchEvent(new CustomEvent("kuangan:refresh"));
  };
  const download = (address) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: address, hidden: true });
    const fields = [["csrfmiddlewaretoken", bar.querySelector("[name=csrfmiddlewaretoken]").value], ...picked().map((box) => ["ids", box.value])];
    for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { name, value }));
    document.body.append(form);
    form.submit();
    form.remove();
  };
  bar.addEventListener("submit", (event) => event.preventDefault());
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.batch) send(button.dataset.batch);
    if (button?.dataset.export) download(button.dataset.export);
    if (button && "unpick" in button.dataset) { for (const box of picks()) box.checked = false; count(); }
  });
  answers.addEventListener("click", (event) => { if (event.target.closest("[data-close-answers]")) answers.replaceChildren(); });

  return {
    picked, toggle, unfold, carry, count,
    acknowledge: () => send("/desk/acknowledge"),
    shelve: () => bar.querySelector('[name="note"]').focus(),
    help: () => document.getElementById("al-help").showModal(),
  };
})();
