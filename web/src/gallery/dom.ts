/** Elements without a framework: the public's page weighs little. Text is only ever text. */

type Child = Node | string | null;

/** `tag.class` with what is in it; `null` is left out. */
export function h(name: string, ...children: Child[]): HTMLElement {
  const [tag = 'div', ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A drawing of paths: filled ones, and lines of 2. */
export function drawing(paths: readonly { d: string; line: boolean }[]): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  for (const { d, line } of paths) {
    if (d === '') continue;
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    path.setAttribute(line ? 'stroke' : 'fill', 'currentColor');
    if (line) {
      path.setAttribute('fill', 'none');
      path.setAttribute('stroke-width', '2');
    } else path.setAttribute('fill-rule', 'evenodd');
    svg.append(path);
  }
  return svg;
}
