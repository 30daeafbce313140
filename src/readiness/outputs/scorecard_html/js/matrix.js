// Services by controls: a page of rows at a time, with heads that stay.
const MATRIX_ROWS = 25;

const matrixFilters = () => [
  ...serviceFilters(),
  { ...areaFilter, label: "Controls of", all: "all areas" },
  {
    name: "status", label: "With a control that is", type: "select", all: "anything",
    options: ORDER.map((status) => [status, STATUS_WORDS[status]]),
  },
];

// Controls that ask something of at least one service, of one area or of all.
const matrixControls = (area) => {
  const used = new Set();
  for (const service of SERVICES) for (const row of service.raw) used.add(row[0]);
  return CONTROLS.filter((control) => used.has(control.number) && (area < 0 || control.area === area));
};

const matrixLegend = () =>
  el("p", { class: "tally" }, DATA.statuses.map((status) => el("span", null, statusMark(status))));

// A cell leads to the control of the service.  One of all cells is in the order of the tab key, and arrows go
// on from it: a thousand links would keep whoever has no mouse from the rest of the page.
const matrixCell = (service, control) => {
  const mark = service.marks[control.number];
  const status = mark === null ? "not-applicable" : DATA.statuses[mark];
  const shown = hidden(STATUS_WORDS[status]);
  const common = { class: "cell", tabindex: -1, "data-mark": SYMBOLS[status] };
  return el("td", { class: `mark ${status}`, title: `${control.id}: ${STATUS_WORDS[status]}` },
    mark === null
      ? el("span", common, shown)
      : el("a", { ...common, "aria-label": `${service.name}, ${control.id}: ${STATUS_WORDS[status]}`, href: address("service", service.key, { control: control.id }) }, shown));
};

const MOVES = {
  ArrowUp: ([row, column]) => [row - 1, column],
  ArrowDown: ([row, column]) => [row + 1, column],
  ArrowLeft: ([row, column]) => [row, column - 1],
  ArrowRight: ([row, column]) => [row, column + 1],
  Home: ([row]) => [row, 0],
  End: ([row]) => [row, Infinity],
  PageUp: ([, column]) => [0, column],
  PageDown: ([, column]) => [Infinity, column],
};

// Arrows, Home and End go from cell to cell; the cell that was last gone to is the one of the tab key.
const walkable = (body) => {
  const grid = () => [...body.rows].map((row) => [...row.querySelectorAll(".cell")]);
  const within = (number, cells) => Math.max(0, Math.min(number, cells.length - 1));
  const choose = (cell) => {
    for (const other of body.querySelectorAll(".cell[tabindex='0']")) other.tabIndex = -1;
    if (cell) cell.tabIndex = 0;
  };
  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    const move = MOVES[event.key];
    if (!cell || !move || event.altKey || event.metaKey || event.ctrlKey) return;
    const cells = grid();
    const row = cells.findIndex((one) => one.includes(cell));
    const [toRow, toColumn] = move([row, cells[row].indexOf(cell)]);
    const line = cells[within(toRow, cells)];
    const next = line[within(toColumn, line)];
    event.preventDefault();
    choose(next);
    next.focus();
  });
  return () => choose(body.querySelector(".cell"));
};

