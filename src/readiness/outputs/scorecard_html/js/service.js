// The page of one service: who it is, how ready it is, what shows it, what to do next.
const factRow = (label, value, fact) =>
  el("div", null, el("dt", null, label),
    el("dd", null, value, fact ? el("span", { class: "soft said" }, `said by ${fact[1]} at `, code(place(fact[2], fact[3]))) : null));

const FACTS = { rto: "Recovery time (RTO)", rpo: "Recovery point (RPO)", data_classification: "Data classification" };

const FEW_DOCUMENTS = 4;
const documentList = (service) => {
  const rest = service.documentsTotal - service.documents.length;
  const list = [
    service.documents.map((path, index) => [index ? ", " : "", code(text(path))]),
    rest > 0 ? soft(` and ${whole(rest)} more`) : null,
  ];
  return service.documentsTotal > FEW_DOCUMENTS
    ? el("details", { class: "rest" }, el("summary", null, count(service.documentsTotal, "document")), list) : list;
};

const serviceFacts = (service) => {
  const rows = [
    factRow("Owner", service.owner || soft("nobody is named"), service.facts.owner),
    factRow("Tier", [String(service.tier), service.assumed ? soft(" assumed: nothing names it") : null], service.facts.tier),
  ];
  const told = ["system", "lifecycle"].filter((name) => service[name]);
  rows.push(...told.map((name) => factRow(name[0].toUpperCase() + name.slice(1), service[name], service.facts[name])));
  for (const [name, fact] of Object.entries(service.facts))
    if (!["owner", "tier", "system", "lifecycle", "link"].includes(name)) rows.push(factRow(FACTS[name] || name.replaceAll("_", " "), fact[0], fact));
  if (service.environments.length) rows.push(factRow("Environments", service.environments.join(", ")));
  if (service.repository) rows.push(factRow("Repository", service.repository));
  if (service.link || service.source)
    rows.push(factRow("Source", service.link ? webLink(service.link) : service.source, service.facts.link));
  if (service.depends.length)
    rows.push(factRow("Depends on", service.depends.map((name, index) => [index ? ", " : "", namedService(name, service.repository)])));
  rows.push(factRow("Resources", whole(service.resources)));
  if (service.documents.length) rows.push(factRow("Documents", documentList(service)));
  rows.push(factRow("Found by", [`${service.by} at `, code(place(service.at[0], service.at[1]))]));
  return el("dl", { class: "facts" }, rows);
};

const serviceAreas = (service) => {
  const rows = service.areas.filter(([, score, level]) => score !== null || level >= 0);
  if (!rows.length) return null;
  return el("section", null, el("h2", null, "Areas"),
    el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Areas" },
      el("table", null, el("caption", { class: "vh" }, "Score and level of each area"),
        el("thead", null, el("tr", null,
          ["Area", "Score", "Level", "Held down by"].map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", null, rows.map(([area, score, level, cap]) =>
          el("tr", null,
            el("th", { scope: "row" }, AREAS[area] ? AREAS[area].title : ""),
            el("td", { class: "num" }, scoreCell(score)),
            el("td", null, level < 0 ? soft("not asked") : levelBadge(level)),
            el("td", null, cap >= 0 ? [controlLink(CONTROLS[cap]), " ", CONTROLS[cap].title] : "")))))));
};

const serviceSteps = (service) => {
  if (!service.next) return null;
  const name = levelName(service.next);
  const rest = service.stepsTotal - service.steps.length;
  const note = !service.stepsTotal
    ? "No change of the code is known to get there: what is missing is unknown or let pass."
    : "The smallest set of changes, in the order of what each closes.";
  return el("section", null, el("h2", null, `Next steps to ${name}`), el("p", { class: "soft" }, note),
    el("ol", { class: "steps" }, service.steps.map((step) => stepView(step, service))),
    rest > 0
      ? el("p", { class: "soft" }, `${count(rest, "step")}${service.steps.length ? " more" : ""} not in this file, for its size; `, code("--service"), " makes a report of one service.")
      : null);
};

const controlNumbers = (control) => {
  if (control.of === undefined) return "";
  const told = [`${whole(control.met)} of ${whole(control.of)}`];
  if (control.status === "partly") told.push(`${control.share} %`);
  if (control.waived) told.push(`${whole(control.waived)} waived`);
  if (control.unknown) told.push(`${whole(control.unknown)} unknown`);
  return told.join(", ");
};

const missingViews = (control) => {
  const views = control.missing.map((entry) => {
    const [number, ...addresses] = Array.isArray(entry) ? entry : [entry];
    return itemView(itemAt(number), addresses.length ? { addresses: addresses.map(text) } : {});
  });
  const rest = control.total - views.length;
  return [
    views.length ? el("ul", { class: "findings" }, views) : null,
    rest > 0 ? el("p", { class: "soft" }, `${count(rest, "finding")}${views.length ? " more" : ""} not in this file, for its size.`) : null,
  ];
};

