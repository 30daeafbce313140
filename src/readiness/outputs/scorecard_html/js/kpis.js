// Key figures: bars against their targets, and the list behind each.
const kpiMost = (kpi) => (kpi.unit === "percent" ? 100 : Math.max(kpi.target, kpi.actual || 0) * 1.25);
const kpiState = (kpi) => (kpi.good === null ? "not measured" : kpi.good ? "on target" : "off target");
const kpiBadge = (kpi) =>
  el("span", { class: `status ${kpi.good === null ? "unknown" : kpi.good ? "met" : "not-met"}` },
    el("span", { "aria-hidden": "true" }, kpi.good === null ? "?" : kpi.good ? "✓" : "✗"), " ", kpiState(kpi));
const kpiBar = (kpi) => bar(kpi.actual, kpiMost(kpi), kpi.target, kpi.good === false ? "fill off" : "fill", "bar full");
const kpiTarget = (kpi) => `${sign(kpi.comparison)} ${figure(kpi.target, kpi.unit)}`;
const kpiTrend = (kpi) => {
  if (none(kpi.trend)) return "";
  const shown = kpi.trend.toLocaleString("en", { maximumFractionDigits: 1, signDisplay: "exceptZero" });
  const better = kpi.comparison.startsWith("<") ? kpi.trend < 0 : kpi.trend > 0;
  return kpi.trend === 0 || kpi.comparison === "=" ? shown : `${shown} (${better ? "better" : "worse"})`;
};

VIEWS.kpis = {
  open() {
    const table = dataTable({
      caption: "Key figures", noun: ["key figure"], rows: DATA.kpis, sort: "state",
      filters: [
        { name: "text", label: "Search", type: "search" },
        { name: "state", label: "State", type: "select", options: optionsOf(["on target", "off target", "not measured"]) },
      ],
      keep: (params) => (kpi) =>
        (none(params.state) || kpiState(kpi) === params.state) &&
        words(params.text).every((word) => `${kpi.name} ${kpi.id} ${CONTROLS[kpi.control]?.id || ""}`.toLowerCase().includes(word)),
      columns: [
        { id: "name", title: "Key figure", head: true, value: (kpi) => kpi.name, cell: (kpi) => link("kpi", kpi.id, null, kpi.name) },
        { id: "state", title: "State", value: (kpi) => (kpi.good === null ? 2 : kpi.good ? 1 : 0), cell: kpiBadge },
        { id: "bar", title: "Now against target", cell: kpiBar },
        { id: "actual", title: "Now", num: true, value: (kpi) => kpi.actual, cell: (kpi) => figure(kpi.actual, kpi.unit) },
        { id: "target", title: "Target", num: true, cell: kpiTarget },
        { id: "met", title: "Met", num: true, value: (kpi) => (kpi.of ? kpi.met / kpi.of : null), cell: (kpi) => `${whole(kpi.met)} of ${whole(kpi.of)}` },
        { id: "unknown", title: "Unknown", num: true, down: true, value: (kpi) => kpi.unknown, cell: (kpi) => whole(kpi.unknown) },
        DATA.kpis.some((kpi) => !none(kpi.trend)) && { id: "trend", title: "Change", num: true, value: (kpi) => kpi.trend, cell: kpiTrend },
        { id: "control", title: "Control", value: (kpi) => CONTROLS[kpi.control]?.id, cell: (kpi) => (CONTROLS[kpi.control] ? controlLink(CONTROLS[kpi.control]) : "") },
      ].filter(Boolean),
    });
    return { nodes: [heading("Key figures"), el("p", { class: "soft" }, "The mark on a bar is the target."), table.nodes], update: table.update };
  },
};

VIEWS.kpi = {
  under: "kpis",
  open(id) {
    const kpi = DATA.kpis.find((one) => one.id === id);
    if (!kpi) return null;
    const left = kpi.total - kpi.listed.length;
    const rows = kpi.listed.map(([name, path, line, met, service]) => ({ name: text(name), place: place(path, line), met, service: text(service) }));
    const table = dataTable({
      caption: "The list behind it", noun: ["entry", "entries"], rows, sort: "met",
      filters: [
        { name: "text", label: "Search", type: "search" },
        { name: "met", label: "Met", type: "select", options: [["no", "not met"], ["yes", "met"]] },
      ],
      keep: (params) => (row) =>
        (none(params.met) || (row.met ? "yes" : "no") === params.met) &&
        words(params.text).every((word) => `${row.name} ${row.place} ${row.service}`.toLowerCase().includes(word)),
      columns: [
        { id: "name", title: "Name", head: true, value: (row) => row.name, cell: (row) => row.name },
        { id: "met", title: "Met", value: (row) => row.met, cell: (row) => statusMark(row.met ? "met" : "not-met") },
        { id: "place", title: "Place", value: (row) => row.place, cell: (row) => code(row.place) },
        { id: "service", title: "Service", value: (row) => row.service, cell: (row) => (row.service ? namedService(row.service) : "") },
      ],
    });
    const chart = kpiChart(kpi);
    const facts = [
      factRow("Now", figure(kpi.actual, kpi.unit)), factRow("Target", kpiTarget(kpi)),
      factRow("Met", `${whole(kpi.met)} of ${whole(kpi.of)}`),
      kpi.unknown ? factRow("Unknown", `${whole(kpi.unknown)}; they count in neither`) : null,
      none(kpi.trend) ? null : factRow("Change", kpiTrend(kpi)),
      kpi.tiers.length ? factRow("Tiers", kpi.tiers.join(", ")) : null,
      kpi.blueprint ? factRow("Target from", kpi.blueprint) : null,
      CONTROLS[kpi.control] ? factRow("Control", [controlLink(CONTROLS[kpi.control]), " ", CONTROLS[kpi.control].title]) : null,
    ];
    return {
      nodes: [heading(kpi.name), el("p", { class: "standing" }, kpiBadge(kpi)), el("div", { class: "wide-bar" }, kpiBar(kpi)), el("dl", { class: "facts" }, facts),
        chart ? chart.node : null, el("h2", null, "The list behind it"),
        left > 0 ? el("p", { class: "note" }, `${whole(left)} more not in this file, for its size.`) : null, table.nodes],
      update: table.update,
      shown: chart ? chart.draw : null,
    };
  },
};
