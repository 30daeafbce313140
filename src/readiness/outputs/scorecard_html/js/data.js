// The data of the page, with names for what it has in numbers (`payload.py` has its shape).
const DATA = JSON.parse(document.getElementById("data").textContent);
const text = (number) => DATA.strings[number] || "";
const place = (path, line, column) => {
  const name = text(path);
  if (!name || line < 1) return name;
  return column > 0 ? `${name}:${line}:${column}` : `${name}:${line}`;
};

const AREAS = DATA.areas.map(([id, title]) => ({ id, title }));
const CONTROLS = DATA.controls.map(([id, title, area, statement, why, strengths, frameworks], number) => ({
  id, title, area, statement, why, strengths, frameworks, number,
}));
const LEVELS = ["", ...DATA.levels];
const levelName = (number) => (number < 0 ? "not judged" : LEVELS[number] || "none");
const levelValue = (number) => (number < 0 ? "unjudged" : LEVELS[number] || "none");
const levelRank = (number) => {
  if (number <= 0) return number < 0 ? "unjudged" : "none";
  return number === LEVELS.length - 1 ? "top" : number === 1 ? "low" : "mid";
};

// Controls of a service are read when something asks for them.  Of a service in short there is the status of
// each alone: one character for each control, the number of the status, or a dot where it is not asked.
class Service {
  constructor({ controls, ...fields }, number) {
    Object.assign(this, {
      owner: "", system: "", lifecycle: "", link: "", source: "", environments: [], depends: [], facts: {},
      resources: 0, documents: [], documentsTotal: 0, areas: [], steps: [], stepsTotal: 0, problem: "",
      repository: "", next: 0, ifKnown: 0, by: "",
    }, fields);
    this.rows = controls || [];
    this.short = typeof this.rows === "string";
    this.number = number;
    this.areaScores = new Map(this.areas.map(([area, score, level, cap]) => [area, { score, level, cap }]));
  }

  get raw() {
    if (typeof this.rows === "string")
      this.rows = [...this.rows].flatMap((mark, control) => (mark === "." ? [] : [[control, Number(mark)]]));
    return this.rows;
  }

  get controls() {
    const tier = this.tier;
    this.read ||= this.raw.map((row) => {
      const [control, status, level, met, of, missing, evidence, failed, waived, unknown, share, total, strength] = row;
      const info = CONTROLS[control];
      const status_ = DATA.statuses[status];
      const proofs = [...(evidence || [])];
      const cut = typeof proofs.at(-1) === "number" ? proofs.pop() : 0;
      return {
        info, status: status_, level, met, of,
        missing: missing || [],
        evidence: proofs,
        proofsLeft: cut,
        failed: failed || 0,
        waived: waived || 0,
        unknown: unknown || 0,
        share: status_ === "met" ? 100 : share || 0,
        total: total || 0,
        strength: strength ? DATA.strengths[strength - 1] : info.strengths[tier] || "",
      };
    });
    return this.read;
  }

  // The number of a status for every control, null where it asks nothing of the service.
  get marks() {
    if (!this.marked) {
      this.marked = new Array(CONTROLS.length).fill(null);
      for (const row of this.raw) this.marked[row[0]] = row[1];
    }
    return this.marked;
  }

  get open() {
    return (this.gaps ??= this.raw.reduce((sum, row) => sum + (row[1] === PARTLY || row[1] === NOT_MET), 0));
  }

  // The lowest area with a score, the first of them where there are several.
  get worst() {
    if (this.low === undefined) {
      this.low = null;
      for (const [area, score] of this.areas)
        if (score !== null && (!this.low || score < this.low.score)) this.low = { area, score };
    }
    return this.low;
  }
}
const PARTLY = DATA.statuses.indexOf("partly");
const NOT_MET = DATA.statuses.indexOf("not-met");
const SERVICES = DATA.services.map((raw, number) => new Service(raw, number));
const BY_KEY = new Map(SERVICES.map((service) => [service.key, service]));
const BY_NAME = new Map([...SERVICES].reverse().map((service) => [service.name, service]));
const SHARED = new Set(SERVICES.filter((service) => BY_NAME.get(service.name) !== service).map((service) => service.name));
const LEFT_OUT = DATA.servicesTotal - SERVICES.length;
const FLEET = DATA.repositories.length > 1;

const POLICIES = DATA.policies.map(([id, title, control, remediation, references, aliases]) => ({
  id, title, control, remediation, references, aliases,
}));
class Item {
  constructor(row, number) {
    [, this.severity, this.status, this.service, this.path, this.line, this.column] = row;
    this.policy = POLICIES[row[0]];
    this.number = number;
    this.address = text(row[7]);
    this.message = text(row[8]);
    this.fixable = row[9] || 0;
    this.excerpt = text(row[10]);
    this.notes = row[11] || [];
  }

  get owner() {
    return this.service ? SERVICES[this.service - 1] : null;
  }

  get place() {
    return place(this.path, this.line, this.column || 0);
  }
}
// What a service is called where names alone stand: two of one name are told apart.
const calledService = (service) => (SHARED.has(service.name) ? service.key : service.name);
// There may be tens of thousands: they are made when a page of findings is opened.
let made = null;
const leftOutNote = () =>
  LEFT_OUT > 0
    ? el("p", { class: "note" }, `${count(LEFT_OUT, "service")} of ${whole(DATA.servicesTotal)} not in this file, for its size: those that are most ready. `, code("--format csv"), " and ", code("--format json"), " have all.")
    : null;
const allItems = () => (made ||= DATA.items.map((row, number) => new Item(row, number)));
const itemAt = (number) => new Item(DATA.items[number], number);

const byText = (a, b) => a.localeCompare(b, "en", { numeric: true });
const distinct = (values) => [...new Set(values)].filter((value) => value !== "").sort(byText);
