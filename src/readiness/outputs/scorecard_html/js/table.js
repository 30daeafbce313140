// A table that sorts, filters and turns pages; all of its state is in the address.
const SIZES = [50, 200];
const none = (value) => value === null || value === undefined || value === "";

const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : byText(String(a), String(b)));

// Rows by a column: `name` ascending, `-name` descending; what has no value comes last either way.
const sorted = (rows, columns, name) => {
  const down = name.startsWith("-");
  const column = columns.find((one) => one.id === name.replace(/^-/, ""));
  if (!column || !column.value) return rows;
  const keyed = rows.map((row, index) => [column.value(row), index, row]);
  keyed.sort((one, other) => {
    if (none(one[0]) || none(other[0])) return none(one[0]) - none(other[0]) || one[1] - other[1];
    return (down ? compare(other[0], one[0]) : compare(one[0], other[0])) || one[1] - other[1];
  });
  return keyed.map((entry) => entry[2]);
};

const words = (value) => (value || "").toLowerCase().split(/\s+/).filter(Boolean);

// A filter: `{name, label, type: "search" | "select", options: [[value, text]], all}`.
const filterForm = (filters, label, onReset) => {
  const controls = filters.map((filter) => {
    const field =
      filter.type === "select"
        ? el("select", { name: filter.name, id: `filter-${filter.name}` },
            el("option", { value: "" }, filter.all || "all"),
            filter.options.map(([value, shown]) => el("option", { value }, shown)))
        : el("input", { type: "search", name: filter.name, id: `filter-${filter.name}`, autocomplete: "off", spellcheck: "false" });
    return [filter, field];
  });
  const told = el("output", { "aria-live": "polite" });
  const form = el("form", { class: "filters", role: "search", "aria-label": label, onsubmit: (event) => event.preventDefault() },
    controls.map(([filter, field]) =>
      el("div", { class: filter.type === "select" ? "field" : "field search" }, el("label", { for: field.id }, filter.label), field)),
    filters.length ? el("button", { type: "button", onclick: () => onReset() }, "Reset") : null, told);
  // All fields at once, so that nothing typed a moment ago is lost to a choice.
  const values = () => Object.fromEntries(controls.map(([filter, field]) => [filter.name, field.value]));
  let timer = 0;
  const apply = (inPlace) => {
    clearTimeout(timer);
    setParams({ ...values(), page: "" }, inPlace);
  };
  for (const [filter, field] of controls) {
    // Typing is one step for the button "back", a choice is one of its own.
    if (filter.type === "select") field.addEventListener("change", () => apply(false));
    else
      field.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => apply(true), 120);
      });
  }
  const show = (params) => {
    for (const [filter, field] of controls) {
      const value = params[filter.name] || "";
      // A value that is no choice is shown all the same: it filters.
      if (filter.type === "select" && value && ![...field.options].some((option) => option.value === value))
        field.append(el("option", { value }, value));
      if (field.value !== value) field.value = value;
    }
  };
  return { form, told, show, names: filters.map((filter) => filter.name) };
};

// Put something in the place of buttons without losing the focus that one of them has.
const replaceKept = (box, nodes) => {
  const active = box.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  box.replaceChildren(...nodes.filter(Boolean));
  if (active === null) return;
  const same = [...box.querySelectorAll("[aria-label]")].find((node) => node.getAttribute("aria-label") === active);
  const next = same && !same.disabled ? same : box.querySelector("button:not([disabled])");
  if (next) next.focus({ preventScroll: true });
};

