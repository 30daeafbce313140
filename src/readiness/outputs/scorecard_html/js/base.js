// Elements and addresses.  Texts become text nodes only: nothing of the data is read as markup.
const SVG = "http://www.w3.org/2000/svg";

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
};
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const hidden = (text) => el("span", { class: "vh" }, text);
const soft = (...children) => el("span", { class: "soft" }, ...children);
const code = (text) => el("code", null, text);
const count = (number, noun, plural) => `${number.toLocaleString("en")} ${number === 1 ? noun : plural || noun + "s"}`;
const whole = (number) => number.toLocaleString("en");

// Text with its `code`; everything else is text.
const inline = (text) => {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, index) => (index % 2 ? code(part) : part)).filter((part) => part !== "");
};

// Paragraphs, lists and fenced code of a remediation.
const prose = (text) => {
  const out = [];
  let lines = [];
  let items = [];
  let block = null;
  const close = () => {
    if (lines.length) out.push(el("p", null, inline(lines.join(" "))));
    if (items.length) out.push(el("ul", null, items.map((item) => el("li", null, inline(item)))));
    lines = [];
    items = [];
  };
  const codeBlock = () => out.push(el("pre", { tabindex: 0 }, code(block.join("\n"))));
  for (const line of text.split("\n")) {
    const item = /^\s*(?:[*-]|\d+[.)])\s+(.*)$/.exec(line);
    if (/^\s*(```|~~~)/.test(line)) {
      if (block === null) close(), (block = []);
      else codeBlock(), (block = null);
    } else if (block !== null) block.push(line);
    else if (!line.trim()) close();
    else if (item) {
      if (lines.length) close();
      items.push(item[1]);
    } else if (items.length) items[items.length - 1] += ` ${line.trim()}`;
    else lines.push(line.trim().replace(/^#+\s*/, ""));
  }
  if (block) codeBlock();
  close();
  return out;
};

// Only addresses of the web become links.
const webLink = (address, text) =>
  /^https?:\/\//.test(address)
    ? el("a", { href: address, rel: "noreferrer noopener" }, text || address)
    : el("span", null, text || address);

const address = (page, argument, params) => {
  const query = new URLSearchParams(
    Object.entries(params || {}).filter(([, value]) => value !== "" && value !== null && value !== undefined),
  ).toString();
  const path = argument === "" || argument === undefined ? page : `${page}/${encodeURIComponent(argument)}`;
  return `#/${path}${query && `?${query}`}`;
};
const link = (page, argument, params, ...children) => el("a", { href: address(page, argument, params) }, ...children);

const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

// `#/service/NAME?param=value` as its page, argument and parameters.
const route = () => {
  const raw = location.hash.replace(/^#\/?/, "");
  const at = raw.indexOf("?");
  const path = at < 0 ? raw : raw.slice(0, at);
  const [page, ...rest] = path.split("/").map(decoded);
  return {
    page,
    argument: rest.join("/"),
    params: Object.fromEntries(new URLSearchParams(at < 0 ? "" : raw.slice(at + 1))),
  };
};

// Change parameters of this page: a step that "back" undoes, or (while typing) in place.
let changed = () => {};
const setParams = (changes, inPlace) => {
  const { page, argument, params } = route();
  const next = address(page, argument, { ...params, ...changes });
  if (next === location.hash) return;
  history[inPlace ? "replaceState" : "pushState"](null, "", next);
  changed();
};
