/**
 * Looks over everything visible in the widget as a reviewer of accessibility would.
 *
 * @returns {{contrast: string[], labels: string[], texts: number}}  What is wrong, and how many texts were measured
 */
() => {
  const host = document.querySelector("parley-chat");
  const root = host.shadowRoot;
  const contrast = [];
  const labels = [];
  let texts = 0;

  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const parent = (node) => node.parentElement ?? (node.getRootNode() === root ? host : null);
  const ground = (element) => {
    if (!element) return { r: 255, g: 255, b: 255, a: 1 };
    const own = parse(getComputedStyle(element).backgroundColor);
    return own.a === 1 ? own : over(own, ground(parent(element)));
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ratio = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const visible = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !visible(element) || element.closest("style, .sr-only")) continue;
    texts += 1;
    const under = ground(element);
    const value = ratio(over(parse(getComputedStyle(element).color), under), under);
    if (value < 4.5) contrast.push(`${value.toFixed(2)} "${walker.currentNode.data.trim().slice(0, 40)}"`);
  }
  for (const field of root.querySelectorAll("textarea")) {
    if (!visible(field)) continue;
    const value = ratio(parse(getComputedStyle(field, "::placeholder").color), ground(field));
    if (value < 4.5) contrast.push(`${value.toFixed(2)} placeholder`);
  }

  const name = (element) =>
    element.getAttribute("aria-label") ??
    (element.hasAttribute("aria-labelledby")
      ? root.getElementById(element.getAttribute("aria-labelledby"))?.textContent
      : element.textContent);
  for (const element of root.querySelectorAll("button, a, textarea, [role], [tabindex='0'], ul[aria-label]")) {
    if (visible(element) && !["status", "alert"].includes(element.getAttribute("role")) && !name(element)?.trim()) {
      labels.push(`no name: ${element.outerHTML.slice(0, 80)}`);
    }
  }
  for (const image of root.querySelectorAll("img")) if (!image.alt) labels.push(`no alt: ${image.src}`);
  for (const attribute of ["aria-controls", "aria-describedby", "aria-labelledby"]) {
    for (const element of root.querySelectorAll(`[${attribute}]`)) {
      const id = element.getAttribute(attribute);
      if (!root.getElementById(id)) labels.push(`${attribute} to nothing: ${id}`);
    }
  }
  const ids = [...root.querySelectorAll("[id]")].map(({ id }) => id);
  if (new Set(ids).size !== ids.length) labels.push(`ids used twice: ${ids}`);
  for (const button of root.querySelectorAll("button")) {
    const box = button.getBoundingClientRect();
    const inline = button.classList.contains("link");
    if (visible(button) && !inline && (box.width < 24 || box.height < 24)) labels.push(`too small: ${name(button)}`);
  }
  return { contrast, labels, texts };
}
