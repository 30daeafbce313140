// The table of services.
const VIEWS = {};

const optionsOf = (values, name = (value) => value) => values.map((value) => [String(value), String(name(value))]);

const serviceFilters = () => {
  const owners = distinct(SERVICES.map((service) => service.owner));
  const filters = [
    { name: "text", label: "Search", type: "search" },
    { name: "tier", label: "Tier", type: "select", options: optionsOf([...new Set(SERVICES.map((one) => one.tier))].sort((a, b) => a - b)) },
    {
      name: "level", label: "Level", type: "select",
      options: [...new Set(SERVICES.map((one) => one.level))].sort((a, b) => b - a).map((level) => [levelValue(level), levelName(level)]),
    },
    { name: "owner", label: "Owner", type: "select", options: [...optionsOf(owners), ["none", "nobody"]] },
  ];
  if (FLEET) filters.push({ name: "repository", label: "Repository", type: "select", options: optionsOf(DATA.repositories) });
  return filters;
};
const areaFilter = { name: "area", label: "Area", type: "select", options: AREAS.map(({ id, title }) => [id, title]) };

const keepService = (params) => {
  const wanted = words(params.text);
  const area = AREAS.findIndex((one) => one.id === params.area);
  return (service) =>
    (none(params.tier) || String(service.tier) === params.tier) &&
    (none(params.level) || levelValue(service.level) === params.level) &&
    (none(params.owner) || (params.owner === "none" ? !service.owner : service.owner === params.owner)) &&
    (none(params.repository) || service.repository === params.repository) &&
    (none(params.area) || (area >= 0 && (service.areaScores.get(area) || {}).score !== null && service.areaScores.has(area))) &&
    wanted.every((word) => service.text.includes(word));
};
for (const service of SERVICES)
  service.text = [service.name, service.owner, service.system, service.repository, ...service.environments].join(" ").toLowerCase();

const scoreCell = (score) => (none(score) ? "–" : [bar(score), el("span", { class: "figure" }, String(score))]);

const areaLevel = (level) => (level >= 0 ? levelBadge(level) : soft("not asked"));

const serviceColumns = (params) => {
  const area = AREAS.findIndex((one) => one.id === params.area);
  const scoreOf = (service) => (service.areaScores.get(area) || {}).score;
  return [
    { id: "name", title: "Service", head: true, value: (one) => one.name, cell: (one) => serviceLink(one) },
    FLEET && { id: "repository", title: "Repository", value: (one) => one.repository, cell: (one) => one.repository || "–" },
    { id: "tier", title: "Tier", num: true, value: (one) => one.tier, cell: (one) => [String(one.tier), one.assumed ? soft(" assumed") : null] },
    { id: "level", title: "Level", down: true, value: (one) => one.level, cell: (one) => levelBadge(one.level) },
    { id: "score", title: "Score", num: true, value: (one) => one.score, cell: (one) => scoreCell(one.score) },
    area >= 0 && { id: "area", title: AREAS[area].title, num: true, value: scoreOf, cell: (one) => scoreCell(scoreOf(one)) },
    area >= 0 && {
      id: "arealevel", title: `${AREAS[area].title}: level`, down: true,
      value: (one) => (one.areaScores.get(area) || {}).level,
      cell: (one) => areaLevel((one.areaScores.get(area) || {}).level),
    },
    { id: "owner", title: "Owner", value: (one) => one.owner, cell: (one) => one.owner || soft("nobody") },
    area < 0 && {
      id: "worst", title: "Weakest area", value: (one) => one.worst && one.worst.score,
      cell: (one) => (one.worst && one.worst.score < 100 ? `${AREAS[one.worst.area]?.title} (${one.worst.score})` : "–"),
    },
    { id: "gaps", title: "Controls not met", num: true, down: true, value: (one) => one.open, cell: (one) => whole(one.open) },
    { id: "steps", title: "Steps to next level", num: true, down: true, value: (one) => one.stepsTotal, cell: (one) => whole(one.stepsTotal) },
    { id: "resources", title: "Resources", num: true, down: true, value: (one) => one.resources, cell: (one) => whole(one.resources) },
  ].filter(Boolean);
};

VIEWS.services = {
  open() {
    // In a tier, what is least ready stands first.
    const rows = [...SERVICES].sort((one, other) => one.level - other.level || (one.score ?? 0) - (other.score ?? 0));
    const table = dataTable({
      caption: "Services", noun: ["service"], rows, sort: "tier",
      columns: serviceColumns, filters: [...serviceFilters(), areaFilter], keep: keepService,
    });
    return { nodes: [heading("Services"), leftOutNote(), table.nodes], update: table.update };
  },
};
