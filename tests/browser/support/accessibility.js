/* What can be checked of WCAG 2.2 AA without a person: run in the page, returns sentences about what is wrong. */

/* Until its entrance has run, if only for the one frame of reduced motion, a page is transparent. */
function settled(page) {
  return page.evaluate(() => {
    const ends = document.getAnimations().filter((one) => Number.isFinite(one.effect.getComputedTiming().endTime));
    return Promise.allSettled(ends.filter((one) => one.playState === 'running').map((one) => one.finished)).then(() => null);
  });
}

/** Runs all checks on the page as it stands once nothing moves into place any more. */
export async function accessibilityProblems(page) {
  await settled(page);
  return page.evaluate(() => {
    const problems = [];
    const visible = (node) => node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const all = (selector) => [...document.querySelectorAll(selector)].filter(visible);
    const show = (node) => `<${node.tagName.toLowerCase()} id="${node.id}"> ${node.textContent.trim().slice(0, 40)}`;

    /* 2.4.2, 3.1.1, 1.3.1: title, language, landmarks, headings in order */
    if (!document.title.trim()) problems.push('no title');
    if (!['en', 'ja'].includes(document.documentElement.lang)) problems.push(`lang ${document.documentElement.lang}`);
    for (const name of ['main', 'header', 'footer']) {
      if (all(name).length !== 1) problems.push(`${all(name).length} visible <${name}>`);
    }
    const levels = all('h1, h2, h3, h4').filter((node) => !node.closest('dialog')).map((node) => Number(node.tagName[1]));
    if (levels.filter((level) => level === 1).length !== 1 || levels[0] !== 1) problems.push(`headings ${levels}`);
    levels.forEach((level, at) => {
      if (at > 0 && level > levels[at - 1] + 1) problems.push(`heading level jumps: ${levels}`);
    });

    /* 4.1.1 of old, still what aria-* relies on: ids once, references that exist */
    const ids = [...document.querySelectorAll('[id]')].map((node) => node.id);
    for (const id of new Set(ids)) {
      if (ids.filter((other) => other === id).length > 1) problems.push(`id ${id} is used twice`);
    }
    for (const attribute of ['aria-labelledby', 'aria-describedby', 'for']) {
      for (const node of document.querySelectorAll(`[${attribute}]`)) {
        for (const id of node.getAttribute(attribute).split(/\s+/)) {
          if (!document.getElementById(id)) problems.push(`${attribute} names ${id}, which is not there`);
        }
      }
    }

    /* 4.1.2, 2.5.3: names of controls, holding the text that is seen */
    for (const node of all('input')) {
      if (!node.labels?.length || !node.labels[0].textContent.trim()) problems.push(`no label: ${show(node)}`);
    }
    for (const node of all('button, a, summary')) {
      const seen = node.textContent.trim();
      const name = node.getAttribute('aria-label') ?? seen;
      if (!name) problems.push(`no name: ${show(node)}`);
      const verb = seen.toLowerCase();
      if (seen && !name.toLowerCase().includes(verb)) problems.push(`the name «${name}» lacks the visible «${seen}»`);
    }
    for (const node of document.querySelectorAll('svg, .icon')) {
      if (!node.closest('[aria-hidden="true"]')) problems.push(`a picture without words: ${node.outerHTML.slice(0, 60)}`);
    }
    if (!document.querySelector('[role="status"][aria-live="polite"]')) problems.push('no live region');

    /* 2.5.8: targets of 24 px, unless in a line of text */
    for (const node of all('button, input, summary, a:not(p a)')) {
      const { width, height } = node.getBoundingClientRect();
      if (width < 24 || height < 24) problems.push(`target of ${width}×${height}: ${show(node)}`);
    }

    /* 1.4.10: nothing wider than the page */
    if (document.documentElement.scrollWidth > innerWidth) problems.push(`page is ${document.documentElement.scrollWidth} wide`);

    /* 1.4.3, 1.4.11: contrast of text and of the borders of controls */
    const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
      probe.clearRect(0, 0, 1, 1);
      probe.fillStyle = colour;
      probe.fillRect(0, 0, 1, 1);
      return [...probe.getImageData(0, 0, 1, 1).data];
    };
    const behind = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const colour = rgba(getComputedStyle(at).backgroundColor);
        if (colour[3] === 255) return colour;
      }
      return [255, 255, 255, 255];
    };
    const luminance = ([red, green, blue]) =>
      [red, green, blue]
        .map((part) => part / 255)
        .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const contrast = (one, other) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const node = texts.currentNode.parentElement;
      if (!texts.currentNode.data.trim() || !visible(node) || node.closest('.scene, [aria-disabled="true"]')) continue;
      const style = getComputedStyle(node);
      const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
      const ratio = contrast(rgba(style.color), behind(node));
      if (ratio < (large ? 3 : 4.5)) problems.push(`contrast ${ratio.toFixed(2)}: ${show(node)}`);
      if (!node.closest('code') && /^[a-z]+(\.[a-zA-Z]+)+$/.test(texts.currentNode.data.trim())) problems.push(`a key, not a message: ${texts.currentNode.data}`);
    }
    for (const node of all('input')) {
      const ratio = contrast(rgba(getComputedStyle(node).borderTopColor), behind(node.parentElement));
      if (ratio < 3) problems.push(`border contrast ${ratio.toFixed(2)}: ${show(node)}`);
    }
    return problems;
  });
}

/** Whether the focused element shows that it has the focus (2.4.7). */
export function focusIsVisible(page) {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
}
