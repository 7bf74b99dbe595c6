// What calls of models cost: by day, agent and model; budgets; the month's statement.
import { filterBar, filterSelect, pageHead, stat, stats, tabs } from '../components/index.js'
import { h, replace } from '../dom.js'
import { compact, money, number } from '../format.js'
import { live } from './shared/live.js'
import { loadAgents } from './shared/names.js'
import { budgetList } from './usage/budgets.js'
import { measures, dayChart, ranking } from './usage/pictures.js'
import { statementView } from './usage/statement.js'
import { ranges, rangeOf } from './usage/range.js'

export default { title: 'Usage', path: '/usage', render }

async function render(root, ctx) {
  const agents = await loadAgents(ctx)
  const choice = { range: ctx.params.range ?? '30d', measure: ctx.params.measure ?? 'cost' }
  const figures = h('div')
  const pictures = h('div', { class: 'grid-2' })
  const budgets = budgetList(ctx, agents)
  const read = async () => {
    const { from, to, days } = rangeOf(choice.range)
    const ask = (grouping) => ctx.api.get('/v1/usage', { from, to, group_by: grouping }, { signal: ctx.signal })
    const [byDay, byAgent, byModel] = await Promise.all(['day', 'agent', 'model'].map(ask))
    replace(figures, totals(byDay))
    const measure = measures.find((item) => item.value === choice.measure) ?? measures[0]
    replace(pictures, dayChart(byDay, days, measure),
      ranking({ title: `${measure.label} by agent`, parts: byAgent.breakdown, measure, nameOf: (key) => (key ? agents.name(key) : 'Without an agent') }),
      ranking({ title: `${measure.label} by model`, parts: byModel.breakdown, measure, nameOf: (key) => key ?? 'Unknown' }))
  }
  const choose = (name) => async (value) => {
    choice[name] = value
    ctx.setQuery({ [name]: value })
    try {
      await read()
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  await Promise.all([read(), budgets.read()])
  replace(root, pageHead('Usage', { text: 'What calls of models cost. Days and months are those of UTC.' }),
    tabs({ label: 'Usage', selected: ctx.params.tab ?? 'cost', onselect: (tab) => ctx.setQuery({ tab: tab === 'cost' ? '' : tab }), items: [
      { id: 'cost', label: 'Cost', render: () => [filterBar(
        filterSelect({ label: 'Time', options: ranges, value: choice.range, onchange: choose('range') }),
        filterSelect({ label: 'Measure', options: measures, value: choice.measure, onchange: choose('measure') })), figures, pictures] },
      { id: 'budgets', label: 'Budgets', render: () => budgets.node },
      { id: 'statement', label: 'Statement', render: () => statementView(ctx, agents) },
    ] }))
  return live(ctx, ['execution.completed', 'execution.failed', 'budget.*'],
    () => Promise.all([read(), budgets.read()]), { pause: 2000 })
}

function totals({ cost, usage }) {
  return stats(stat('Billed', money(cost.billed), { hint: `${money(cost.base)} and ${money(cost.markup)} markup` }),
    stat('Calls', number(usage.model_calls)),
    stat('Tokens in', compact(usage.input_tokens), { hint: `${compact(usage.cache_read_tokens)} from caches` }),
    stat('Tokens out', compact(usage.output_tokens), { hint: `${compact(usage.reasoning_tokens)} of them thinking` }))
}
