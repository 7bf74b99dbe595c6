// Figures and their course.
import { card, empty, facts, stat, stats } from '../../components/index.js'
import { chart } from '../../charts/chart.js'
import { h } from '../../dom.js'
import { compact, duration, home, money, number } from '../../format.js'

/** Where the server has no figures, or not for us. */
export function missing(error) {
  return error.status === 403 ? empty('These figures are not for you', { text: 'They need the scope monitoring:read.' })
    : empty('This server measures nothing', { icon: 'monitoring', text: 'It has no /v1/metrics. Its health is shown above; what ran is under Executions.' })
}

/** Everything that `GET /v1/metrics` tells. */
export function figuresOf(metrics) {
  const { task_metrics: tasks, agent_metrics: agents, workflow_metrics: workflows, model_metrics: models, history, custom } = metrics
  return [
    stats(stat('Throughput', perMinute(tasks.throughput), { hint: `${number(tasks.completed)} completed` }),
      stat('Error rate', share(tasks.error_rate), { hint: `${number(tasks.total_failed)} failed`, tone: tasks.error_rate > 10 ? 'bad' : '' }),
      stat('Utilisation', share(agents.average_utilization), { hint: `${number(agents.available)} of ${number(agents.total)} agents free` }),
      stat('Response time', duration(tasks.average_duration_ms), { hint: `95 % within ${duration(tasks.p95_duration_ms)}` }),
      stat('Queue', number(tasks.queued), { hint: `${number(tasks.running)} running, ${number(tasks.waiting)} waiting` })),
    h('div', { class: 'grid-2' }, pictures(history, metrics.bucket_seconds)),
    agentTable((agents.agents ?? []).toSorted((a, b) => b.runs - a.runs)),
    h('div', { class: 'grid-2' },
      card({ title: 'Workflows and plans' }, facts([['Ended', number(workflows.total)], ['Completed', number(workflows.completed)],
        ['Failed', number(workflows.failed)], ['Running', number(workflows.running)], ['Success rate', share(workflows.success_rate)],
        ['Average time', duration(workflows.average_duration_ms)]])),
      models && card({ title: 'Models' }, facts([['Calls', number(models.calls)], ['Failed', `${number(models.failed)} (${share(models.error_rate)})`],
        ['Tokens in', compact(models.input_tokens)], ['Tokens out', compact(models.output_tokens)], ['Cost', models.cost ? money(models.cost) : null]])),
      (custom ?? []).length > 0 && customTable(custom)),
  ]
}

function share(value) { return value === null || value === undefined ? '–' : `${number(value, { maximumFractionDigits: 1 })} %` }

function perMinute(value) { return value === null || value === undefined ? '–' : `${number(value, { maximumFractionDigits: 2 })}/min` }

function pictures(history, seconds) {
  const hours = { hour: '2-digit', minute: '2-digit' }
  const write = new Intl.DateTimeFormat(navigator.language, { timeZone: home.timezone,
    ...(seconds >= 10_800 ? { weekday: 'short', hour: '2-digit' } : hours) })
  const labels = history.map((point) => write.format(new Date(point.at)))
  const line = (title, key, format) => card({}, chart({ title, kind: 'lines', labels, series: [{ name: title, values: history.map((point) => point[key]) }], format }))
  return [
    card({}, chart({ title: 'Runs that ended', labels, format: (value) => number(value), series: [
      { name: 'Completed', values: history.map((point) => point.completed) }, { name: 'Failed', values: history.map((point) => point.failed) }] })),
    line('Error rate', 'error_rate', share), line('Utilisation', 'utilization', share),
    line('Average time', 'average_duration_ms', (value) => duration(value))]
}

function agentTable(agents) {
  const head = ['Agent', 'Runs', 'Failed', 'Success', 'Utilisation', 'Response time']
  return card({ title: 'Agents' }, agents.length === 0 ? h('p', { class: 'muted' }, 'No agent has worked in this time.')
    : h('div', { class: 'scroll-x', tabIndex: 0, role: 'region', 'aria-label': 'Agents' }, h('table', { class: 'plain-table' }, h('caption', { class: 'visually-hidden' }, 'Agents'),
      h('thead', h('tr', head.map((name, index) => h('th', { scope: 'col', class: index ? 'end num' : '' }, name)))),
      h('tbody', agents.map((agent) => h('tr', h('th', { scope: 'row' }, h('a', { href: `#/agents/${agent.agent_id}` }, agent.name)),
        [number(agent.runs), number(agent.failed), share(agent.success_rate), share(agent.utilization), duration(agent.average_response_ms)]
          .map((text) => h('td', { class: 'end num' }, text))))))))
}

function customTable(metrics) {
  return card({ title: 'Your own' }, h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table' }, h('caption', { class: 'visually-hidden' }, 'Your own metrics'),
    h('thead', h('tr', ['Name', 'Labels', 'Value'].map((name, index) => h('th', { scope: 'col', class: index === 2 ? 'end num' : '' }, name)))),
    h('tbody', metrics.map((metric) => h('tr', h('th', { scope: 'row' }, metric.name),
      h('td', Object.entries(metric.labels ?? {}).map(([name, value]) => `${name}=${value}`).join(', ')),
      h('td', { class: 'end num' }, number(metric.value))))))))
}
