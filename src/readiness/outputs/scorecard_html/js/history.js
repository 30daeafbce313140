// Lines over time, drawn by uPlot; the same numbers stand in a table under each.
const HISTORY = DATA.history;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4]];
const day = (point) => point.when.slice(0, 10);
const charts = new Set();

// Services are counted in whole numbers.
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];

const drawChart = (box, times, series, most, incrs) => {
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
  const width = Math.max(240, box.clientWidth);
  const numbers = series.flatMap((one) => one.values.filter((value) => value !== null));
  return new uPlot(
    {
      width, height: 220, legend: { show: false }, cursor: { show: false }, padding: [12, 16, 0, 0],
      scales: { y: { range: [Math.min(0, ...numbers), most || Math.max(1, ...numbers) * 1.05] } },
      axes: [{ ...axis, space: 70 }, { ...axis, size: 56, ...(incrs ? { incrs } : {}) }],
      series: [{}, ...series.map((one, number) => ({
        label: one.name, stroke: colour(one.colour), width: 2, dash: DASHES[number % DASHES.length], spanGaps: true,
        points: { show: !one.level && times.length < 40, size: 5, fill: colour(one.colour) },
      }))],
    },
    [times, ...series.map((one) => one.values)], box);
};

// `series`: `{name, values, colour}`; colours are names of properties, so that they follow the theme.
const lineChart = (title, points, series, most, unit = "", incrs = null) => {
  const times = points.map((point) => Date.parse(point.when) / 1000);
  const box = el("div", { class: "chart", role: "img", "aria-label": `${title}, ${day(points[0])} to ${day(points[points.length - 1])}` });
  const key = el("p", { class: "key" }, series.map((one, number) =>
    el("span", null, svg("svg", { class: "dash", viewBox: "0 0 28 8", "aria-hidden": "true", focusable: "false" },
      svg("line", { x1: 0, y1: 4, x2: 28, y2: 4, class: one.colour.slice(2), "stroke-dasharray": DASHES[number % DASHES.length].join(" ") })), " ", one.name)));
  const numbers = el("details", null, el("summary", null, "The numbers"),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `${title}: the numbers` },
      el("table", null, el("caption", { class: "vh" }, title),
        el("thead", null, el("tr", null, el("th", { scope: "col" }, "Run"), el("th", { scope: "col" }, "Commit"),
          series.map((one) => el("th", { scope: "col", class: "num" }, one.name)))),
        el("tbody", null, points.map((point, index) =>
          el("tr", null, el("th", { scope: "row" }, day(point)), el("td", null, code(point.commit.slice(0, 10))),
            series.map((one) => el("td", { class: "num" }, figure(one.values[index], unit)))))))));
  let plot = null;
  const draw = () => {
    if (plot) plot.destroy();
    plot = drawChart(box, times, series, most, incrs);
  };
  const chart = { draw, box };
  charts.add(chart);
  return { node: el("figure", null, el("figcaption", null, title), series.length > 1 ? key : null, box, numbers), draw };
};
const redraw = () => charts.forEach((chart) => (chart.box.isConnected ? chart.draw() : charts.delete(chart)));

// Numbers that are measured in another way are not on one line; where that changed is said.
const changedRuns = HISTORY.filter((point, index) => index && point.measured !== HISTORY[index - 1].measured);
const changedNote = () =>
  changedRuns.length
    ? el("p", { class: "note" }, `Policies, levels or key figures were other ones before ${changedRuns.map(day).join(", ")}: numbers before and after are not measured alike.`)
    : null;

const kpiChart = (kpi) => {
  if (!HISTORY.length) return null;
  const number = DATA.kpis.indexOf(kpi);
  const points = HISTORY.filter((point) => point.kpis[number] !== null);
  if (points.length < 2) return null;
  return lineChart(`${kpi.name} over time`, points, [
    { name: "value", values: points.map((point) => point.kpis[number]), colour: "--line-1" },
    { name: "target now", values: points.map(() => kpi.target), colour: "--line-2", level: true },
  ], kpi.unit === "percent" ? 100 : null, kpi.unit);
};

const serviceChart = (service) => {
  const points = HISTORY.filter((point) => point.services && point.services[service.number] !== null);
  if (points.length < 2) return null;
  const every = HISTORY.length > HISTORY.filter((point) => point.services).length;
  return lineChart(every ? "Score over time (some runs are left out, for the size of this file)" : "Score over time", points, [
    { name: "score", values: points.map((point) => point.services[service.number]), colour: "--line-1" },
  ], 100);
};

if (HISTORY.length)
  VIEWS.history = {
    open() {
      const scored = HISTORY.filter((point) => point.score !== null);
      const all = [
        scored.length > 1 && lineChart("Average score of services", scored, [{ name: "average score", values: scored.map((point) => point.score), colour: "--line-1" }], 100),
        lineChart("Services by level", HISTORY, LEVELS.map((name, number) => ({
          name: name || "none", values: HISTORY.map((point) => point.levels[number]), colour: `--${levelRank(number)}`,
        })), null, "", WHOLE),
        ...DATA.kpis.map(kpiChart),
      ].filter(Boolean);
      return {
        nodes: [heading("History"), el("p", { class: "soft" }, `${count(HISTORY.length, "run")} from ${day(HISTORY[0])} to ${day(HISTORY[HISTORY.length - 1])}.`), changedNote(),
          el("div", { class: "charts" }, all.map((chart) => chart.node))],
        update() {},
        shown: () => all.forEach((chart) => chart.draw()),
      };
    },
  };
