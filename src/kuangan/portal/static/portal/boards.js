/* Boards of dangers: the day of each point of the page as a short line, and larger curves with the edges of the sound band. */
(() => {
  "use strict";
  const DAY = 864e5, COLOURS = { red: "#cf1322", orange: "#d46b08", yellow: "#b08900", blue: "#096dd9" };
  const json = (address) => fetch(address, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null)).catch(() => null);
  const severity = (element) => element.closest("[data-severity]")?.dataset.severity;

  const sparks = async (table) => {
    const cells = [...table.querySelectorAll("[data-board-line]")];
    const query = new URLSearchParams(cells.map((cell) => ["point", cell.dataset.boardLine]));
    const answer = await json(`${table.dataset.boardLines}?${query}`);
    for (const cell of answer ? cells : []) {
      const drawn = window.KuangAnCurve.spark(answer.lines[cell.dataset.boardLine], answer.seconds, severity(cell));
      if (drawn) cell.innerHTML = drawn;
    }
  };

  const edge = (name, value) => ({ yAxis: value, name, lineStyle: { type: "dashed", color: "#d46b08" }, label: { formatter: `${name} ${value}`, position: "insideStartTop", fontSize: 11, color: "#5b6673" } });
  const clock = (ms) => window.KuangAnTime.clock(ms).slice(0, 5);
  const chart = async (element) => {
    const { mine, point, low, high } = element.dataset;
    const answer = await json(`${element.dataset.boardChart}?${new URLSearchParams({ mine, point, hours: "24" })}`);
    const line = answer && answer.points[0];
    if (!line || line.data.length === 0) { element.textContent = "近 24 小时没有数据"; element.classList.add("ka-empty"); return; }
    const edges = [...(low === undefined ? [] : [edge("下界", Number(low))]), ...(high === undefined ? [] : [edge("上界", Number(high))])];
    const shown = edges.filter(({ yAxis }) => line.data.some(([, value]) => value !== null && Math.abs(value - yAxis) <= Math.abs(yAxis) * 3 + 1));
    const colour = COLOURS[severity(element)] || "#1557b0";
    const bounds = (pick, extreme) => pick(extreme, ...shown.map(({ yAxis }) => yAxis));
    const drawn = window.echarts.init(element, null, { renderer: "canvas" });
    drawn.setOption({
      animation: false, grid: { left: 52, right: 10, top: 22, bottom: 22 },
      tooltip: { trigger: "axis", valueFormatter: (value) => (value === null || value === undefined ? "—" : `${value} ${line.unit}`) },
      xAxis: { type: "time", min: answer.to - DAY, max: answer.to, axisLabel: { fontSize: 11, hideOverlap: true, formatter: clock }, axisPointer: { label: { formatter: ({ value }) => window.KuangAnTime.clock(value) } } },
      yAxis: { type: "value", scale: true, name: line.unit, nameTextStyle: { fontSize: 11, align: "left" }, axisLabel: { fontSize: 11, hideOverlap: true }, splitLine: { lineStyle: { color: "#eef1f5" } }, min: ({ min }) => bounds(Math.min, min), max: ({ max }) => bounds(Math.max, max) },
      series: [{ type: "line", name: line.name, showSymbol: false, connectNulls: false, step: line.step ? "end" : false, data: line.data, lineStyle: { width: 1.6, color: colour }, itemStyle: { color: colour }, markLine: { silent: true, symbol: "none", animation: false, data: shown } }],
    });
    window.addEventListener("resize", () => drawn.resize());
  };

  for (const table of document.querySelectorAll("[data-board-lines]")) sparks(table);
  for (const element of document.querySelectorAll("[data-board-chart]")) chart(element);
})();
