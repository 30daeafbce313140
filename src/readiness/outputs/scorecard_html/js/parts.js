// Pieces that several pages show.
const SYMBOLS = {
  met: "✓", partly: "◐", "not-met": "✗", waived: "⚑", unknown: "?", "not-applicable": "–",
};
const STATUS_WORDS = {
  met: "met", partly: "partly met", "not-met": "not met", waived: "waived", unknown: "unknown",
  "not-applicable": "not applicable",
};
const STRENGTH_WORDS = { block: "blocks a launch", warn: "is reported", info: "advises" };

const badge = (kind, ...children) => el("span", { class: `badge ${kind}` }, ...children);
const levelBadge = (number) => badge(`level-${levelRank(number)}`, levelName(number));
const severityBadge = (number) => badge(DATA.severities[number], DATA.severities[number]);
const statusMark = (status) =>
  el("span", { class: `status ${status}` }, el("span", { "aria-hidden": "true" }, SYMBOLS[status]), " ", STATUS_WORDS[status]);

const picture = (name, width, height, ...children) =>
  svg("svg", {
    class: name, viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none",
    "aria-hidden": "true", focusable: "false",
  }, ...children);

// A bar from 0 to `most`, with a mark where the target is.
const bar = (value, most = 100, target = null, kind = "fill", name = "bar") => {
  const at = (number) => Math.min(100, Math.max(0, (100 * number) / (most || 1)));
  return picture(name, 100, 10,
    svg("rect", { class: "rail", width: 100, height: 10 }),
    value === null ? null : svg("rect", { class: kind, width: at(value).toFixed(1), height: 10 }),
    target === null ? null : svg("rect", { class: "target", x: Math.min(99, at(target)).toFixed(1), width: 1, height: 10 }),
  );
};

const scoreText = (score) => (score === null || score === undefined ? "–" : String(score));
const serviceLink = (service) => link("service", service.key, null, service.name);
const repositoryOf = (service) => (FLEET && service.repository ? soft(` ${service.repository}`) : null);
// A name that several have is that of the one in the same repository, or of nobody.
const namedService = (name, repository = "") => {
  const service = BY_KEY.get(repository ? `${repository}/${name}` : name) || (SHARED.has(name) ? null : BY_NAME.get(name));
  return service ? serviceLink(service) : name;
};
const controlLink = (control) => el("a", { href: address("control", control.id), class: "id" }, control.id);

const figure = (value, unit) => {
  if (value === null || value === undefined) return "–";
  const shown = value.toLocaleString("en", { maximumFractionDigits: 1 });
  return unit === "percent" ? `${shown} %` : `${shown} ${unit}`.trim();
};
const SIGNS = { ">=": "≥", "<=": "≤" };
const sign = (comparison) => SIGNS[comparison] || comparison;

const codeBox = (item) =>
  el("pre", { tabindex: 0, "aria-label": `Code at ${item.place}`, role: "region" }, code(item.excerpt));

// One finding with its code and notes.
const itemView = (item, more = {}) => {
  const status = DATA.itemStatuses[item.status];
  return el("li", { class: "finding" },
    el("p", { class: "message" },
      severityBadge(item.severity), " ", status === "fail" ? null : [badge("tag", status), " "], inline(item.message)),
    el("p", { class: "where" },
      code(item.place), code(item.address),
      more.service && item.owner ? el("span", null, "service ", link("service", item.owner.key, null, calledService(item.owner))) : null,
      more.policy === false ? null : el("span", null, link("findings", "", { policy: item.policy.id }, item.policy.id)),
      item.fixable ? el("span", null, item.fixable === 1 ? "--fix mends it" : "--fix --unsafe-fixes mends it") : null),
    more.addresses ? el("p", { class: "note" }, el("b", null, "here"), `: ${more.addresses.join(", ")}`) : null,
    item.excerpt ? codeBox(item) : null,
    item.notes.map(([label, number]) => el("p", { class: "note" }, el("b", null, label), ": ", inline(text(number)))));
};

// One step of a service, with what is wrong at its place in words and in code.
const stepView = (step, service) => {
  const [action, policy, severity, path, line, closes, findings, unlocks, fixable, command, number] = step;
  const item = number ? itemAt(number - 1) : null;
  const held = new Set(unlocks);
  const controls = [...new Set([...closes, ...unlocks])].map((number, index) =>
    [index ? ", " : "", controlLink(CONTROLS[number]), held.has(number) ? " (then holds)" : ""]);
  const told = `ends ${count(findings, "finding")}`;
  return el("li", null,
    el("p", null, severityBadge(severity), " ", el("b", null, inline(text(action)))),
    item && item.message ? el("p", null, inline(item.message)) : null,
    el("p", { class: "soft" },
      path ? [code(place(path, line)), " · "] : null,
      policy ? link("findings", "", { policy: text(policy), service: service.key }, told) : told,
      controls.length ? [" · for ", controls] : null,
      policy ? [" · ", code(text(policy))] : null),
    item && item.excerpt ? codeBox(item) : null,
    command
      ? el("p", null, fixable === 2 ? "Fix (look at it): " : fixable ? "Fix: " : "", code(text(command)))
      : null);
};

// A heading of a page and its title in the tab.
const heading = (title, ...children) => {
  document.title = `${title} · ${DATA.title || "readiness"} · production readiness`;
  return el("h1", { tabindex: -1 }, title, ...children);
};
