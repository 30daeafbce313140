// Findings by cause: what is the same wrong in many places stands together.
const ITEM_PAGE = 30;

const findingFilters = () => {
  const policies = distinct(allItems().map((item) => item.policy.id));
  const services = [...new Set(allItems().map((item) => item.owner).filter(Boolean))]
    .map((service) => [service.key, calledService(service)])
    .sort((one, other) => byText(one[1], other[1]));
  const used = (names, field) => names.map((name, number) => [name, number]).filter(([, number]) => allItems().some((item) => item[field] === number)).map(([name]) => [name, name]);
  const filters = [
    { name: "text", label: "Search", type: "search" },
    { name: "severity", label: "Severity", type: "select", options: used(DATA.severities, "severity") },
    { name: "status", label: "Status", type: "select", options: used(DATA.itemStatuses, "status") },
    { name: "policy", label: "Policy", type: "select", options: optionsOf(policies) },
  ];
  // A choice among hundreds is none: there it is a text.
  filters.push(services.length > 200
    ? { name: "service", label: "Service", type: "search" }
    : { name: "service", label: "Service", type: "select", options: [...services, ["none", "no service"]] });
  return filters;
};

// Of a service by its key; by its name, or a part of it, where nobody has that key.
const keepOwner = (wanted) => {
  if (none(wanted)) return () => true;
  const service = BY_KEY.get(wanted);
  if (service) return (item) => item.owner === service;
  if (wanted === "none") return (item) => !item.owner;
  const part = wanted.toLowerCase();
  return (item) => item.owner !== null && item.owner.key.toLowerCase().includes(part);
};

const keepItem = (params) => {
  const wanted = words(params.text);
  const owned = keepOwner(params.service);
  const severity = DATA.severities.indexOf(params.severity);
  const status = DATA.itemStatuses.indexOf(params.status);
  return (item) =>
    (none(params.severity) || item.severity === severity) &&
    (none(params.status) || item.status === status) &&
    (none(params.policy) || item.policy.id === params.policy) &&
    owned(item) &&
    wanted.every((word) => (item.text ??= `${item.policy.id} ${item.policy.title} ${item.message} ${item.place} ${item.address} ${item.owner ? item.owner.key : ""}`.toLowerCase()).includes(word));
};

// Findings of a policy that fail, that are unknown and that are let pass are listed apart.
const PARTS = ["", "unknown", "let pass"];
const partOf = (item) => ({ fail: 0, unknown: 1 })[DATA.itemStatuses[item.status]] ?? 2;
const causeKey = (item) => `${partOf(item)} ${item.policy.id}`;

const causeView = (policy, items, total) => {
  const control = CONTROLS[policy.control];
  const known = [control ? `control ${control.id}` : "", policy.aliases.length ? `also known as ${policy.aliases.join(", ")}` : ""].filter(Boolean);
  return el("article", { class: "cause" },
    el("header", null, severityBadge(Math.min(...items.map((item) => item.severity))), el("h2", null, inline(policy.title)), code(policy.id),
      soft(count(total, "finding"), PARTS[partOf(items[0])] && `, ${PARTS[partOf(items[0])]}`)),
    el("details", null, el("summary", null, "Why it matters, and what to write"), prose(policy.remediation),
      policy.references.length ? el("ul", null, policy.references.map((one) => el("li", null, webLink(one)))) : null,
      known.length ? el("p", { class: "soft" }, known.join("; ")) : null,
      el("p", null, "More: ", code(`readiness explain ${policy.id}`))),
    el("ul", { class: "findings" }, items.map((item) => itemView(item, { service: true, policy: false }))));
};

VIEWS.findings = {
  open() {
    const reset = () => setParams(Object.fromEntries([...form.names, "page"].map((name) => [name, ""])));
    const form = filterForm(findingFilters(), "Filter findings", reset);
    const list = el("div");
    const foot = el("div");
    const left = DATA.itemsTotal - allItems().length;
    const update = (params) => {
      form.show(params);
      const kept = allItems().filter(keepItem(params));
      const totals = new Map();
      for (const item of kept) totals.set(causeKey(item), (totals.get(causeKey(item)) || 0) + 1);
      const pages = Math.max(1, Math.ceil(kept.length / ITEM_PAGE));
      const page = Math.min(pages, Math.max(1, Math.floor(Number(params.page)) || 1));
      const groups = new Map();
      for (const item of kept.slice((page - 1) * ITEM_PAGE, page * ITEM_PAGE)) {
        if (!groups.has(causeKey(item))) groups.set(causeKey(item), []);
        groups.get(causeKey(item)).push(item);
      }
      list.replaceChildren(...[...groups].map(([key, items]) => causeView(items[0].policy, items, totals.get(key))));
      form.told.textContent = `${whole(kept.length)} of ${count(allItems().length, "finding")}, ${count(totals.size, "cause")}`;
      replaceKept(foot, [kept.length ? null : el("p", { class: "soft" }, allItems().length ? "Nothing matches." : "No findings."), matrixPager(page, pages)]);
    };
    return {
      nodes: [heading("Findings"),
        left > 0 ? el("p", { class: "note" }, `${count(left, "finding")} of ${whole(DATA.itemsTotal)} not in this file, for its size: of every service the gravest are. `, code("readiness check"), " lists all.") : null,
        form.form, list, foot],
      update,
    };
  },
};
