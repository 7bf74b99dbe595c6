// A month's statement with its lines, to read and to take away.
import { card, chip, empty, filterBar, filterSelect, icon, stat, stats, table } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { date, dateTime, money, number } from '../../format.js'
import { link } from '../shared/names.js'
import { measures, ranking } from './pictures.js'

/** The statement of a month that somebody chooses. */
export async function statementView(ctx, agents) {
  const { data: months } = await ctx.api.get('/v1/usage/history', null, { signal: ctx.signal })
  const present = new Date().toISOString().slice(0, 7)
  const names = [...new Set([present, ...months.map((entry) => entry.month)])]
  const place = h('div', { class: 'stack' })
  const show = async (month) => replace(place, await statement(ctx, agents, month))
  await show(names[0])
  return [filterBar(filterSelect({ label: 'Month', value: names[0], options: names.map((value) => ({ value, label: label(value) })),
    onchange: (month) => show(month).catch(ctx.toast.error) })), place]
}

function label(month) {
  return new Intl.DateTimeFormat(navigator.language, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`))
}

async function statement(ctx, agents, month) {
  const address = ctx.api.path`/v1/billing/months/${month}`
  const sum = await ctx.api.get(address, { limit: 1 }, { signal: ctx.signal })
  const take = (format, text) => h('a', { class: 'button', href: `${address}?format=${format}`, download: format === 'csv' ? `statement-${month}.csv` : null,
    target: format === 'html' ? '_blank' : null, rel: 'noopener' }, icon(format === 'csv' ? 'download' : 'external', 18), h('span', text))
  return [
    card({ title: label(month), actions: [chip(sum.state, sum.state === 'closed' ? `Closed ${date(sum.closed_at)}` : 'Open'),
      take('csv', 'Download CSV'), take('html', 'To print')] },
    stats(stat('Billed', money(sum.cost.billed), { hint: `${money(sum.cost.base)} and ${money(sum.cost.markup)} markup` }),
      stat('Lines', number(sum.lines)), stat('Tokens', number(sum.usage.input_tokens + sum.usage.output_tokens)))),
    h('div', { class: 'grid-2' },
      ranking({ title: 'By agent', parts: sum.agents, measure: measures[0], nameOf: (key) => (key ? agents.name(key) : 'Without an agent') }),
      ranking({ title: 'By model', parts: sum.models, measure: measures[0], nameOf: (key) => key ?? 'Unknown' })),
    lines(ctx, agents, address)]
}

function lines(ctx, agents, address) {
  return table({
    label: 'Lines of the statement', columns: [
      { id: 'at', label: 'When', width: '12rem', render: (line) => dateTime(line.at) },
      { id: 'agent', label: 'Agent', width: 'minmax(0, 1.5fr)', render: (line) => h('span', { class: 'clip' }, line.agent_id ? agents.name(line.agent_id) : '–') },
      { id: 'model', label: 'Model', width: 'minmax(0, 1.5fr)', hide: 'phone', render: (line) => h('span', { class: 'clip' }, `${line.model}${line.is_estimate ? ' (estimated)' : ''}`) },
      { id: 'tokens', label: 'Tokens', width: '7rem', align: 'end', hide: 'phone', render: (line) => number(line.usage.input_tokens + line.usage.output_tokens) },
      { id: 'billed', label: 'Billed', width: '7rem', align: 'end', render: (line) => money(line.cost.billed) },
      { id: 'note', label: 'Note', width: 'minmax(0, 1fr)', hide: 'phone', render: (line) => h('span', { class: 'clip' }, line.corrects ? `Corrects: ${line.note ?? ''}` : line.note ?? '') },
      { id: 'run', label: 'Run', width: '4.5rem', hide: 'phone', render: (line) => (line.execution_id ? link(`/executions/${line.execution_id}`, 'Show') : '') },
    ],
    load: async (after) => (await ctx.api.get(address, { limit: 100, after }, { signal: ctx.signal })).entries,
    emptyState: () => empty('No lines in this month', { text: 'Each call of a model becomes a line.' }),
  })
}
