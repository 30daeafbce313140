// When and from what this was made, and how its numbers come about.
const STATUS_TEXT = {
  met: "everything that it asks is there",
  partly: "some of it is",
  "not-met": "none of it is",
  waived: "all that is missing is let pass by an exception, which is not the same as met",
  unknown: "nothing is known to be missing, and something cannot be known before apply",
  "not-applicable": "it asks nothing of what the service has",
};

const countRows = () => {
  const { files, unread, resources, policies, evaluated, unknown, skipped } = DATA.counts;
  return [
    factRow("Files", `${whole(files)} read${unread ? `, ${whole(unread)} not in full` : ""}`),
    factRow("Resources", whole(resources)),
    factRow("Policies", whole(policies)),
    factRow("Checks", `${whole(evaluated)} decided, ${whole(unknown)} unknown, ${whole(skipped)} did not apply`),
  ];
};

VIEWS.about = {
  open() {
    const levels = DATA.levels.length ? DATA.levels.join(", ") : "none";
    return {
      nodes: [
        heading("About this report"),
        el("dl", { class: "facts" },
          factRow("Made by", `readiness ${DATA.version}`), DATA.commit ? factRow("Commit", code(DATA.commit)) : null,
          DATA.when ? factRow("Time", DATA.when) : null, countRows()),
        el("h2", null, "Controls"),
        el("p", null, "A check is one policy on one resource of a service. Each policy belongs to a control, each control to an area. What a control may be:"),
        el("ul", null, DATA.statuses.map((status) => el("li", null, statusMark(status), `: ${STATUS_TEXT[status]}.`))),
        el("h2", null, "Levels"),
        el("p", null, `Levels, the lowest first: ${levels}. A level asks for controls, and for more of them the stricter the tier is. A control holds at a level when nothing of it that is grave enough for that level fails, is waived or is unknown. An area has the lowest level of its controls, a service the lowest of its areas.`),
        el("h2", null, "Scores"),
        el("p", null, "The share of a control is the part of its checks that holds, weighed by severity for the tier. The score of an area, from 0 to 100, is the average of these shares, in which a control that blocks weighs more than one that is reported, and that more than one that advises. A blocking control with something critical or high open holds the score of its area down, whatever the rest is. What is waived is not met, and what a baseline knows is still missing."),
        el("h2", null, "Areas and controls"),
        AREAS.map((area, number) => {
          const controls = CONTROLS.filter((control) => control.area === number);
          return controls.length
            ? el("section", null, el("h3", null, area.title), el("ul", null, controls.map((control) => el("li", null, controlLink(control), " ", control.title))))
            : null;
        }),
      ],
      update() {},
    };
  },
};
