/* Curves: one ECharts chart per [data-curve] element, and sparklines drawn as SVG. */
window.KuangAnCurve = (() => {
  "use strict";
  const COLOURS = { red: "#cf1322", orange: "#d46b08", yellow: "#b08900", blue: "#096dd9" };
  const LINES = ["#cf1322", "#5b8ff9", "#5ad8a6"];
  const charts = new Set();
  const clock = (ms) => window.KuangAnTime.clock(ms);

  const ceiling = (value) => {
    if (!(value > 0)) return null;
    const step = 10 ** Math.floor(Math.log10(value)) / 2;
    return Number((Math.ceil((value * 1.08) / step) * step).toFixed(6));
  };
  const limits = (answer) => answer.limits.map((limit) => ({
    yAxis: limit.value, lineStyle: { type: "dashed", color: limit.cut ? "#a8071a" : "#d46b08" },
    label: { formatter: `${limit.name} ${limit.value}`, position: "insideStartTop", color: "#5b6673", fontSize: 11 },
  }));
  /* Marks stand above the plot; of marks closer than their words are wide only the last is named. */
  const marks = (answer) => {
    const near = (answer.to - answer.from) * 0.06;
    const all = [{ at: answer.onset, word: "起始", colour: "#5b6673", type: "solid" },
      ...answer.grades.filter((mark) => mark.at > answer.onset + 5000).map((mark) => ({ at: mark.at, word: mark.word, colour: COLOURS[mark.grade], type: "dotted" }))];
    return all.map((mark, index) => ({
      xAxis: mark.at, lineStyle: { type: mark.type, color: mark.colour },
      label: { show: !(all[index + 1] && all[index + 1].at - mark.at < near), formatter: mark.word, fontSize: 11, color: mark.colour, position: "end", rotate: 0 },
    }));
  };
  const area = (answer) => ({
    silent: true,
    data: [
      [{ xAxis: answer.onset, itemStyle: { color: "rgba(207,19,34,.07)" } }, { xAxis: answer.end ?? answer.to }],
      ...answer.series[0].calibrating.map(([from, to]) => [{ xAxis: from, itemStyle: { color: "rgba(140,149,161,.25)" }, label: { show: true, formatter: "标校", fontSize: 10 } }, { xAxis: to }]),
    ],
  });
  const options = (answer, narrow) => ({
    animation: false,
    grid: { left: 42, right: 12, top: answer.series.length > 1 ? (narrow ? 62 : 44) : 30, bottom: 24 },
    legend: { show: answer.series.length > 1, top: 0, right: 0, itemHeight: 2, textStyle: { fontSize: 11 } },
    tooltip: { trigger: "axis", valueFormatter: (value) => (value === null || value === undefined ? "—" : `${value} ${answer.unit}`) },
    xAxis: { type: "time", min: answer.from, max: answer.to, axisLabel: { fontSize: 11, formatter: (ms) => clock(ms).slice(0, 5), hideOverlap: true }, axisPointer: { label: { formatter: ({ value }) => clock(value) } } },
    yAxis: { type: "value", scale: false, name: answer.unit, nameTextStyle: { fontSize: 11, align: "left" }, axisLabel: { fontSize: 11 }, splitLine: { lineStyle: { color: "#eef1f5" } },
      max: (extent) => ceiling(Math.max(extent.max, ...answer.limits.map((limit) => limit.value))) },
    series: answer.series.map((line, index) => ({
      name: line.name, type: "line", showSymbol: false, connectNulls: false, data: line.data,
      lineStyle: { width: index === 0 ? 2 : 1.2, color: LINES[index] }, itemStyle: { color: LINES[index] }, z: index === 0 ? 3 : 2,
      ...(index === 0 ? { markLine: { silent: true, symbol: "none", animation: false, data: [...limits(answer), ...marks(answer)] }, markArea: area(answer) } : {}),
    })),
  });
  const draw = async (element) => {
    const answer = await fetch(element.dataset.curve, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (!element.isConnected) return;
    if (!answer || answer.series.every((line) => line.data.length === 0)) { element.classList.add("al-chart-empty"); element.textContent = "该时段没有数据"; return; }
    const chart = window.echarts.init(element, null, { renderer: "canvas" });
    chart.setOption(options(answer, element.clientWidth < 500));
    charts.add(chart);
    element.dataset.drawn = "1";
  };
  const drawAll = (root) => {
    for (const chart of [...charts]) if (!chart.getDom()?.isConnected) { chart.dispose(); charts.delete(chart); }
    for (const element of root.querySelectorAll("[data-curve]:not([data-drawn])")) draw(element);
  };
  window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));

  const spark = (points, seconds, colour) => {
    if (!points || points.length < 2) return "";
    const width = 76, height = 26, values = points.map(([, v]) => v);
    const low = Math.min(0, ...values), high = Math.max(...values), range = high - low || 1, step = seconds / 60;
    let path = "", before = null;
    for (const [second, value] of points) {
      const x = (second / seconds) * width, y = height - 3 - ((value - low) / range) * (height - 6);
      path += `${before === null || second - before > 3.5 * step ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
      before = second;
    }
    return `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><path d="${path}" fill="none" stroke="${COLOURS[colour] || "#8c95a1"}" stroke-width="1.6"/></svg>`;
  };
  return { drawAll, spark };
})();
