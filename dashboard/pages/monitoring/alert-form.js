// Making and changing a rule.
import { dialog, field, form, row } from '../../components/index.js'
import { h } from '../../dom.js'
import { words } from '../../format.js'

/** The operators in words. */
export const operators = { gt: 'above', gte: 'at or above', lt: 'below', lte: 'at or below', eq: 'exactly' }

const aggregations = { avg: 'Average', sum: 'Sum', min: 'Lowest', max: 'Highest', count: 'Count', p95: '95th percentile' }

/** Asks for a rule. Gives the alert; undefined where none was saved. */
export async function editAlert(ctx, alert) {
  const { data: metrics } = await ctx.api.list('/v1/alert-metrics', null, { signal: ctx.signal })
  const isShipped = alert?.source === 'default'
  const list = (entries) => Object.entries(entries).map(([value, label]) => ({ value, label: words(label) }))
  const known = h('datalist', { id: 'alert-metrics' }, metrics.map((metric) => h('option', { value: metric.name }, `${metric.description} (${metric.unit})`)))
  return dialog({ title: alert ? `Change ${alert.name}` : 'New alert', size: 'large', content: (close) => form({
    oncancel: () => close(undefined),
    fields: [known,
      field({ name: 'name', label: 'Name', value: alert?.name, required: true, maxlength: 200, disabled: isShipped }),
      row(field({ name: 'metric', label: 'Metric', value: alert?.metric ?? 'error_rate', list: 'alert-metrics', required: true, disabled: isShipped,
        hint: 'One of the list, or custom: and the name of one of yours.' }),
      field({ name: 'aggregation', label: 'Taken as', type: 'select', options: list(aggregations), value: alert?.aggregation ?? 'avg', disabled: isShipped })),
      row(field({ name: 'operator', label: 'Fires when it is', type: 'select', options: list(operators), value: alert?.operator ?? 'gt', disabled: isShipped }),
        field({ name: 'threshold', label: 'Threshold', type: 'number', step: 'any', value: alert?.threshold ?? 10, required: true }),
        field({ name: 'duration_seconds', label: 'For so many seconds', type: 'number', min: 0, step: 1, value: alert?.duration_seconds ?? 300, required: true })),
      field({ name: 'severity', label: 'Severity', type: 'select', options: list({ info: 'info', warning: 'warning', critical: 'critical' }),
        value: alert?.severity ?? 'warning', disabled: isShipped }),
      field({ name: 'message', label: 'Message', type: 'textarea', rows: 2, value: alert?.message, disabled: isShipped }),
      field({ name: 'emails', label: 'E-mail to', value: (alert?.emails ?? []).join(', '), hint: 'Addresses, with commas between them.',
        parse: (text) => text.split(/[\s,;]+/).filter(Boolean) }),
      field({ name: 'notify', label: 'Tell the staff in their notifications', type: 'checkbox', value: alert?.notify ?? true }),
      field({ name: 'enabled', label: 'Is on', type: 'checkbox', value: alert?.enabled ?? true })],
    onsubmit: async (values) => {
      const body = { ...(alert?.labels ? { labels: alert.labels } : {}), ...values }
      if (!body.message) delete body.message
      const saved = alert ? await ctx.api.put(ctx.api.path`/v1/alerts/${alert.id}`, body) : await ctx.api.post('/v1/alerts', body)
      ctx.toast('The alert is saved.')
      close(saved)
    },
  }) }).closed
}
