"use strict";
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const findings = Array.from(document.querySelectorAll(".finding"));
  const causes = Array.from(document.querySelectorAll(".cause"));
  const parts = Array.from(document.querySelectorAll("section.part"));
  const told = form.querySelector("output");
  const texts = new Map();
  const field = (name) => form.elements.namedItem(name);

  const textOf = (finding) => {
    let text = texts.get(finding);
    if (text === undefined) {
      const cause = finding.closest(".cause");
      text = `${cause.dataset.policy} ${cause.querySelector("h3").textContent} ${finding.textContent}`;
      texts.set(finding, (text = text.toLowerCase()));
    }
    return text;
  };

  const chosen = (name) => {
    const control = field(name);
    return control ? control.value : "";
  };

  const apply = () => {
    const words = chosen("text").toLowerCase().split(/\s+/).filter(Boolean);
    const path = chosen("path").toLowerCase();
    const severities = new Set(
      Array.from(form.querySelectorAll("input[name=severity]:checked"), (box) => box.value),
    );
    const equal = ["status", "compared", "service"].map((name) => [name, chosen(name)]);
    const policy = chosen("policy");
    let shown = 0;
    for (const finding of findings) {
      const data = finding.dataset;
      const show =
        severities.has(data.severity) &&
        equal.every(([name, value]) => value === "" || data[name] === value) &&
        (policy === "" || finding.closest(".cause").dataset.policy === policy) &&
        (path === "" || data.path.toLowerCase().includes(path)) &&
        words.every((word) => textOf(finding).includes(word));
      finding.hidden = !show;
      shown += show;
    }
    for (const cause of causes) cause.hidden = !cause.querySelector(".finding:not([hidden])");
    for (const part of parts) part.hidden = !part.querySelector(".cause:not([hidden])");
    told.textContent = `${shown.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings`;
  };

  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 120);
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  form.hidden = false;
  apply();
})();
