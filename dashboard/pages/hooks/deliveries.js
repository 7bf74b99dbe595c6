// The messages by a hook, each with what was sent, what came of it, and a way to have it again.
import { button, chip, details, dialog, dialogActions, empty, facts, iconButton, json, moment, table } from '../../components/index.js'
import { h } from '../../dom.js'
import { dateTime, duration, number } from '../../format.js'
import { link } from '../shared/names.js'

/** The table of a hook's deliveries. */
export function deliveryTable(ctx, hook, address) {
  const isOut = hook.direction === 'outbound'
  const again = async (delivery) => {
    try {
      const made = await ctx.api.post(`${address}/deliveries/${encodeURIComponent(delivery.id)}/replay`, {})
      ctx.toast(isOut ? 'It is sent again.' : 'It is taken once more.')
      node.insert(made)
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const columns = [
    { id: 'state', label: 'State', width: '8.5rem', render: (delivery) => chip(delivery.state) },
    isOut ? { id: 'event', label: 'Event', width: 'minmax(0, 1.5fr)', render: (delivery) => h('span', { class: 'clip' }, delivery.event) }
      : { id: 'external', label: 'Id of the sender', width: 'minmax(0, 1.5fr)', hide: 'phone', render: (delivery) => h('span', { class: 'clip' }, delivery.external_id ?? '–') },
    { id: 'reason', label: isOut ? 'Last attempt' : 'Why not', width: 'minmax(0, 2fr)', hide: 'phone', render: (delivery) => h('span', { class: 'clip' }, outcome(delivery)) },
    { id: 'at', label: 'When', width: '9rem', render: (delivery) => moment(delivery.received_at ?? delivery.created_at) },
    !isOut && { id: 'run', label: 'Run', width: '5rem', hide: 'phone', render: (delivery) => (delivery.execution_id ? link(`/executions/${delivery.execution_id}`, 'Show') : '') },
    ctx.may('hooks:write') && { id: 'do', label: '', width: '3.5rem', align: 'end',
      render: (delivery) => iconButton('again', isOut ? 'Send again' : 'Take once more', { onclick: () => again(delivery) }) },
  ].filter(Boolean)
  const node = table({
    label: 'Deliveries', columns, onopen: (delivery) => showDelivery(ctx, address, delivery, again),
    load: (after) => ctx.api.list(`${address}/deliveries`, { limit: 50, after }, { signal: ctx.signal }),
    emptyState: () => empty('Nothing yet', { text: isOut ? 'Events show here as they are sent.' : 'Messages show here as they come.' }),
  })
  return node
}

function outcome(delivery) {
  const last = delivery.attempts?.at(-1)
  if (last) return `Attempt ${number(delivery.attempt)}: ${last.error ?? `answered ${last.status}`} (${duration(last.duration_ms)})`
  return delivery.reason ?? ''
}

async function showDelivery(ctx, address, { id }, again) {
  let delivery
  try {
    delivery = await ctx.api.get(`${address}/deliveries/${encodeURIComponent(id)}`, null, { signal: ctx.signal })
  } catch (error) {
    ctx.toast.error(error)
    return
  }
  dialog({ title: delivery.event ?? 'Delivery', size: 'large', content: (close) => [
    h('p', chip(delivery.state), ' ', delivery.reason ?? ''),
    facts([['Came', delivery.received_at ? dateTime(delivery.received_at) : null], ['Queued', delivery.created_at ? dateTime(delivery.created_at) : null],
      ['Tried next', delivery.due_at ? dateTime(delivery.due_at) : null], ['Ended', delivery.ended_at ? dateTime(delivery.ended_at) : null],
      ['Id of the sender', delivery.external_id], ['Event', delivery.event_id], ['Again of', delivery.replay_of],
      ['Run', delivery.execution_id ? h('a', { href: `#/executions/${delivery.execution_id}`, onclick: () => close() }, 'Show the run') : null]]),
    delivery.attempts?.length > 0 && attemptTable(delivery.attempts),
    delivery.payload !== undefined && delivery.payload !== null && details('What was sent', json(delivery.payload)),
    delivery.headers && details('Headers', json(delivery.headers)),
    ctx.may('hooks:write') && dialogActions(button('Again', { kind: 'primary', icon: 'again', onclick: () => {
      close()
      again(delivery)
    } }))] })
}

function attemptTable(attempts) {
  return h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table' }, h('caption', `${number(attempts.length)} attempts`),
    h('thead', h('tr', ['When', 'Took', 'Status', 'Answer'].map((name) => h('th', { scope: 'col' }, name)))),
    h('tbody', attempts.map((attempt) => h('tr', h('th', { scope: 'row' }, dateTime(attempt.at)), h('td', duration(attempt.duration_ms)),
      h('td', attempt.status ?? '–'), h('td', { class: 'long-text' }, attempt.error ?? attempt.answer ?? ''))))))
}
