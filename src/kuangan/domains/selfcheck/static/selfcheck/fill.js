// Keeps each item as it is answered; without it the form is kept part by part. Keys 1 2 3 answer, J and K go on and back.
(() => {
  const form = document.querySelector(".sc-form");
  if (!form) return;
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const items = [...form.querySelectorAll("[data-sc-item]")];
  const fields = ["value", "text", "valid_from", "valid_to"];
  const said = (item, words, bad) => {
    const place = item.querySelector("[data-sc-kept]");
    place.textContent = words;
    place.classList.toggle("ka-red", Boolean(bad));
  };
  const read = (item, name) => {
    const node = item.dataset.scItem;
    if (name === "value") return item.querySelector(`[name="value-${node}"]:checked`)?.value || "";
    return item.querySelector(`[name="${name}-${node}"]`).value;
  };
  const keep = async (item) => {
    const node = item.dataset.scItem, body = new URLSearchParams();
    if (!read(item, "value")) return;
    fields.forEach((name) => body.set(`${name}-${node}`, read(item, name)));
    const address = `/selfcheck/sheets/${form.dataset.scNumber}/items/${node}/`;
    try {
      const answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token }, body });
      const told = await answer.json();
      if (told.faults) return said(item, Object.values(told.faults).join("；"), true);
      said(item, `${told.kept} 已保存`);
      document.querySelector("[data-sc-progress]").textContent = `${told.answered}/${told.asked}`;
      document.querySelector(".sc-progress progress").value = told.answered;
    } catch {
      said(item, "未能自动保存，请点“保存”", true);
    }
  };
  items.forEach((item) => item.addEventListener("change", (event) => {
    if (event.target.type !== "file" && event.target.type !== "checkbox") keep(item);
  }));
  const inside = () => items.findIndex((item) => item.contains(document.activeElement));
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    if (event.target.tagName === "INPUT" && event.target.type !== "radio") return;
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    const here = inside();
    if (step) {
      const next = items[here < 0 ? 0 : Math.min(items.length - 1, Math.max(0, here + step))];
      next.focus();
      next.scrollIntoView({ block: "start" });
      event.preventDefault();
    } else if (["1", "2", "3"].includes(event.key) && here >= 0) {
      const choice = items[here].querySelectorAll("[type=radio]")[Number(event.key) - 1];
      choice.checked = true;
      choice.dispatchEvent(new Event("change", { bubbles: true }));
      event.preventDefault();
    }
  });
})();
