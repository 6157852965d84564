/* The curve browser: overview from the server, every reading once the window is narrow enough. */
(() => {
  "use strict";
  const list = document.querySelector(".cv-list");
  if (list) {
    const most = Number(list.dataset.cvMost), count = document.querySelector("[data-cv-count]");
    const boxes = () => [...list.querySelectorAll("input[type=checkbox]")];
    const tally = () => {
      const on = boxes().filter((box) => box.checked).length;
      count.textContent = String(on);
      for (const box of boxes()) box.disabled = !box.checked && on >= most;
    };
    list.addEventListener("change", tally);
    document.querySelector("[data-cv-filter]").addEventListener("input", (event) => {
      const words = event.target.value.trim().toLowerCase();
      for (const label of list.querySelectorAll("label")) label.hidden = !label.textContent.toLowerCase().includes(words);
    });
    tally();
  }
  const element = document.getElementById("cv-chart");
  if (!element) return;
  const COLOURS = ["#1557b0", "#d46b08", "#237804", "#7a3fa0", "#0e8a8a", "#b0306a", "#6b5b00", "#44505c"];
  const GRADES = { red: "#cf1322", orange: "#d46b08", yellow: "#c9a200", blue: "#096dd9" };
  const LANES = ["断档", "坏值", "标校", "矿方报警", "告警"];
  const beijing = (options) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour12: false, ...options });
  const full = beijing({ month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const hour = beijing({ hour: "2-digit", minute: "2-digit" }), day = beijing({ month: "2-digit", day: "2-digit" });
  const tick = (ms, span) => (span > 2 * 864e5 ? day.format(ms) : span > 864e5 / 2 ? `${day.format(ms)}\n${hour.format(ms)}` : hour.format(ms));
  const chart = window.echarts.init(element, null, { renderer: "canvas" });
  const base = new URLSearchParams(element.dataset.query);
  let overview = null, shown = null;

  const fetched = (from, to) => {
    const query = new URLSearchParams(base);
    query.set("from", String(Math.floor(from)));
    query.set("to", String(Math.ceil(to)));
    return fetch(`${element.dataset.source}?${query}`, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  };
  const units = () => [...new Set(overview.points.map((point) => point.unit))];
  const merged = (whole, part, from, to) => (part ? [...whole.filter(([at]) => at < from), ...part, ...whole.filter(([at]) => at > to)] : whole);

  const bands = () => {
    const found = [];
    const put = (lane, from, to, colour, text) => found.push({ value: [LANES.indexOf(lane), from, to], itemStyle: { color: colour }, text });
    overview.points.forEach((point, index) => {
      const colour = COLOURS[index];
      for (const [from, to] of point.gaps) put("断档", from, to, colour, `${point.name} 断档`);
      for (const [from, to] of point.bad) put("坏值", from, to, colour, `${point.name} 坏值`);
      for (const [from, to] of point.calibrating) put("标校", from, to, colour, `${point.name} 标校`);
    });
    for (const report of overview.reported) put("矿方报警", report.from, report.to, "#7a3fa0", `矿方报警 ${report.type} 最大 ${report.max ?? "—"}`);
    for (const alert of overview.alerts) put("告警", alert.from, alert.to, GRADES[alert.grade], `${alert.word}色告警 ${alert.title}`);
    return found;
  };
  const drawBand = (params, api) => {
    const from = api.coord([api.value(1), api.value(0)]), to = api.coord([api.value(2), api.value(0)]);
    const height = api.size([0, 1])[1] * 0.62, area = params.coordSys;
    const left = Math.max(from[0], area.x), right = Math.min(Math.max(to[0], from[0] + 2), area.x + area.width);
    return right <= area.x || left >= area.x + area.width ? null : { type: "rect", shape: { x: left, y: from[1] - height / 2, width: right - left, height }, style: { fill: api.visual("color") } };
  };
  const stepped = (segments, name) => segments.flatMap((segment) => [[segment.from, segment[name]], [segment.to, segment[name]]]);
  const threshold = (point, index, name, type) => ({
    name: `${point.name} ${name}`, type: "line", data: stepped(point.limits, name), yAxisIndex: units().indexOf(point.unit), showSymbol: false, silent: true, connectNulls: false, tooltip: { show: false },
    lineStyle: { type, width: 1.1, color: COLOURS[index], opacity: 0.75 }, itemStyle: { color: COLOURS[index] }, z: 1,
  });
  const lines = () => overview.points.map((point, index) => {
    const part = shown && shown.points.find((other) => other.code === point.code);
    return {
      id: point.code, name: point.name, type: "line", data: merged(point.data, part && part.data, shown && shown.from, shown && shown.to), step: point.step ? "end" : false,
      yAxisIndex: units().indexOf(point.unit), showSymbol: false, connectNulls: false, lineStyle: { width: 1.5, color: COLOURS[index] }, itemStyle: { color: COLOURS[index] }, z: 3,
      ...(index === 0 ? { markArea: { silent: true, data: overview.alerts.map((alert) => [{ xAxis: alert.from, itemStyle: { color: GRADES[alert.grade], opacity: 0.09 } }, { xAxis: alert.to }]) } } : {}),
    };
  });
  const names = () => { const seen = {}; for (const point of overview.points) { seen[point.name] = (seen[point.name] || 0) + 1; if (seen[point.name] > 1) point.name = `${point.name} ${point.code.slice(-6)}`; } };

  const draw = () => {
    const narrow = element.clientWidth < 600, span = overview.to - overview.from, axes = units();
    const side = { left: narrow ? 46 : 62, right: axes.length > 1 ? (narrow ? 40 : 60) : 18 };
    const top = narrow ? 20 * Math.min(overview.points.length, 4) + 22 : 24 * Math.ceil(overview.points.length / 4) + 22;
    const x = (grid, labels) => ({ type: "time", gridIndex: grid, min: overview.from, max: overview.to, axisLabel: { show: labels, fontSize: 11, hideOverlap: true, formatter: (ms) => tick(ms, span) }, axisTick: { show: labels }, axisPointer: { label: { formatter: ({ value }) => full.format(value) } }, splitLine: { show: false } });
    chart.setOption({
      animation: false,
      legend: { type: "scroll", top: 0, left: 6, right: 6, itemHeight: 3, textStyle: { fontSize: 11 }, data: overview.points.map((point) => point.name), ...(narrow ? { orient: "vertical", height: 20 * Math.min(overview.points.length, 4), right: "auto" } : {}) },
      tooltip: { trigger: "axis", confine: true, formatter: (items) => {
        const own = items.filter((item) => item.seriesType === "line" && item.seriesId && overview.points.some((point) => point.code === item.seriesId));
        if (!own.length) return "";
        const row = document.createElement("div");
        row.append(full.format(own[0].value[0]));
        for (const item of own) {
          const point = overview.points.find((other) => other.code === item.seriesId), text = document.createElement("div");
          text.textContent = `${point.name}：${item.value[1] ?? "—"} ${point.unit}`;
          text.style.color = item.color;
          row.append(text);
        }
        return row;
      } },
      axisPointer: { link: [{ xAxisIndex: "all" }] },
      grid: [{ ...side, top, bottom: 158 }, { ...side, height: 88, bottom: 48 }],
      xAxis: [x(0, true), x(1, false)],
      yAxis: [
        ...axes.map((unit, index) => ({ type: "value", name: unit, gridIndex: 0, position: index % 2 ? "right" : "left", offset: Math.floor(index / 2) * 46, axisLabel: { fontSize: 11 }, nameTextStyle: { fontSize: 11 }, splitLine: { show: index === 0, lineStyle: { color: "#eef1f5" } }, scale: false })),
        { type: "category", gridIndex: 1, data: LANES, axisLabel: { fontSize: 10.5, interval: 0 }, axisTick: { show: false }, axisLine: { show: false }, splitLine: { show: true, lineStyle: { color: "#f1f4f8" } } },
      ],
      dataZoom: [{ type: "inside", xAxisIndex: [0, 1], filterMode: "none", minValueSpan: 60000 }, { type: "slider", xAxisIndex: [0, 1], filterMode: "none", height: 20, bottom: 8, minValueSpan: 60000, labelFormatter: (ms) => full.format(ms), textStyle: { fontSize: 10 } }],
      series: [
        ...lines(),
        ...overview.points.flatMap((point, index) => [threshold(point, index, "limit", "dashed"), threshold(point, index, "cut", "dotted"), threshold(point, index, "low", "dashed")]),
        { type: "custom", name: "带", xAxisIndex: 1, yAxisIndex: axes.length, renderItem: drawBand, encode: { x: [1, 2], y: 0 }, data: bands(), clip: true, tooltip: { trigger: "item", formatter: ({ data }) => { const text = document.createElement("div"); text.textContent = `${data.text}：${full.format(data.value[1])} 至 ${full.format(data.value[2])}`; return text; } } },
      ],
    }, { replaceMerge: ["series"] });
  };

  const tell = () => {
    const now = shown || overview, total = now.points.reduce((sum, point) => sum + point.count, 0), thinned = now.points.some((point) => point.thinned);
    document.querySelector("[data-cv-note]").textContent = `${full.format(now.from)} 至 ${full.format(now.to)}，${total} 条读数${thinned ? "，按时段显示最高与最低" : "，逐条显示"}`;
    for (const [index, point] of overview.points.entries()) {
      const row = document.querySelector(`[data-cv-row="${CSS.escape(point.code)}"]`);
      row.querySelector(".cv-dot").style.background = COLOURS[index];
      row.querySelector("[data-cv-readings]").textContent = String(point.count);
      row.querySelector("[data-cv-faults]").textContent = `${point.gaps.length} / ${point.bad.length} / ${point.calibrating.length}`;
    }
    const body = document.querySelector("[data-cv-alerts]");
    body.replaceChildren(...(overview.alerts.length ? overview.alerts.map((alert) => {
      const row = document.createElement("tr"), cell = row.insertCell(), link = document.createElement("a"), when = row.insertCell();
      row.dataset.severity = alert.grade;
      link.href = `/alerts/${alert.number}/`;
      link.textContent = alert.title;
      cell.append(`${alert.word} `, link);
      when.className = "ka-num";
      when.textContent = `${full.format(alert.from)} 至 ${full.format(alert.to)}`;
      return row;
    }) : [Object.assign(document.createElement("tr"), { innerHTML: '<td class="ka-empty">该时段没有告警</td>' })]));
  };
  let waiting = 0;
  const zoomed = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(async () => {
      const { startValue, endValue } = chart.getOption().dataZoom[0];
      const from = Math.max(overview.from, startValue), to = Math.min(overview.to, endValue);
      const wide = to - from > (overview.to - overview.from) * 0.98 || !overview.points.some((point) => point.thinned);
      shown = wide ? null : await fetched(from, to);
      chart.setOption({ series: lines() });
      tell();
      element.dataset.shown = shown ? "detail" : "overview";
      const link = document.querySelector("[data-cv-export]"), query = new URLSearchParams(base);
      query.set("from", String(Math.floor(from)));
      query.set("to", String(Math.ceil(to)));
      if (link) link.href = `${link.getAttribute("href").split("?")[0]}?${query}`;
    }, 300);
  };
  const begin = async () => {
    overview = await fetched(Number(base.get("from")), Number(base.get("to")));
    if (!overview) { element.textContent = "读取失败，请重试"; return; }
    names();
    draw();
    tell();
    element.dataset.shown = "overview";
    chart.on("datazoom", zoomed);
  };
  window.addEventListener("resize", () => { chart.resize(); if (overview) draw(); });
  begin();
})();
