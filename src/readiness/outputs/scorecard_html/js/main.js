// Which page is shown, the menu, the theme, printing.
const PAGES = [
  ["", "Overview"],
  ["services", `Services ${whole(DATA.servicesTotal)}`],
  ["matrix", "Controls"],
  DATA.kpis.length ? ["kpis", "Key figures"] : null,
  HISTORY.length ? ["history", "History"] : null,
  ["findings", `Findings ${whole(DATA.itemsTotal)}`],
  HEALTH.length ? ["policies", "Policies"] : null,
  DATA.unassignedTotal ? ["unassigned", `Unassigned ${whole(DATA.unassignedTotal)}`] : null,
  DATA.problemsTotal ? ["problems", `Problems ${whole(DATA.problemsTotal)}`] : null,
  ["about", "About"],
].filter(Boolean);

const overviewBox = document.getElementById("overview");
const pageBox = document.getElementById("page");
const nav = document.getElementById("nav");
const home = document.title;

const THEMES = ["auto", "light", "dark"];
const stored = (value) => {
  // A page from a file may have no storage; then the choice lasts as long as the page.
  try {
    if (value === undefined) return localStorage.getItem("readiness-theme") || "auto";
    localStorage.setItem("readiness-theme", value);
  } catch {
    return "auto";
  }
  return value;
};
const themeSelect = el("select", { id: "theme", onchange: (event) => setTheme(stored(event.target.value) && event.target.value) },
  THEMES.map((name) => el("option", { value: name }, name)));
const setTheme = (name) => {
  if (name === "light" || name === "dark") document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  themeSelect.value = THEMES.includes(name) ? name : "auto";
  redraw();
};

const showNav = () => {
  nav.replaceChildren(
    el("ul", null, PAGES.map(([page, title]) => el("li", null, el("a", { href: address(page), "data-page": page }, title)))),
    el("div", { class: "theme" }, el("label", { for: "theme" }, "Theme"), " ", themeSelect));
  nav.hidden = false;
};

const missingPage = (at) => ({
  nodes: [heading("Nothing here"), el("p", null, "This report has no page ", code(`${at.page}${at.argument && `/${at.argument}`}`), ". ", link("", "", null, "Overview"))],
  update() {},
});

let current = null;
const scrolls = new Map();
const show = () => {
  // A step in the history is told twice, as such and as a new address.
  if (current && current.hash === location.hash) return;
  const at = route();
  const key = `${at.page}/${at.argument}`;
  if (current && current.key === key) {
    current.view?.update(at.params);
    current.hash = location.hash;
    return;
  }
  const first = current === null;
  const known = Object.hasOwn(VIEWS, at.page) ? VIEWS[at.page] : null;
  const view = at.page === "" ? null : (known && known.open(at.argument, at.params)) || missingPage(at);
  overviewBox.hidden = at.page !== "";
  pageBox.hidden = at.page === "";
  pageBox.replaceChildren(...(view ? view.nodes.flat(Infinity).filter(Boolean) : []));
  if (!view) document.title = home;
  view?.update(at.params);
  current = { key, view, hash: location.hash };
  const under = known && known.under ? known.under : at.page;
  for (const anchor of nav.querySelectorAll("a")) {
    if (anchor.dataset.page === under) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  view?.shown?.();
  if (first) return;
  (view ? pageBox : overviewBox).querySelector("h1")?.focus({ preventScroll: true });
  if (!at.params.control) scrollTo(0, clicked ? 0 : scrolls.get(location.hash) || 0);
  clicked = false;
};
changed = show;

// A page that is gone back to stands where it was left.
let clicked = false;
history.scrollRestoration = "manual";
addEventListener("scroll", () => current && current.hash === location.hash && scrolls.set(location.hash, scrollY), { passive: true });
document.addEventListener("click", (event) => {
  const anchor = event.target.closest?.("a");
  if (!anchor) return;
  if (anchor.classList.contains("skip")) {
    // An address of its own would be taken for that of a page.
    event.preventDefault();
    document.getElementById("main").focus();
  } else if ((anchor.getAttribute("href") || "").startsWith("#/")) clicked = true;
});
addEventListener("hashchange", show);
addEventListener("popstate", show);

let resized = 0;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(redraw, 150);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);

// A printed service is a launch document: everything about it stands open.
addEventListener("beforeprint", () => {
  for (const details of pageBox.querySelectorAll("details")) {
    if (details.open || details.classList.contains("rest")) continue;
    if (details.classList.contains("met")) continue;
    details.make?.();
    details.open = true;
    details.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const details of pageBox.querySelectorAll("details[data-printed]")) {
    details.open = false;
    delete details.dataset.printed;
  }
});

showNav();
setTheme(stored());
show();
