'use strict';
// Shows the pairs that fit the text and the causes chosen.
const list = [...document.querySelectorAll('#list .pair')];
const filter = document.getElementById('filter');
const buttons = [...document.querySelectorAll('#causes button')];
const status = document.getElementById('status');

function update() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const causes = buttons.filter((b) => b.getAttribute('aria-pressed') === 'true').map((b) => b.dataset.cause);
  let shown = 0;
  for (const pair of list) {
    const text = pair.querySelector('.pair-head').textContent.toLowerCase();
    const fits = (!causes.length || causes.includes(pair.dataset.cause)) && words.every((word) => text.includes(word));
    pair.hidden = !fits;
    shown += fits;
  }
  status.textContent = `${shown} of ${list.length} shown`;
}

for (const button of buttons) {
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    update();
  });
}
filter.addEventListener('input', update);
