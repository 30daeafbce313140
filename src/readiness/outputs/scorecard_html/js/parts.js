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
const namedService = (name) => {
  const service = BY_NAME.get(name) || BY_KEY.get(name);
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

// One finding with its code and notes.
const itemView = (item, more = {}) => {
  const status = DATA.itemStatuses[item.status];
  return el("li", { class: "finding" },
    el("p", { class: "message" },
      severityBadge(item.severity), " ", status === "fail" ? null : [badge("tag", status), " "], inline(item.message)),
    el("p", { class: "where" },
      code(item.place), code(item.address),
      more.service && item.owner ? el("span", null, "service ", serviceLink(item.owner)) : null,
      more.policy === false ? null : el("span", null, link("findings", "", { policy: item.policy.id }, item.policy.id)),
      item.fixable ? el("span", null, item.fixable === 1 ? "--fix mends it" : "--fix --unsafe-fixes mends it") : null),
    more.addresses ? el("p", { class: "note" }, el("b", null, "here"), `: ${more.addresses.join(", ")}`) : null,
    item.excerpt ? el("pre", { tabindex: 0, "aria-label": `Code at ${item.place}`, role: "region" }, code(item.excerpt)) : null,
    item.notes.map(([label, number]) => el("p", { class: "note" }, el("b", null, label), ": ", inline(text(number)))));
};

const stepView = (step, numbered = true) => {
  const [action, policy, severity, path, line, closes, findings, unlocks, fixable, command] = step;
  const held = new Set(unlocks);
  const controls = [...new Set([...closes, ...unlocks])].map((number, index) =>
    [index ? ", " : "", controlLink(CONTROLS[number]), held.has(number) ? " (then holds)" : ""]);
  return el(numbered ? "li" : "div", null,
    el("p", null, severityBadge(severity), " ", el("b", null, inline(text(action)))),
    el("p", { class: "soft" },
      path ? [code(place(path, line)), " · "] : null,
      `ends ${count(findings, "finding")}`,
      controls.length ? [" · for ", controls] : null,
      policy ? [" · ", link("findings", "", { policy: text(policy) }, text(policy))] : null),
    command
      ? el("p", null, fixable === 2 ? "Fix (look at it): " : fixable ? "Fix: " : "", code(text(command)))
      : null);
};

// A heading of a page and its title in the tab.
const heading = (title, ...children) => {
  document.title = `${title} · ${DATA.title || "readiness"} · production readiness`;
  return el("h1", { tabindex: -1 }, title, ...children);
};
