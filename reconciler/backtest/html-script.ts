/** The code of a backtest's page, for the reader's browser: charts with axes and a legend, and the list of decisions. */
export const SCRIPT = `
const { series, target } = JSON.parse(document.getElementById('data').textContent);
const CHARTS = [['Arrivals', 'messages a second', { arrivals: 'arrivals' }],
  ['Backlog: visible and in flight', 'messages', { backlog: 'backlog' }],
  ['Workers', 'workers', { desired: 'desired', running: 'running' }],
  ['Longest wait', 'seconds', { wait: 'wait' }, target]];
const picks = ['controller', 'beside'].map((id) => document.getElementById(id));
picks.forEach((pick, i) => {
  if (i) pick.add(new Option('nothing', -1));
  series.forEach((s, j) => pick.add(new Option(s.controller, j)));
  pick.onchange = draw;
});
if (series.length > 1) picks[1].value = 1;
const whole = [0, Math.max(1, ...series.map((s) => s.at.at(-1) ?? 0))];
let [from, to] = whole;
const clock = (s) => (s >= 86400 ? Math.floor(s / 86400) + 'd ' : '') + new Date(s * 1000).toISOString().slice(11, to - from < 600 ? 19 : 16);
const element = (name, attributes) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};
const html = (name, className, ...children) => {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
};
function draw() {
  const chosen = picks.map((pick) => series[pick.value]);
  const charts = document.getElementById('charts');
  charts.replaceChildren(...CHARTS.map(([title, unit, fields, mark]) => chart(title, unit, fields, mark, chosen)));
  decisions(chosen[0]);
}
function tidy(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 6, 8, 10].map((n) => n * power).find((n) => n >= most);
}
function chart(title, unit, fields, mark, chosen) {
  const names = Object.keys(fields);
  const inside = chosen.map((s) => s ? s.at.map((t, i) => i).filter((i) => s.at[i] >= from && s.at[i] <= to) : []);
  const most = chosen.flatMap((s, c) => names.flatMap((f) => inside[c].map((i) => s[f][i]))).reduce((a, b) => Math.max(a, b), mark ?? 1);
  const top = tidy(Math.max(most, 1));
  const svg = element('svg', { viewBox: '0 0 1000 150', preserveAspectRatio: 'none', role: 'img', 'aria-label': title + ', ' + unit + ', over time' });
  const x = (t) => 1000 * (t - from) / (to - from), y = (v) => 150 - 150 * v / top;
  for (const v of [0, top / 2, top]) svg.append(element('line', { x1: 0, x2: 1000, y1: y(v), y2: y(v) }));
  const area = html('div', 'area', svg);
  if (mark) {
    svg.append(element('line', { x1: 0, x2: 1000, y1: y(mark), y2: y(mark), class: 'mark' }));
    const label = html('span', 'mark', 'target: ' + mark + ' s');
    label.style.bottom = 100 * mark / top + '%';
    area.append(label);
  }
  chosen.forEach((s, c) => s && names.forEach((f, k) => {
    const d = inside[c].map((i, n) => (n ? 'L' : 'M') + x(s.at[i]).toFixed(1) + ' ' + y(s[f][i]).toFixed(1)).join('');
    svg.append(element('path', { d, class: 'ab'[c] + (k ? ' thin' : '') }));
  }));
  const legend = chosen.flatMap((s, c) => s ? names.map((f, k) =>
    html('span', 'key k' + 'ab'[c] + (k ? ' thin' : ''), s.controller + (names.length > 1 ? ', ' + fields[f] : ''))) : []);
  const value = html('output', '', '');
  const caption = html('figcaption', '', html('strong', '', title), ...legend, value);
  const scale = html('div', 'y', ...[top, top / 2, 0].map((v) => html('span', '', String(Number(v.toPrecision(3))))));
  const times = html('div', 'x', ...[0, 1, 2, 3, 4].map((i) => html('span', '', clock(from + (to - from) * i / 4))));
  const figure = html('figure', '', caption, html('div', 'plot', html('div', 'unit', unit), scale, area, times));
  const time = (event) => from + (to - from) * event.offsetX / svg.clientWidth;
  let start;
  svg.onpointerdown = (event) => { start = time(event); };
  svg.onpointermove = (event) => {
    const at = time(event);
    value.replaceChildren('at ' + clock(at), ...chosen.flatMap((s, c) => {
      const i = s ? s.at.findIndex((t) => t >= at) : -1;
      return i < 0 ? [] : [html('span', 'k' + 'ab'[c], ' · ' + names.map((f) => fields[f] + ' ' + s[f][i]).join(', '))];
    }));
  };
  svg.onpointerup = (event) => {
    const end = time(event);
    if (start !== undefined && Math.abs(end - start) > (to - from) / 200) [from, to] = [Math.min(start, end), Math.max(start, end)];
    start = undefined;
    draw();
  };
  svg.ondblclick = () => { [from, to] = whole; draw(); };
  return figure;
}
function decisions(s) {
  const all = s.decisions.filter((d) => d.at >= from && d.at <= to), some = all.slice(0, 300);
  document.getElementById('shown').textContent = s.controller + ': ' + all.length + ' in the time shown' + (all.length > some.length ? '; the first ' + some.length : '');
  const head = document.createElement('tr');
  for (const text of ['time', 'workers', 'why']) head.append(html('th', '', text));
  document.getElementById('decisions').replaceChildren(head, ...some.map((d) => {
    const row = document.createElement('tr');
    for (const text of [clock(d.at), d.from + ' → ' + d.to, d.because]) row.insertCell().textContent = text;
    return row;
  }));
}
draw();
`;
