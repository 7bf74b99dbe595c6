// How it goes: throughput, errors, utilisation, alerts, and the health of each part.
import { button, filterBar, filterSelect, pageHead, tabs } from '../components/index.js'
import { h, replace } from '../dom.js'
import { live, together } from './shared/live.js'
import { alertList } from './monitoring/alerts.js'
import { figuresOf, missing } from './monitoring/figures.js'
import { healthOf } from './monitoring/health.js'

const ranges = [{ value: '1h', label: 'Last hour' }, { value: '24h', label: 'Last 24 hours' }, { value: '7d', label: 'Last 7 days' }]

export default { title: 'Monitoring', path: '/monitoring', render }

async function render(root, ctx) {
  let range = ctx.params.range ?? '1h'
  const figures = h('div', { class: 'stack' })
  const health = h('div', { 'aria-live': 'polite' })
  const alerts = alertList(ctx)
  const readFigures = async () => {
    try {
      replace(figures, figuresOf(await ctx.api.get('/v1/metrics', { range }, { signal: ctx.signal })))
    } catch (error) {
      if (![403, 404].includes(error.status)) throw error
      replace(figures, missing(error))
    }
  }
  const readHealth = async () => replace(health, await healthOf(ctx.signal))
  const all = () => Promise.all([readFigures(), readHealth(), alerts.read()])
  await all()
  replace(root, pageHead('Monitoring', { text: 'How the agents, and the server that they run on, are doing.',
    actions: [button('Refresh', { icon: 'again', onclick: () => all().catch(ctx.toast.error) })] }),
  alerts.banner, health,
  tabs({ label: 'Monitoring', selected: ctx.params.tab ?? 'figures', onselect: (tab) => ctx.setQuery({ tab: tab === 'figures' ? '' : tab }), items: [
    { id: 'figures', label: 'Figures', render: () => [filterBar(filterSelect({ label: 'Time', options: ranges, value: range, onchange: (value) => {
      range = value
      ctx.setQuery({ range })
      readFigures().catch(ctx.toast.error)
    } })), figures] },
    { id: 'alerts', label: 'Alerts', render: () => alerts.node },
  ] }))
  return together(
    live(ctx, ['execution.started', 'execution.completed', 'execution.failed', 'execution.cancelled'], readFigures, { pause: 3000 }),
    live(ctx, ['alert.*'], () => Promise.all([alerts.read(), readHealth()])))
}
