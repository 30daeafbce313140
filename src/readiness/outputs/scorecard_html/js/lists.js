// Policies by how they do, resources of no service, and what went wrong.
const HEALTH = DATA.health.map(([id, title, control, severity, evaluated, failed, waived, unknown]) => {
  const share = (number, of) => (of ? (100 * number) / of : null);
  return {
    id, title, control, severity, evaluated, failed, waived, unknown,
    hit: share(failed + waived, evaluated), pass: share(waived, failed + waived), lost: share(unknown, evaluated + unknown),
  };
});

// Where nearly everything fails, or is waived, or cannot be known, it is perhaps the policy.
const remark = (row) => {
  if (row.evaluated >= 10 && row.hit >= 90) return "nearly everything fails";
  if (row.failed + row.waived >= 10 && row.pass >= 50) return "mostly waived";
  if (row.evaluated + row.unknown >= 10 && row.lost >= 50) return "mostly unknown";
  return "";
};

VIEWS.policies = {
  open() {
    const percent = (id, title, get, number) => ({
      id, title, num: true, down: true, value: get,
      cell: (row) => (get(row) === null ? "–" : [bar(get(row)), ` ${figure(get(row), "percent")}`, soft(` (${whole(number(row))})`)]),
    });
    const table = dataTable({
      caption: "Policies", noun: ["policy", "policies"], rows: HEALTH, sort: "-hit",
      filters: [
        { name: "text", label: "Search", type: "search" },
        { name: "severity", label: "Severity", type: "select", options: optionsOf(DATA.severities) },
        { name: "remark", label: "Remark", type: "select", options: optionsOf(["nearly everything fails", "mostly waived", "mostly unknown"]) },
      ],
      keep: (params) => (row) =>
        (none(params.severity) || row.severity === params.severity) &&
        (none(params.remark) || remark(row) === params.remark) &&
        words(params.text).every((word) => `${row.id} ${row.title} ${row.control}`.toLowerCase().includes(word)),
      columns: [
        { id: "policy", title: "Policy", head: true, value: (row) => row.id, cell: (row) => [link("findings", "", { policy: row.id }, row.id), el("br"), soft(inline(row.title))] },
        { id: "severity", title: "Severity", value: (row) => DATA.severities.indexOf(row.severity), cell: (row) => badge(row.severity, row.severity) },
        { id: "evaluated", title: "Checks", num: true, down: true, value: (row) => row.evaluated, cell: (row) => whole(row.evaluated) },
        percent("hit", "Not met", (row) => row.hit, (row) => row.failed + row.waived),
        percent("waived", "Let pass of these", (row) => row.pass, (row) => row.waived),
        percent("unknown", "Unknown", (row) => row.lost, (row) => row.unknown),
        { id: "remark", title: "Remark", value: remark, cell: remark },
      ],
    });
    return {
      nodes: [heading("Policy health"), el("p", { class: "soft" }, "How each policy does over all services. Where nearly everything fails, it is perhaps the policy."), table.nodes],
      update: table.update,
    };
  },
};

VIEWS.unassigned = {
  open() {
    const rows = DATA.unassigned.map(([name, type, path, line]) => ({ name: text(name), type: text(type), place: place(path, line) }));
    const left = DATA.unassignedTotal - rows.length;
    const table = dataTable({
      caption: "Resources without a service", noun: ["resource"], rows, sort: "place",
      filters: [
        { name: "text", label: "Search", type: "search" },
        { name: "type", label: "Type", type: "select", options: optionsOf(distinct(rows.map((row) => row.type))) },
      ],
      keep: (params) => (row) =>
        (none(params.type) || row.type === params.type) && words(params.text).every((word) => `${row.name} ${row.place}`.toLowerCase().includes(word)),
      columns: [
        { id: "name", title: "Resource", head: true, value: (row) => row.name, cell: (row) => code(row.name) },
        { id: "type", title: "Type", value: (row) => row.type, cell: (row) => row.type },
        { id: "place", title: "Place", value: (row) => row.place, cell: (row) => code(row.place) },
      ],
    });
    return {
      nodes: [heading("Resources without a service"), el("p", { class: "soft" }, "Nothing says which service they belong to: no catalog file, label, tag, release, namespace or folder."),
        left > 0 ? el("p", { class: "note" }, `${whole(left)} more not in this file, for its size.`) : null, table.nodes],
      update: table.update,
    };
  },
};

const KINDS = { report: "keeps a part of this report from being made", input: "not read", note: "note" };
VIEWS.problems = {
  open() {
    const rows = DATA.problems.map(([kind, message, path, line, column]) => ({ kind, message, place: place(path, line, column) }));
    const table = dataTable({
      caption: "Problems", noun: ["problem"], rows, sort: "kind",
      filters: [{ name: "text", label: "Search", type: "search" }],
      keep: (params) => (row) => words(params.text).every((word) => `${row.message} ${row.place}`.toLowerCase().includes(word)),
      columns: [
        { id: "message", title: "What", head: true, value: (row) => row.message, cell: (row) => inline(row.message) },
        { id: "kind", title: "Kind", value: (row) => Object.keys(KINDS).indexOf(row.kind), cell: (row) => KINDS[row.kind] },
        { id: "place", title: "Place", value: (row) => row.place, cell: (row) => code(row.place) },
      ],
    });
    const left = DATA.problemsTotal - rows.length;
    return { nodes: [heading("Problems"), left > 0 ? el("p", { class: "note" }, `${whole(left)} more not in this file, for its size.`) : null, table.nodes], update: table.update };
  },
};