VIEWS.matrix = {
  open() {
    const reset = () => setParams(Object.fromEntries([...form.names, "page"].map((name) => [name, ""])));
    const form = filterForm(matrixFilters(), "Filter the matrix", reset);
    const head = el("thead");
    const body = el("tbody");
    const foot = el("div");
    const table = el("table", { class: "matrix" }, el("caption", { class: "vh" }, "Services by controls"), head, body);
    const enter = walkable(body);
    const update = (params) => {
      form.show(params);
      const area = AREAS.findIndex((one) => one.id === params.area);
      const controls = matrixControls(area);
      const status = DATA.statuses.indexOf(params.status);
      const kept = SERVICES.filter(keepService({ ...params, area: "" })).filter(
        (service) => none(params.status) || controls.some((control) => service.marks[control.number] === status));
      const pages = Math.max(1, Math.ceil(kept.length / MATRIX_ROWS));
      const page = Math.min(pages, Math.max(1, Math.floor(Number(params.page)) || 1));
      const rows = [...kept].sort((a, b) => a.tier - b.tier || byText(a.name, b.name)).slice((page - 1) * MATRIX_ROWS, page * MATRIX_ROWS);
      head.replaceChildren(el("tr", null, el("th", { scope: "col", class: "corner" }, "Service"),
        controls.map((control) => el("th", { scope: "col", class: "turned", title: control.title }, controlLink(control)))));
      body.replaceChildren(...rows.map((service) =>
        el("tr", { "data-key": service.key }, el("th", { scope: "row" }, serviceLink(service), soft(` tier ${service.tier}`), repositoryOf(service)),
          controls.map((control) => matrixCell(service, control)))));
      enter();
      form.told.textContent = `${whole(kept.length)} of ${count(SERVICES.length, "service")}, ${count(controls.length, "control")}`;
      replaceKept(foot, [kept.length ? null : el("p", { class: "soft" }, "Nothing matches."), matrixPager(page, pages)]);
    };
    return {
      nodes: [heading("Controls by service"), leftOutNote(), form.form, matrixLegend(),
        el("p", { class: "soft hint" }, "A mark leads to the control of that service. By keyboard, Tab reaches the marks, and arrows, Home and End go between them."),
        el("div", { class: "scroll tall", tabindex: 0, role: "region", "aria-label": "Services by controls" }, table), foot],
      update,
    };
  },
};

const matrixPager = (page, pages) => {
  if (pages < 2) return null;
  const go = (label, number, name) =>
    el("button", { type: "button", disabled: number < 1 || number > pages, onclick: () => setParams({ page: number > 1 ? number : "" }), "aria-label": name }, label);
  return el("div", { class: "pager", role: "group", "aria-label": "Pages of the matrix" },
    go("‹ Back", page - 1, "Back one page"), el("span", null, `page ${whole(page)} of ${whole(pages)}`), go("Next ›", page + 1, "Next page"));
};

// One control over all services.
VIEWS.control = {
  under: "matrix",
  open(id) {
    const control = CONTROLS.find((one) => one.id === id);
    if (!control) return null;
    const rows = SERVICES.flatMap((service) => {
      const row = service.raw.find((one) => one[0] === control.number);
      return row ? [{ service, result: service.controls.find((one) => one.info === control) }] : [];
    });
    const table = dataTable({
      caption: "Services", noun: ["service"], rows, sort: "status",
      filters: [
        { name: "text", label: "Search", type: "search" },
        { name: "status", label: "Status", type: "select", options: ORDER.map((status) => [status, STATUS_WORDS[status]]) },
      ],
      keep: (params) => (row) =>
        (none(params.status) || row.result.status === params.status) && words(params.text).every((word) => row.service.text.includes(word)),
      columns: [
        { id: "name", title: "Service", head: true, value: (row) => row.service.name, cell: (row) => [link("service", row.service.key, { control: id }, row.service.name), repositoryOf(row.service)] },
        { id: "tier", title: "Tier", num: true, value: (row) => row.service.tier, cell: (row) => String(row.service.tier) },
        { id: "status", title: "Status", value: (row) => ORDER.indexOf(row.result.status), cell: (row) => statusMark(row.result.status) },
        { id: "met", title: "Checks that hold", value: (row) => (row.result.of ? row.result.met / row.result.of : null), cell: (row) => controlNumbers(row.result) },
        { id: "strength", title: "In this tier", value: (row) => row.result.strength, cell: (row) => (row.result.strength ? `it ${STRENGTH_WORDS[row.result.strength]}` : "") },
        { id: "owner", title: "Owner", value: (row) => row.service.owner, cell: (row) => row.service.owner || soft("nobody") },
      ],
    });
    const clauses = control.frameworks.map(([name, ids]) => el("li", null, `${name}: ${ids.join(", ")}`));
    return {
      nodes: [heading(control.title), el("p", { class: "soft" }, `${control.id}${AREAS[control.area] ? ` · ${AREAS[control.area].title}` : ""}`),
        el("p", null, control.statement), el("p", { class: "soft" }, control.why),
        clauses.length ? el("ul", null, clauses) : null, leftOutNote(), table.nodes],
      update: table.update,
    };
  },
};
