// Usage as pictures.
import { card } from '../../components/index.js'
import { chart } from '../../charts/chart.js'
import { h } from '../../dom.js'
import { compact, home, money, number } from '../../format.js'

/** What is looked at, and how it is written. */
export const measures = [
  { value: 'cost', label: 'Cost', of: (part) => Number(part.cost.billed.amount), write: (value, part) => money({ amount: value, currency: part?.cost.billed.currency ?? currency }) },
  { value: 'tokens', label: 'Tokens', of: (part) => part.usage.input_tokens + part.usage.output_tokens, write: (value) => compact(value) },
  { value: 'calls', label: 'Calls', of: (part) => part.usage.model_calls, write: (value) => number(value) },
]

/** What models are paid in; bills say so themselves. */
let currency = home.currency

/** A bar for each day, also for those on which nothing was called. */
export function dayChart(usage, days, measure) {
  currency = usage.cost.billed.currency
  const byDay = new Map(usage.breakdown.map((part) => [part.key, part]))
  const values = days.map((day) => (byDay.has(day) ? measure.of(byDay.get(day)) : 0))
  return card({ class: 'wide' }, chart({ title: `${measure.label} by day`, labels: days.map((day) => day.slice(5)),
    series: [{ name: measure.label, values }], format: (value) => measure.write(value), head: 'Day' }))
}

/** The parts, most first, each with a bar of its share. */
export function ranking({ title, parts, measure, nameOf }) {
  const rows = parts.map((part) => ({ name: nameOf(part.key), value: measure.of(part), part }))
    .sort((one, other) => other.value - one.value)
  const most = Math.max(...rows.map((row) => row.value), 0)
  return card({ title }, rows.length === 0 ? h('p', { class: 'muted' }, 'Nothing was called in this time.')
    : h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table ranking' }, h('caption', { class: 'visually-hidden' }, title),
      h('thead', h('tr', h('th', { scope: 'col' }, 'Name'), h('th', { scope: 'col', class: 'end num' }, measure.label),
        h('th', { scope: 'col', class: 'end num' }, 'Calls'))),
      h('tbody', rows.map((row) => h('tr', h('th', { scope: 'row' }, h('span', { class: 'clip' }, row.name),
        h('span', { class: 'share', 'aria-hidden': 'true', style: { '--share': `${most ? 100 * row.value / most : 0}%` } })),
      h('td', { class: 'end num' }, measure.write(row.value, row.part)), h('td', { class: 'end num' }, number(row.part.usage.model_calls))))))))
}
