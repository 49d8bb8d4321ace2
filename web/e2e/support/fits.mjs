// Whether a page fits the screen it is on: nothing is cut off, nothing scrolls sideways, no control lies on another or is too small
// for a finger.
import assert from 'node:assert/strict';

/** What does not fit, in words; nothing: all does. */
const misfits = (page) =>
  page.evaluate(() => {
    const found = [];
    /** Pictures that scroll sideways where there is no room for all of them. */
    const ROW = '.strip, .pictures';
    const root = document.documentElement;
    const nameOf = (it) =>
      `${it.tagName.toLowerCase()}${it.dataset.do ? `[data-do=${it.dataset.do}]` : ''} “${(it.ariaLabel ?? it.innerText ?? '').trim().slice(0, 40)}”`;
    if (root.scrollWidth > root.clientWidth) found.push(`the page scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);

    /** What of an element is in sight: its box, less what those around it cut off. */
    function seen(element) {
      let { left, top, right, bottom } = element.getBoundingClientRect();
      for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (style.overflowX === 'visible' && style.overflowY === 'visible') continue;
        const box = around.getBoundingClientRect();
        [left, top] = [Math.max(left, box.left), Math.max(top, box.top)];
        [right, bottom] = [Math.min(right, box.right), Math.min(bottom, box.bottom)];
      }
      return { left, top, right, bottom };
    }
    const staying = (it) => {
      for (let around = it; around; around = around.parentElement) {
        if (['sticky', 'fixed'].includes(getComputedStyle(around).position)) return around;
      }
      return null;
    };
    const modal = document.querySelector('dialog:modal');
    const inSight = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && (!modal || modal.contains(it));

    const controls = [...document.querySelectorAll('button, a[href], select, input, textarea, summary, [role=slider]')]
      .filter(inSight)
      .map((it) => ({ it, box: seen(it), whole: it.getBoundingClientRect() }))
      .filter(({ box }) => box.right - box.left > 1 && box.bottom - box.top > 1);
    for (const { it, whole } of controls) {
      // WCAG 2.2, 2.5.8: links within a sentence are excepted, and what a label enlarges counts with it.
      if (it.tagName === 'A') continue;
      const label = it.labels?.[0]?.contains(it) ? it.labels[0].getBoundingClientRect() : whole;
      const [width, height] = [Math.max(whole.width, label.width), Math.max(whole.height, label.height)];
      if (width < 24 || height < 24) found.push(`${nameOf(it)} is ${Math.round(width)} × ${Math.round(height)}`);
      if (whole.left < -1 || whole.right > root.clientWidth + 1) {
        if (!it.closest(ROW)) found.push(`${nameOf(it)} reaches out of the screen: ${whole.left} to ${whole.right}`);
      }
    }
    controls.forEach(({ it: one, box: a }, index) => {
      for (const { it: other, box: b } of controls.slice(index + 1)) {
        if (one.contains(other) || other.contains(one)) continue;
        // What stays in sight while the page scrolls lies on the page by design.
        if (staying(one) !== staying(other)) continue;
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) found.push(`${nameOf(one)} and ${nameOf(other)} lie on one another`);
      }
    });

    for (const it of document.querySelectorAll('p, h1, h2, h3, li, label, button, summary, span, strong, legend, td, th, dt, dd')) {
      if (!inSight(it) || it.closest('[aria-hidden=true]')) continue;
      const { overflowX } = getComputedStyle(it);
      if (overflowX !== 'visible' && overflowX !== 'auto' && it.scrollWidth > it.clientWidth + 1 && it.clientWidth > 1) {
        found.push(`cut off: ${nameOf(it)}`);
      }
      const box = it.getBoundingClientRect();
      if (box.width > 1 && (box.left < -1 || box.right > root.clientWidth + 1) && !it.closest(ROW)) {
        found.push(`out of the screen: ${nameOf(it)}`);
      }
    }
    for (const tile of document.querySelectorAll('[data-tile]')) {
      const { top } = tile.querySelector('.name').getBoundingClientRect();
      if (top < tile.getBoundingClientRect().top - 1) found.push(`the name is cut off: ${tile.dataset.tile}`);
    }
    return found;
  });

/** All of it is in sight and can be touched. */
export async function fits(page, where) {
  assert.deepEqual(await misfits(page), [], where);
}

/** Whoever goes on with the Tab key sees where they are: each stop has an outline, or a border that changes. */
export async function focusIsSeen(page, stops, where) {
  for (let n = 0; n < stops; n += 1) {
    await page.keyboard.press('Tab');
    const shown = await page.evaluate(() => {
      const it = document.activeElement;
      if (!it || it === document.body) return true;
      const { outlineStyle, outlineWidth } = getComputedStyle(it);
      const { top, bottom } = it.getBoundingClientRect();
      return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 && bottom > 0 && top < innerHeight
        ? true
        : `${it.outerHTML.slice(0, 90)} (${outlineStyle} ${outlineWidth}, ${top} to ${bottom})`;
    });
    assert.equal(shown, true, where);
  }
}