// A control as a line to check off; everything under it is made when it is opened.
const controlView = (control, open) => {
  const body = el("div", { class: "inside" });
  const details = el("details", { class: `control ${control.status}`, id: `control-${control.info.id}` },
    el("summary", null, statusMark(control.status), " ",
      el("b", null, control.info.title), " ", soft(control.info.id), " ",
      el("span", { class: "numbers" }, controlNumbers(control)), " ",
      control.strength === "block" ? badge("tag", "blocks") : null,
      control.level >= 0 && control.status !== "met"
        ? soft(control.level ? ` allows ${levelName(control.level)}` : " allows no level") : null),
    body);
  const make = () => {
    if (body.firstChild) return;
    body.append(
      el("p", null, control.info.statement, " ", link("control", control.info.id, null, "This control over all services")),
      el("p", { class: "soft" }, control.strength ? `It ${STRENGTH_WORDS[control.strength]} in this tier.` : ""));
    if (control.evidence.length || control.proofsLeft)
      body.append(el("h4", null, "Evidence"),
        el("ul", null, control.evidence.map(([path, line, shown]) => el("li", null, code(place(path, line)), " ", text(shown)))),
        ...(control.proofsLeft
          ? [el("p", { class: "soft" }, `${count(control.proofsLeft, "place")}${control.evidence.length ? " more" : ""} not in this file, for its size.`)] : []));
    if (control.of === undefined)
      body.append(el("p", { class: "soft" }, "Its evidence and what is missing are not in this file, for its size."));
    if (control.total) body.append(el("h4", null, "Missing"), ...missingViews(control).filter(Boolean));
  };
  details.addEventListener("toggle", () => details.open && make());
  details.make = make;
  if (open) {
    make();
    details.open = true;
  }
  return details;
};

const ORDER = ["not-met", "partly", "unknown", "waived", "met"];
const serviceControls = (service, wanted) => {
  const counts = ORDER.map((status) => [status, service.controls.filter((one) => one.status === status).length]);
  const groups = AREAS.map((area, number) => [area, service.controls.filter((one) => one.info.area === number)]);
  const asked = new Set(service.controls.map((one) => one.info));
  const without = CONTROLS.filter((control) => !asked.has(control));
  return el("section", null, el("h2", null, "Controls"),
    el("p", { class: "tally" }, counts.filter(([, number]) => number).map(([status, number]) => el("span", null, statusMark(status), ` ${whole(number)}`))),
    groups.filter(([, controls]) => controls.length).map(([area, controls]) => [
      el("h3", null, area.title),
      controls
        .sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || a.info.number - b.info.number)
        .map((control) => controlView(control, control.info.id === wanted)),
    ]),
    without.length
      ? el("details", { class: "rest" }, el("summary", null, `${count(without.length, "control")} not applicable`),
          el("ul", null, without.map((control) => el("li", null, control.title, " ", soft(control.id)))))
      : null);
};

VIEWS.service = {
  under: "services",
  open(key, params) {
    const service = BY_KEY.get(key) || BY_NAME.get(key);
    if (!service) return null;
    const known = !service.problem && service.ifKnown > service.level
      ? el("p", null, `It would be at ${levelName(service.ifKnown)} if everything unknown turned out well.`) : null;
    const chart = typeof serviceChart === "function" ? serviceChart(service) : null;
    const mine = DATA.items.reduce((sum, row) => sum + (row[3] === service.number + 1), 0);
    const nodes = [
      heading(service.name),
      el("p", { class: "standing" }, levelBadge(service.level), " ",
        el("b", null, scoreText(service.score)), soft(" of 100"), " · ", `tier ${service.tier}`,
        service.owner ? ` · ${service.owner}` : ""),
      service.problem ? el("p", { class: "bad" }, "Not judged: ", service.problem) : null,
      known,
      service.short
        ? el("p", { class: "note" }, "This file has this service in short, for its size: level, scores, and the status of each control. ", code("--service"), " makes a report of one service.") : null,
      serviceFacts(service), serviceSteps(service), serviceAreas(service), serviceControls(service, params.control), chart ? chart.node : null,
      mine ? el("p", null, link("findings", "", { service: service.key }, `All ${count(mine, "finding")} of this service`)) : null,
    ];
    return {
      nodes,
      update(now) {
        const target = now.control && document.getElementById(`control-${now.control}`);
        if (!target) return;
        target.make && target.make();
        target.open = true;
        target.scrollIntoView({ block: "start" });
      },
      shown: chart ? chart.draw : null,
    };
  },
};