const pager = (page, pages, size, total) => {
  if (total <= SIZES[0]) return null;
  const go = (label, number, name) =>
    el("button", { type: "button", disabled: number < 1 || number > pages, onclick: () => setParams({ page: number > 1 ? number : "" }) , "aria-label": name }, label);
  return el("div", { class: "pager", role: "group", "aria-label": "Pages of the table" },
    go("«", page > 1 ? 1 : 0, "First page"), go("‹ Back", page - 1, "Back one page"),
    el("span", null, `page ${whole(page)} of ${whole(pages)}`),
    go("Next ›", page + 1, "Next page"), go("»", page < pages ? pages : pages + 1, "Last page"),
    el("label", null, "rows ",
      el("select", { "aria-label": "Rows", onchange: (event) => setParams({ size: event.target.value === "50" ? "" : event.target.value, page: "" }) },
        SIZES.map((one) => el("option", { value: one, selected: one === size }, String(one))))));
};

const paged = (rows, params) => {
  const size = SIZES.includes(Number(params.size)) ? Number(params.size) : SIZES[0];
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.min(pages, Math.max(1, Math.floor(Number(params.page)) || 1));
  return { size, pages, page, rows: rows.slice((page - 1) * size, page * size) };
};

// `columns`: `{id, title, value(row), cell(row), num, head, down, title2}`; `head` makes a row header, `down`
// sorts descending first.  Columns may depend on the parameters.  Returns the nodes and what updates them.
const dataTable = ({ caption, noun, columns, rows, sort, filters = [], keep = () => () => true, extra = null }) => {
  const reset = () => setParams(Object.fromEntries([...form.names, "page"].map((name) => [name, ""])));
  const form = filterForm(filters, `Filter ${caption.toLowerCase()}`, reset);
  const head = el("tr");
  const body = el("tbody");
  const foot = el("div");
  const table = el("table", { class: "data" }, el("caption", { class: "vh" }, caption), el("thead", null, head), body);
  const area = el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption }, table);
  let heads = "";
  const showHead = (list, current) => {
    // The button that was pressed stays, and with it the focus.
    const key = list.map((column) => column.id).join(" ");
    if (heads !== key) {
      heads = key;
      head.replaceChildren(...list.map((column) =>
        el("th", { scope: "col", class: column.num ? "num" : null, "data-column": column.id },
          column.value
            ? el("button", { type: "button", onclick: () => setParams({ sort: nextSort(column), page: "" }) },
                column.title, el("span", { class: "arrow", "aria-hidden": "true" }))
            : column.title)));
    }
    for (const cell of head.children) {
      const id = cell.dataset.column;
      const way = current === id ? "ascending" : current === `-${id}` ? "descending" : null;
      if (way) cell.setAttribute("aria-sort", way);
      else cell.removeAttribute("aria-sort");
      const arrow = cell.querySelector(".arrow");
      if (arrow) arrow.textContent = way ? (way === "ascending" ? " ▲" : " ▼") : "";
    }
  };
  let now = sort;
  const nextSort = (column) => {
    const first = column.down ? `-${column.id}` : column.id;
    const other = column.down ? column.id : `-${column.id}`;
    return now === first ? other : first;
  };
  const update = (params) => {
    const list = typeof columns === "function" ? columns(params) : columns;
    const known = (name) => name && list.some((column) => column.value && column.id === name.replace(/^-/, ""));
    now = known(params.sort) ? params.sort : sort;
    form.show(params);
    const kept = rows.filter(keep(params));
    const part = paged(sorted(kept, list, now), params);
    showHead(list, now);
    body.replaceChildren(...part.rows.map((row) =>
      el("tr", null, list.map((column) =>
        el(column.head ? "th" : "td", { class: column.num ? "num" : null, scope: column.head ? "row" : null }, column.cell(row))))));
    form.told.textContent = kept.length === rows.length
      ? count(rows.length, noun[0], noun[1])
      : `${whole(kept.length)} of ${count(rows.length, noun[0], noun[1])}`;
    const turn = pager(part.page, part.pages, part.size, kept.length);
    const told = rows.length ? "Nothing matches." : "Nothing to list.";
    replaceKept(foot, [kept.length ? null : el("p", { class: "soft" }, told), turn]);
  };
  return { nodes: [form.form, extra, area, foot].filter(Boolean), update };
};
