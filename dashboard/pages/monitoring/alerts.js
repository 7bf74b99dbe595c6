// Rules, what they say now, and what they have said.
import { button, chip, empty, filterBar, iconButton, moment, table, dialog, toggle } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { dateTime, number, words } from '../../format.js'
import { editAlert, operators } from './alert-form.js'

/** `{ node, banner, read() }`; where the server has no alerts, `node` says so. */
export function alertList(ctx) {
  const banner = h('div', { role: 'status' })
  const place = h('div', { class: 'alerts' })
  const mayWrite = ctx.may('monitoring:write')
  const change = async (alert) => {
    try {
      if (await editAlert(ctx, alert)) await read()
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const read = async () => {
    let alerts
    try {
      alerts = await ctx.api.all('/v1/alerts', {}, 500)
    } catch (error) {
      if (![403, 404].includes(error.status)) throw error
      replace(banner)
      if (bar) bar.hidden = true
      return replace(place, error.status === 403 ? empty('Alerts are not for you', { text: 'They need the scope monitoring:read.' })
        : empty('This server has no alerts', { icon: 'bell' }))
    }
    const firing = alerts.filter((alert) => alert.state === 'firing' && alert.enabled !== false)
    replace(banner, firing.length > 0 && h('div', { class: 'notice bad' }, h('strong', `${number(firing.length)} ${firing.length === 1 ? 'alert fires' : 'alerts fire'}: `),
      firing.map((alert) => alert.message || alert.name).join('; ')))
    const order = ['firing', 'pending', 'resolved', 'inactive']
    alerts.sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
    return replace(place, alerts.length === 0 ? empty('No alerts', { icon: 'bell', text: 'A rule says when somebody is to be told.' })
      : alerts.map((alert) => item(ctx, alert, mayWrite, change, read)))
  }
  const bar = mayWrite && filterBar(button('New alert', { kind: 'primary', icon: 'plus', onclick: () => change() }))
  const node = h('div', { class: 'stack' }, bar, place)
  return { node, banner, read }
}

function item(ctx, alert, mayWrite, change, read) {
  const address = ctx.api.path`/v1/alerts/${alert.id}`
  const act = async (work) => {
    try {
      await work()
      await read()
    } catch (error) {
      ctx.toast.error(error)
      await read()
    }
  }
  const enable = (enabled) => act(() => ctx.api.put(address, { ...sendable(alert), enabled }))
  const remove = async () => {
    const isSure = await ctx.confirm({ title: `Delete ${alert.name}?`, danger: true, action: 'Delete',
      text: alert.source === 'default' ? 'It came with Spotter: it is switched off for good.' : 'Its history goes with it.' })
    if (isSure) await act(() => ctx.api.delete(address))
  }
  return h('article', { class: ['card', 'alert-item', alert.enabled === false && 'is-off'], 'aria-label': alert.name },
    h('header', { class: 'card-head' }, h('h3', alert.name), h('div', { class: 'actions' },
      chip(alert.severity), chip(alert.enabled === false ? 'off' : alert.state),
      mayWrite && toggle({ label: `${alert.name} is on`, hideLabel: true, checked: alert.enabled !== false, onchange: enable }),
      button('History', { kind: 'quiet', icon: 'history', onclick: () => showHistory(ctx, alert, address) }),
      mayWrite && iconButton('edit', `Change ${alert.name}`, { onclick: () => change(alert) }),
      mayWrite && iconButton('trash', `Delete ${alert.name}`, { onclick: remove }))),
    h('p', condition(alert)), alert.message && h('p', { class: 'muted' }, alert.message),
    h('p', { class: 'muted' }, alert.value === null || alert.value === undefined ? `${alert.reason ?? 'Nothing was measured yet.'} ` : `Now ${number(alert.value)}. `,
      alert.since ? ['Since ', moment(alert.since), '. '] : '', alert.evaluated_at ? ['Looked at ', moment(alert.evaluated_at), '.'] : '',
      alert.source === 'default' ? ' Came with Spotter.' : alert.source === 'file' ? ' From the tenant\'s file.' : ''))
}

/** What is sent of an alert when it is changed. */
export function sendable(alert) {
  const names = ['name', 'metric', 'operator', 'threshold', 'duration_seconds', 'aggregation', 'severity', 'message', 'labels', 'enabled', 'emails', 'notify']
  return Object.fromEntries(names.filter((name) => alert[name] !== undefined && alert[name] !== null).map((name) => [name, alert[name]]))
}

function condition(alert) {
  return `${words(alert.metric)} (${alert.aggregation}) ${operators[alert.operator] ?? alert.operator} ${number(alert.threshold)}, for ${number(alert.duration_seconds)} s`
}

function showHistory(ctx, alert, address) {
  dialog({ title: `History of ${alert.name}`, size: 'large', content: () => table({
    label: `History of ${alert.name}`, columns: [
      { id: 'state', label: 'State', width: '8rem', render: (row) => chip(row.state) },
      { id: 'fired', label: 'Fired', width: '11rem', render: (row) => dateTime(row.fired_at ?? row.started_at) },
      { id: 'resolved', label: 'Resolved', width: '11rem', hide: 'phone', render: (row) => dateTime(row.resolved_at) },
      { id: 'value', label: 'Value', width: '6rem', align: 'end', render: (row) => number(row.value) },
      { id: 'message', label: 'Message', width: 'minmax(0, 2fr)', hide: 'phone', render: (row) => h('span', { class: 'clip' }, row.message) },
    ],
    load: (after) => ctx.api.list(`${address}/history`, { limit: 50, after }, { signal: ctx.signal }),
    emptyState: () => empty('It has never fired'),
  }) })
}
