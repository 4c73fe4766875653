'use strict';
// Shows the document of the JSON island: pages with boxes, lists, and what belongs together.
// Text of the document reaches the page through textContent alone.
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const $ = (id) => document.getElementById(id);
  const pane = $('pages'), list = $('list'), detail = $('detail'), search = $('search'), wires = $('wires');
  const KINDS = {
    figure: 'Figure', photo: 'Photo', chart: 'Chart', diagram: 'Diagram', table: 'Table', algorithm: 'Listing', formula: 'Formula',
    body: 'Paragraph', heading: 'Heading', list_item: 'List item', caption: 'Caption', footnote: 'Footnote', code: 'Code',
    formula_text: 'Formula', table_text: 'Table text', figure_text: 'Figure text',
  };
  const calm = matchMedia('(prefers-reduced-motion: reduce)');

  // ---- The document by id --------------------------------------------------------------------
  const items = new Map();
  const linksOf = new Map();
  const onPage = data.pages.map(() => []);
  for (const v of data.visuals) items.set(v.id, { ...v, visual: true });
  for (const p of data.paragraphs) items.set(p.id, { ...p, visual: false });
  for (const item of items.values()) {
    linksOf.set(item.id, []);
    for (const at of item.at) onPage[at[0]]?.push([item, at]);
  }
  const linked = (link) => items.has(link.p) && items.has(link.v);
  for (const link of data.links.filter(linked)) {
    linksOf.get(link.p).push(link);
    linksOf.get(link.v).push(link);
  }
  const weakOf = new Map();
  for (const link of data.weak.filter(linked)) {
    for (const id of [link.p, link.v]) weakOf.set(id, [...(weakOf.get(id) ?? []), link]);
  }
  // What was considered and left out shows on demand only.
  const weak = (id) => ($('weak').checked ? weakOf.get(id) ?? [] : []);
  const other = (link, id) => (link.p === id ? link.v : link.p);
  const pageName = (item) => (item.at.length ? `p. ${data.pages[item.at[0][0]].name}` : '');
  const folded = (text) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(options)) {
      if (value === undefined || value === null) continue;
      if (key === 'text') node.textContent = value;
      else if (key === 'class') node.className = value;
      else node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }
  const textNode = (item, cls, ...children) => make('span', { class: cls, dir: 'auto', lang: item.lang }, ...children);

  // ---- Pages ---------------------------------------------------------------------------------
  const sheets = data.pages.map((page, slot) => {
    const sheet = make('div', { class: 'sheet' });
    sheet.style.aspectRatio = `${page.w} / ${page.h}`;
    sheet.dataset.slot = slot;
    pane.append(make('section', { class: 'page', id: `page-${page.name}`, 'aria-label': `Page ${page.name}` },
      sheet, make('div', { class: 'page-name', text: page.name })));
    return sheet;
  });
  const boxes = new Map();
  const imageOf = (slot) => document.getElementById(`image-${slot}`)?.textContent;

  function fill(sheet) {
    const slot = Number(sheet.dataset.slot);
    const page = data.pages[slot];
    const src = imageOf(slot);
    if (!src && document.readyState === 'loading') return false;
    if (src) sheet.append(make('img', { src, alt: '', decoding: 'async', draggable: 'false' }));
    else sheet.append(make('div', { class: 'blank', text: 'This page could not be drawn' }));
    // Large boxes first, so that small ones lie above them and can be reached.
    const here = onPage[slot].slice().sort((a, b) => b[1][3] * b[1][4] - a[1][3] * a[1][4]);
    for (const [item, [, x, y, w, h]] of here) sheet.append(box(item, page, x, y, w, h));
    for (const [name, score, x, y, w, h] of page.seen ?? []) {
      const node = make('div', { class: 'seen', 'aria-hidden': 'true' }, make('span', { text: `${name} ${score.toFixed(2)}` }));
      lay(node, page, x, y, w, h);
      sheet.append(node);
    }
    return true;
  }

  /** Puts a node where a box in points lies on its sheet. */
  function lay({ style }, page, x, y, w, h) {
    style.left = `${(100 * x) / page.w}%`;
    style.top = `${(100 * y) / page.h}%`;
    style.width = `${(100 * w) / page.w}%`;
    style.height = `${(100 * h) / page.h}%`;
  }

  function box(item, page, x, y, w, h) {
    const node = make('button', { type: 'button', tabindex: '-1', 'aria-hidden': 'true', 'data-id': item.id });
    node.className = `box ${item.visual ? 'of-visual' : 'of-text'}`;
    const links = linksOf.get(item.id);
    if (item.visual) {
      node.classList.add(`k-${item.kind}`);
      node.dataset.name = item.name;
    } else if (links.length) {
      node.classList.add('is-linked', `k-${items.get(links[0].v).kind}`);
    }
    lay(node, page, x, y, w, h);
    if (!boxes.has(item.id)) boxes.set(item.id, []);
    boxes.get(item.id).push(node);
    const mark = marks().get(item.id);
    if (mark) node.classList.add(mark);
    return node;
  }

  const near = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting && fill(entry.target)) near.unobserve(entry.target);
    }
  }, { root: pane, rootMargin: '120% 0px' });
  // Observing anew reports a sheet again that came near before its image was there.
  const observe = () => sheets.forEach((sheet) => { if (!sheet.firstChild) { near.unobserve(sheet); near.observe(sheet); } });

  /** Fills what is in view at once, without waiting for the observer's next round. */
  function fillInView() {
    notePlace();
    for (let slot = place.slot; slot < sheets.length && topOf(slot) < pane.scrollTop + pane.clientHeight; slot += 1) {
      if (!sheets[slot].firstChild && fill(sheets[slot])) near.unobserve(sheets[slot]);
    }
  }

  // ---- What is lit ---------------------------------------------------------------------------
  let selected = null;
  let hovered = null;
  let lit = new Map();
  const rows = new Map();

  function marks() {
    const focus = hovered ?? selected;
    const found = new Map();
    if (!focus || !items.has(focus)) return found;
    for (const link of linksOf.get(focus)) found.set(other(link, focus), 'is-related');
    found.set(focus, 'is-focus');
    return found;
  }

  function nodesOf(id) {
    const row = rows.get(id);
    return row ? [...(boxes.get(id) ?? []), row] : boxes.get(id) ?? [];
  }

  function light() {
    const next = marks();
    for (const [id, mark] of lit) if (next.get(id) !== mark) nodesOf(id).forEach((node) => node.classList.remove(mark));
    for (const [id, mark] of next) nodesOf(id).forEach((node) => node.classList.add(mark));
    lit = next;
    const focus = items.get(hovered ?? selected);
    // A paragraph's highlight takes the colour of the visual it is lit for.
    if (focus?.visual) {
      for (const id of next.keys()) {
        if (id !== focus.id) for (const node of boxes.get(id) ?? []) node.className = node.className.replace(/k-\w+/, `k-${focus.kind}`);
      }
    }
    draw();
  }

  function hover(id) {
    if (id === hovered) return;
    hovered = id;
    light();
  }

  // ---- Lines between what belongs together -----------------------------------------------------
  const SVG = 'http://www.w3.org/2000/svg';
  let drawing = 0;
  function draw() {
    cancelAnimationFrame(drawing);
    drawing = requestAnimationFrame(drawNow);
  }

  function rectOf(item, frame) {
    if (!item.at.length) return null;
    const [slot, x, y, w, h] = item.at[0];
    const page = data.pages[slot];
    const sheet = sheets[slot].getBoundingClientRect();
    const sx = sheet.width / page.w, sy = sheet.height / page.h;
    return { x: sheet.left - frame.left + x * sx, y: sheet.top - frame.top + y * sy, w: w * sx, h: h * sy, slot };
  }

  function drawNow() {
    wires.replaceChildren();
    const frame = pane.getBoundingClientRect();
    wires.style.left = `${pane.offsetLeft}px`;
    wires.style.top = `${pane.offsetTop}px`;
    wires.style.width = `${pane.clientWidth}px`;
    wires.style.height = `${pane.clientHeight}px`;
    const focus = items.get(hovered ?? selected);
    const from = focus && rectOf(focus, frame);
    if (!from) return;
    for (const link of [...linksOf.get(focus.id), ...weak(focus.id)]) {
      const item = items.get(other(link, focus.id));
      const to = rectOf(item, frame);
      // Lines to pages far away only run off the screen.
      if (to && Math.abs(to.slot - from.slot) <= 2) wire(from, to, focus.visual ? focus.kind : item.kind, link.prob);
    }
  }

  /** From the left edge of one box around the margin to the left edge of the other. */
  function wire(a, b, kind, probability) {
    const ya = a.y + Math.min(a.h / 2, 40), yb = b.y + Math.min(b.h / 2, 12);
    const bend = Math.min(a.x, b.x) - Math.min(46, 16 + Math.abs(ya - yb) / 8);
    const group = document.createElementNS(SVG, 'g');
    group.setAttribute('class', `k-${kind}`);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', `M${a.x} ${ya} C${bend} ${ya} ${bend} ${yb} ${b.x - 4} ${yb}`);
    if (probability < 0.5) path.setAttribute('stroke-dasharray', '2 6');
    const end = document.createElementNS(SVG, 'circle');
    end.setAttribute('cx', b.x - 4);
    end.setAttribute('cy', yb);
    end.setAttribute('r', 3.5);
    group.append(path, end);
    wires.append(group);
  }

  // ---- The selection -------------------------------------------------------------------------
  function select(id, { scroll = true, history: remember = true } = {}) {
    if (id && !items.has(id)) return;
    rows.get(selected)?.removeAttribute('aria-current');
    selected = id;
    hovered = null;
    rows.get(id)?.setAttribute('aria-current', 'true');
    const first = id && linksOf.get(id)[0];
    (rows.get(id) ?? (first && rows.get(other(first, id))))?.scrollIntoView({ block: 'nearest' });
    if (remember && location.hash.slice(1) !== (id ?? '')) history.pushState(null, '', id ? `#${id}` : '#');
    showDetail();
    light();
    if (id && scroll) goTo(items.get(id));
  }

  function goTo(item) {
    if (!item.at.length) return;
    const [slot, , y] = item.at[0];
    const sheet = sheets[slot];
    const top = sheet.getBoundingClientRect().top - pane.getBoundingClientRect().top + pane.scrollTop;
    const target = Math.max(0, top + (y / data.pages[slot].h) * sheet.offsetHeight - pane.clientHeight * 0.22);
    const far = Math.abs(target - pane.scrollTop) > 2.5 * pane.clientHeight;
    pane.scrollTo({ top: target, behavior: far || calm.matches ? 'auto' : 'smooth' });
  }

  function percent(probability) {
    const value = Math.round(probability * 100);
    return `${probability < 1 ? Math.min(99, value) : value} %`;
  }

  /** A paragraph's words around a mention, or its first words. */
  function excerpt(item, span, room) {
    const text = item.text;
    if (!span) return [text.length > room ? `${text.slice(0, room).replace(/\s+\S*$/u, '')} …` : text];
    const [start, end] = span;
    let from = Math.max(0, start - room / 2), to = Math.min(text.length, end + room / 2);
    if (from > 0) from += Math.max(0, text.slice(from, start).search(/\s/u));
    const before = (from > 0 ? '… ' : '') + text.slice(from, start).trimStart();
    const after = text.slice(end, to).replace(to < text.length ? /\s+\S*$/u : /$^/u, '') + (to < text.length ? ' …' : '');
    return [before, make('mark', { text: text.slice(start, end) }), after];
  }

  function card(link, id) {
    const item = items.get(other(link, id));
    const visual = items.get(link.v), paragraph = items.get(link.p);
    const meter = make('span', { class: 'meter', 'aria-hidden': 'true' }, make('i'));
    meter.firstChild.style.width = `${100 * link.prob}%`;
    const top = make('span', { class: 'card-top' },
      item.visual ? make('span', { class: 'dot' }) : null,
      make('b', { text: item.visual ? item.name : KINDS[item.kind] }),
      make('span', { text: pageName(item) }),
      make('span', { class: 'sure' }, meter, percent(link.prob)));
    const words = item.visual
      ? (item.caption ? [item.caption] : [])
      : excerpt(paragraph, link.m === null ? null : paragraph.mentions[link.m], 190);
    const subject = item.visual ? 'This paragraph' : 'It';
    const button = make('button', { type: 'button', class: `card k-${visual.kind}`, 'data-id': item.id }, top,
      words.length ? textNode(item.visual ? visual : paragraph, 'text', ...words) : null,
      link.why.length ? make('span', { class: 'why', text: `${subject} ${link.why.join(' and ')}.` }) : null);
    return make('li', {}, button);
  }

  function thumb(item) {
    const [slot, x, y, w, h] = item.at[0];
    const src = imageOf(slot);
    if (!src || w <= 0 || h <= 0) return null;
    const page = data.pages[slot];
    const node = make('div', { class: 'thumb', 'aria-hidden': 'true' }, make('img', { src, alt: '' }));
    node.style.aspectRatio = `${w} / ${h}`;
    node.style.setProperty('--ratio', w / h);
    const img = node.firstChild.style;
    img.width = `${(100 * page.w) / w}%`;
    img.left = `${(-100 * x) / w}%`;
    img.top = `${(-100 * y) / h}%`;
    return node;
  }

  function showDetail() {
    const item = items.get(selected);
    detail.classList.toggle('is-intro', !item);
    detail.scrollTop = 0;
    if (!item) return showIntro();
    const links = linksOf.get(item.id).slice();
    const close = make('button', { type: 'button', class: 'icon', id: 'close' }, make('span', { 'aria-hidden': 'true', text: '×' }), make('span', { class: 'sr', text: 'Clear the selection' }));
    const badge = make('div', { class: `badge ${item.visual ? `k-${item.kind}` : ''}` },
      item.visual ? make('span', { class: 'dot' }) : null, `${KINDS[item.kind]}, ${pageName(item)}`);
    const head = make('div', {}, badge, make('h2', { dir: 'auto', text: item.visual ? item.name : `Paragraph ${item.id.slice(1)}` }));
    detail.replaceChildren(make('div', { class: 'detail-head' }, head, close));
    if (item.visual) {
      if (item.caption) detail.append(make('p', { class: 'caption', dir: 'auto', text: item.caption }));
      if (item.alt) detail.append(make('p', { class: 'why', dir: 'auto', text: item.alt }));
      const picture = item.at.length ? thumb(item) : null;
      if (picture) detail.append(picture);
      detail.append(make('h3', { text: links.length ? `Paragraphs that belong to it (${links.length})` : 'Paragraphs' }));
    } else {
      if (item.section) detail.append(make('p', { class: 'path', dir: 'auto', text: item.section }));
      detail.append(marked(item));
      detail.append(make('h3', { text: links.length ? `Visuals it belongs to (${links.length})` : 'Visuals' }));
    }
    if (!links.length) detail.append(make('p', { class: 'empty', text: item.visual ? `No paragraph belongs to it with a probability of ${percent(data.min)} or more.` : 'It belongs to no visual.' }));
    detail.append(make('ul', { class: 'cards' }, ...links.map((link) => card(link, item.id))));
    const left = weak(item.id);
    if (!left.length) return;
    detail.append(make('h3', { text: `Considered and left out (${left.length})` }), make('ul', { class: 'cards' }, ...left.map((link) => card(link, item.id))));
  }

  /** A paragraph's text with its mentions marked. */
  function marked(item) {
    const node = make('p', { class: 'caption long', dir: 'auto', lang: item.lang });
    let at = 0;
    for (const [start, end] of item.mentions) {
      if (start < at) continue;
      node.append(item.text.slice(at, start), make('mark', { text: item.text.slice(start, end) }));
      at = end;
    }
    node.append(item.text.slice(at));
    return node;
  }

  function showIntro() {
    const tile = (number, words) => make('div', { class: 'tile' }, make('b', { text: number.toLocaleString('en') }), make('span', { text: words }));
    const key = (name, words) => [make('kbd', { text: name }), make('span', { text: words })];
    const alone = data.visuals.filter((v) => !linksOf.get(v.id).length).length;
    detail.replaceChildren(
      make('h2', { text: 'What belongs together' }),
      make('p', { class: 'intro', text: 'Point at a figure, table or listing to see the paragraphs that belong to it; point at a paragraph to see its visuals. A click keeps the selection and shows how sure it is, and why.' }),
      make('div', { class: 'tiles' }, tile(data.visuals.length, 'visuals'), tile(data.links.length, 'links'), tile(alone, 'visuals without a paragraph'), tile(data.unresolved.length, 'mentions without a visual')),
      make('h3', { text: 'Keys' }),
      make('div', { class: 'keys' }, ...key('/', 'Filter the list'), ...key('↑ ↓', 'Move in the list'), ...key('Enter', 'Select'), ...key('Esc', 'Clear the selection')));
  }

  // ---- Lists ---------------------------------------------------------------------------------
  const tabs = ['visuals', 'paragraphs', 'unaligned'];
  let tab = 'visuals';
  const hiddenKinds = new Set();
  let shownRows = [];

  function row(item, { text, name, where } = {}) {
    const button = make('button', { type: 'button', class: `row ${item.visual ? `k-${item.kind}` : ''}`, tabindex: '-1', 'data-id': item.id },
      make('span', { class: 'dot', 'aria-hidden': 'true' }),
      make('span', { class: 'name', dir: 'auto', text: name ?? (item.visual ? item.name : KINDS[item.kind]) }),
      make('span', { class: 'where', text: where ?? pageName(item) }));
    const links = linksOf.get(item.id);
    if (!item.visual && links.length) button.classList.add(`k-${items.get(links[0].v).kind}`);
    const words = text ?? (item.visual ? item.caption ?? item.alt : item.text.slice(0, 240));
    let count = '';
    if (item.visual && tab === 'visuals') {
      count = `, ${links.length || 'no'} ${links.length === 1 ? 'paragraph' : 'paragraphs'}`;
      button.append(make('span', { class: `count ${links.length ? '' : 'is-zero'}`, title: count.slice(2), text: `${links.length} ¶` }));
    }
    if (words) button.append(textNode(item, 'text', words));
    button.setAttribute('aria-label', `${button.childNodes[1].textContent}, ${button.childNodes[2].textContent}${count}. ${words ?? ''}`);
    if (item.id === selected) button.setAttribute('aria-current', 'true');
    rows.set(item.id, button);
    shownRows.push(button);
    return make('li', {}, button);
  }

  function section(title, entries) {
    if (!entries.length) return [];
    return [...(title ? [make('h2', { text: `${title} (${entries.length})` })] : []), make('ul', {}, ...entries)];
  }

  function showList() {
    const query = folded(search.value.trim());
    const has = (...texts) => !query || texts.some((text) => text && folded(text).includes(query));
    rows.clear();
    shownRows = [];
    let parts;
    if (tab === 'visuals') {
      const shown = data.visuals.filter((v) => !hiddenKinds.has(v.kind) && has(v.name, v.caption, v.alt));
      parts = section('', shown.map((v) => row(items.get(v.id))));
    } else if (tab === 'paragraphs') {
      const shown = data.paragraphs.filter((p) => has(p.text, p.section));
      parts = section('', shown.map((p) => row(items.get(p.id))));
    } else {
      parts = unalignedParts(has);
    }
    list.replaceChildren(...(parts.length ? parts : [make('p', { class: 'none', text: query ? 'Nothing matches.' : 'Nothing to list.' })]));
    if (shownRows.length) shownRows[0].tabIndex = 0;
    $('status').textContent = `${shownRows.length} listed`;
    $('chips').hidden = tab !== 'visuals';
    for (const name of tabs) {
      $(`tab-${name}`).setAttribute('aria-selected', String(name === tab));
      $(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
    }
    list.setAttribute('aria-labelledby', `tab-${tab}`);
    for (const [id, mark] of lit) rows.get(id)?.classList.add(mark);
  }

  function unalignedParts(has) {
    const visuals = data.visuals.filter((v) => !linksOf.get(v.id).length && has(v.name, v.caption, v.alt));
    const mentions = data.unresolved.filter((u) => items.has(u.p) && has(u.text, u.why, items.get(u.p).text));
    const notes = data.warnings.filter((w) => has(w.message));
    const note = (w) => make('li', {}, make('div', { class: 'row' }, make('span', { class: 'dot' }),
      make('span', { class: 'name', text: w.page === null ? 'Document' : `p. ${w.page}` }), make('span'), make('span', { class: 'text', text: w.message })));
    return [
      ...section('Visuals without a paragraph', visuals.map((v) => row(items.get(v.id)))),
      ...section('Mentions without a visual', mentions.map((u) => row(items.get(u.p), { name: u.text, text: u.why }))),
      ...section('Notes from reading', notes.map(note)),
    ];
  }

  function showChips() {
    const counts = new Map();
    for (const v of data.visuals) counts.set(v.kind, (counts.get(v.kind) ?? 0) + 1);
    if (counts.size < 2) return;
    for (const [kind, count] of counts) {
      const chip = make('button', { type: 'button', class: `k-${kind}`, 'aria-pressed': 'true' }, make('span', { class: 'dot', 'aria-hidden': 'true' }), `${KINDS[kind]} ${count}`);
      chip.addEventListener('click', () => {
        const on = chip.getAttribute('aria-pressed') !== 'true';
        chip.setAttribute('aria-pressed', String(on));
        if (on) hiddenKinds.delete(kind); else hiddenKinds.add(kind);
        showList();
      });
      $('chips').append(chip);
    }
  }

  function openTab(name, focus) {
    tab = name;
    list.scrollTop = 0;
    showList();
    if (focus) $(`tab-${name}`).focus();
  }

  const count = { visuals: data.visuals.length, paragraphs: data.paragraphs.length, unaligned: data.unresolved.length + data.warnings.length + data.visuals.filter((v) => !linksOf.get(v.id).length).length };
  for (const name of tabs) {
    const button = $(`tab-${name}`);
    button.append(make('small', { text: count[name].toLocaleString('en') }));
    button.addEventListener('click', () => openTab(name));
    button.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      openTab(tabs[(tabs.indexOf(name) + step + tabs.length) % tabs.length], true);
    });
  }

  // ---- Pointer and keyboard ------------------------------------------------------------------
  const idUnder = (event) => event.target.closest?.('[data-id]')?.dataset.id ?? null;
  document.addEventListener('pointerover', (event) => { if (event.pointerType !== 'touch') hover(idUnder(event)); });
  document.addEventListener('pointerleave', () => hover(null));
  pane.addEventListener('click', (event) => {
    const id = idUnder(event);
    if (id) select(id, { scroll: false });
  });
  list.addEventListener('click', (event) => {
    const id = idUnder(event);
    if (!id) return;
    select(id);
    closeSide();
  });
  detail.addEventListener('click', (event) => {
    if (event.target.closest('#close')) { select(null); return; }
    const id = idUnder(event);
    if (!id) return;
    select(id);
    $('close')?.focus({ preventScroll: true });
  });
  list.addEventListener('keydown', (event) => {
    const at = shownRows.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shownRows.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (to < 0) { search.focus(); return; }
    const next = shownRows[Math.min(to, shownRows.length - 1)];
    shownRows[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
    hover(next.dataset.id);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && shownRows.length) { event.preventDefault(); shownRows[0].focus(); }
  });
  let typing = 0;
  search.addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(showList, 80); });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); openSide(); search.focus(); }
    if (event.key !== 'Escape') return;
    if ($('side').classList.contains('is-open')) closeSide();
    else if (document.activeElement === search && search.value) { search.value = ''; showList(); }
    else select(null);
  });

  const menu = $('menu');
  function openSide() { $('side').classList.add('is-open'); menu.setAttribute('aria-expanded', 'true'); }
  function closeSide() { $('side').classList.remove('is-open'); menu.setAttribute('aria-expanded', 'false'); }
  menu.addEventListener('click', () => { if ($('side').classList.contains('is-open')) closeSide(); else { openSide(); search.focus(); } });
  $('seen-switch').hidden = !data.pages.some((page) => page.seen);
  $('seen').addEventListener('change', (event) => pane.classList.toggle('show-seen', event.target.checked));
  $('weak').addEventListener('change', () => { showDetail(); draw(); });
  $('outlines').addEventListener('change', (event) => pane.classList.toggle('outlines', event.target.checked));
  // Pages change their height with the width; the same line stays at the top all the same.
  let place = { slot: 0, part: 0 };
  let width = pane.clientWidth;
  const topOf = (slot) => sheets[slot].parentNode.offsetTop;
  function notePlace() {
    if (pane.clientWidth !== width || !sheets.length) return;
    let low = 0, high = sheets.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (topOf(middle) <= pane.scrollTop) low = middle; else high = middle - 1;
    }
    place = { slot: low, part: (pane.scrollTop - topOf(low)) / Math.max(1, sheets[low].offsetHeight) };
  }
  new ResizeObserver(() => {
    if (pane.clientWidth !== width && sheets.length) {
      width = pane.clientWidth;
      pane.scrollTop = topOf(place.slot) + place.part * sheets[place.slot].offsetHeight;
    }
    draw();
  }).observe(pane);
  pane.addEventListener('scroll', () => { notePlace(); draw(); }, { passive: true });

  // ---- Light and dark ------------------------------------------------------------------------
  const themes = ['auto', 'light', 'dark'];
  const stored = () => { try { return localStorage.getItem('docalign-theme'); } catch { return null; } };
  function setTheme(name) {
    const theme = themes.includes(name) ? name : 'auto';
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    $('theme-name').textContent = `Theme: ${theme}`;
    $('theme').title = `Theme: ${theme}`;
    try { localStorage.setItem('docalign-theme', theme); } catch { /* Not kept, then. */ }
    return theme;
  }
  let theme = setTheme(stored());
  $('theme').addEventListener('click', () => { theme = setTheme(themes[(themes.indexOf(theme) + 1) % themes.length]); });

  // ---- Start ---------------------------------------------------------------------------------
  const fromHash = () => decodeURIComponent(location.hash.slice(1));
  addEventListener('popstate', () => select(items.has(fromHash()) ? fromHash() : null, { history: false }));
  showChips();
  showList();
  showDetail();
  observe();
  // The images stand behind this script; a sheet that came into view before its image waits.
  const waiting = setInterval(fillInView, 200);
  document.addEventListener('DOMContentLoaded', () => {
    clearInterval(waiting);
    fillInView();
    observe();
    if (selected) showDetail();
  });
  if (items.has(fromHash())) select(fromHash(), { history: false });
})();
