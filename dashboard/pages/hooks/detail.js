// One hook: where it leads, and every message by it.
import { button, card, chip, copyButton, dialog, facts, field, form, json, moment, pageHead, toggle } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { dateTime, number, words } from '../../format.js'
import { keepingFocus, live } from '../shared/live.js'
import { loadAgents } from '../shared/names.js'
import { deliveryTable } from './deliveries.js'
import { changeHook, showSecret } from './form.js'
import { summary } from './list.js'

export async function showHook(root, ctx) {
  const address = ctx.api.path`/v1/hooks/${ctx.params.id}`
  const agents = await loadAgents(ctx)
  const top = h('div', { class: 'stack' })
  let hook
  let etag
  const read = async () => {
    ({ data: hook, etag } = await ctx.api.read(address, null, { signal: ctx.signal }))
    ctx.setTitle(hook.name)
    keepingFocus(top, () => replace(top, head(), about()))
  }
  const act = async (work) => {
    try {
      await work()
      await read()
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const mayWrite = ctx.may('hooks:write')
  const head = () => pageHead(hook.name, { back: { href: '#/hooks', label: 'Hooks' }, text: summary(hook, agents), actions: mayWrite && [
    hook.direction === 'outbound' && button('Send a test', { icon: 'send', onclick: () => act(async () => {
      await ctx.api.post(`${address}/test`, {})
      ctx.toast('A test is on its way.')
      await refresh()
      // What comes of it has no event of its own: one more look, when it should be there.
      setTimeout(() => { if (!ctx.signal.aborted) refresh().catch(ctx.toast.error) }, 2000)
    }) }),
    button('Edit', { icon: 'edit', onclick: () => act(() => changeHook(ctx, agents, hook, etag)) }),
    button('New secret', { icon: 'key', onclick: () => act(() => rotate(ctx, address, hook)) }),
    button('Delete', { kind: 'danger', icon: 'trash', onclick: remove })].filter(Boolean) })
  const remove = async () => {
    const isSure = await ctx.confirm({ title: `Delete ${hook.name}?`, text: 'Its deliveries go with it. What it has started goes on.', action: 'Delete', danger: true })
    if (!isSure) return
    try {
      await ctx.api.delete(address, { etag })
      ctx.navigate('/hooks')
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const about = () => card({ title: 'About it', actions: mayWrite && toggle({ label: hook.enabled ? 'On' : 'Off', checked: hook.enabled,
    onchange: (enabled) => act(() => ctx.api.patch(address, { enabled }, { etag })) }) },
  hook.warning && h('p', { class: 'notice' }, hook.warning), endpointNotes(hook.endpoint),
  facts(hook.direction === 'outbound' ? [['Address', hook.url], ['Events', (hook.events ?? []).join(', ')],
    ['Order', hook.ordered ? 'Events of one run wait for each other' : 'As they come'], ['Waiting', hook.endpoint ? number(hook.endpoint.pending) : null],
    ['Made', dateTime(hook.created_at)]]
    : [['Signed by', words(hook.style)], ['Made', dateTime(hook.created_at)]]),
  hook.direction !== 'outbound' && addressLine(hook), hook.direction !== 'outbound' && h('details', { dataset: { focus: 'action' } }, h('summary', 'What a message starts'), json(hook.action)))
  const refresh = async () => {
    const { data } = await ctx.api.list(`${address}/deliveries`, { limit: 50 }, { signal: ctx.signal })
    for (const delivery of [...data].reverse()) deliveries.insert(delivery)
  }
  await read()
  const deliveries = deliveryTable(ctx, hook, address)
  replace(root, top, h('div', { class: 'spread' }, h('h2', 'Deliveries'), mayWrite && hook.direction === 'outbound'
    && button('Send a range again', { icon: 'again', onclick: () => act(() => replayRange(ctx, address, deliveries)) })), deliveries)
  return live(ctx, ['hook.*', ...(hook.direction === 'outbound' ? hook.events ?? [] : [])], refresh, { wants: (event) => hook.direction === 'outbound' || event.data.hook_id === hook.id, pause: 1500 })
}

function addressLine(hook) {
  const address = new URL(hook.path, location.href).href
  return h('div', h('p', { class: 'muted' }, 'Messages go to'), h('div', { class: 'secret' }, h('code', { class: 'secret-text' }, address), copyButton(address, 'Copy the address')))
}

function endpointNotes(endpoint) {
  if (!endpoint) return null
  return [endpoint.disabled_reason && h('p', { class: 'notice bad' }, `It was switched off: ${endpoint.disabled_reason}`),
    endpoint.failing_since && h('p', { class: 'notice' }, 'Nothing has come through since ', moment(endpoint.failing_since), '.'),
    endpoint.paused_until && h('p', { class: 'notice' }, `The receiver asked to wait until ${dateTime(endpoint.paused_until)}.`)]
}

/** Asks for the sender's new secret, or has one made and shows it. */
async function rotate(ctx, address, hook) {
  const made = await dialog({ title: `A new secret for ${hook.name}`, content: (close) => form({
    submit: 'Change the secret', oncancel: () => close(undefined),
    fields: [field({ name: 'secret', label: 'The new secret', hint: 'Left out, one is made and shown once.', minlength: 8 }),
      field({ name: 'end_previous', label: 'The secret before ends now', type: 'checkbox', hint: 'Otherwise it stays good until the next change.' })],
    onsubmit: async ({ secret, end_previous: isOver }) => close(await ctx.api.post(`${address}/rotate`,
      { end_previous: isOver, ...(secret ? { secret } : {}) })),
  }) }).closed
  if (made?.secret) await showSecret(made)
  else if (made) ctx.toast('The secret is changed.')
}

/** Sends events of a span of time again; goes on as long as there are more. */
async function replayRange(ctx, address, deliveries) {
  await dialog({ title: 'Send a range again', content: (close) => form({
    submit: 'Send again', oncancel: () => close(),
    fields: [field({ name: 'hours', label: 'What happened in the last hours', type: 'number', min: 1, max: 168, value: 1, required: true })],
    onsubmit: async ({ hours }) => {
      const from = new Date(Date.now() - hours * 3_600_000).toISOString()
      let queued = 0
      let after
      do {
        const part = await ctx.api.post(`${address}/replay`, { from, ...(after ? { after } : {}) })
        queued += part.queued
        after = part.next
      } while (after)
      close()
      ctx.toast(`${number(queued)} events are queued.`)
      await deliveries.reload()
    },
  }) }).closed
}
