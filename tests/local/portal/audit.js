// What of a page's text can't be read: less contrast than WCAG 2.2 asks for at AA (4.5, large text 3), through
// shadow trees, with backgrounds laid over each other. Also controls without a name, and what is cut off.
(() => {
  const found = [];
  const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  function rgba(text) {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = "#000";
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  }
  const over = (top, under) => [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3])).concat(1);
  const parent = (node) => node.assignedSlot || node.parentElement || (node.getRootNode() && node.getRootNode().host) || null;

  function ground(element) {
    const layers = [];
    for (let at = element; at; at = parent(at)) {
      const layer = rgba(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer[3] === 1) break;
    }
    const dark = matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(document.documentElement).colorScheme.includes("dark");
    return layers.reverse().reduce((under, top) => over(top, under), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  }
  function opacity(element) {
    let all = 1;
    for (let at = element; at; at = parent(at)) all *= Number(getComputedStyle(at).opacity);
    return all;
  }
  function light([red, green, blue]) {
    const [r, g, b] = [red, green, blue].map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function text(node) {
    const element = node.parentElement || node.getRootNode().host;
    if (!node.data.trim() || !element || !element.checkVisibility({ visibilityProperty: true })) return;
    if (["SCRIPT", "STYLE", "TITLE", "OPTION"].includes(element.tagName) || element.closest(":disabled, [disabled], [aria-disabled=true]")) return;
    for (let at = element; at; at = parent(at)) if (at.matches(":disabled, [disabled]")) return;
    const style = getComputedStyle(element);
    const size = parseFloat(style.fontSize);
    const under = ground(element);
    const ink = rgba(style.color);
    const [one, other] = [light(over([...ink.slice(0, 3), ink[3] * opacity(element)], under)), light(under)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${node.data.trim().slice(0, 40)}`);
  }

  function control(element) {
    if (!element.checkVisibility({ visibilityProperty: true })) return;
    const labels = element.labels ? [...element.labels].map((one) => one.textContent).join("") : "";
    const slotted = [...element.querySelectorAll("slot")].flatMap((slot) => slot.assignedNodes({ flatten: true }).map((one) => one.textContent + (one.shadowRoot ? one.localName : "")));
    const named = [element.ariaLabel, element.title, labels, element.textContent, element.placeholder, element.matches("[type=submit], [type=reset], [type=button]") && element.value, ...slotted];
    const inside = element.closest("label");
    if (inside) named.push(inside.textContent, ...[...inside.querySelectorAll("slot")].flatMap((slot) => slot.assignedNodes().map((one) => one.textContent)));
    if (!named.some((one) => one && one.trim())) found.push(`no name: ${element.outerHTML.slice(0, 80)}`);
  }

  function walk(root) {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) text(node);
      if (node.nodeType !== Node.ELEMENT_NODE) continue;
      if (node.matches("button, a[href], input:not([type=hidden]), select, textarea, iframe")) control(node);
      if (node.matches("img:not([alt])")) found.push(`no alt: ${node.outerHTML.slice(0, 80)}`);
      if (node.shadowRoot) walk(node.shadowRoot);
      walk(node);
    }
  }
  walk(document.body);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth - root.clientWidth} pixels are cut off`);
  return found;
})()
