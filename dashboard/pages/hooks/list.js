// All hooks.
import { button, chip, empty, moment, pageHead, table } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { words } from '../../format.js'
import { loadAgents } from '../shared/names.js'
import { createHook } from './form.js'

export async function showHooks(root, ctx) {
  const agents = await loadAgents(ctx)
  const create = async (direction) => {
    const made = await createHook(ctx, agents, direction)
    if (made) ctx.navigate(`/hooks/${made.id}`)
  }
  const list = table({
    label: 'Hooks', rowHref: (hook) => `#/hooks/${hook.id}`,
    columns: [
      { id: 'name', label: 'Hook', width: 'minmax(0, 2fr)', render: (hook) => h('span', { class: 'clip', title: hook.name }, hook.name) },
      { id: 'direction', label: 'Direction', width: '7rem', render: (hook) => (hook.direction === 'outbound' ? 'Out' : 'In') },
      { id: 'state', label: 'State', width: '8.5rem', render: (hook) => chip(hook.enabled ? 'enabled' : 'off') },
      { id: 'what', label: 'What it does', width: 'minmax(0, 3fr)', hide: 'phone', render: (hook) => h('span', { class: 'clip' }, summary(hook, agents)) },
      { id: 'changed', label: 'Changed', width: '9rem', hide: 'phone', render: (hook) => moment(hook.updated_at) },
    ],
    load: (after) => ctx.api.list('/v1/hooks', { limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => empty('No hooks yet', { icon: 'hooks', text: 'A way in lets another system start an agent; a way out tells another system what happens here.' }),
  })
  replace(root, pageHead('Hooks', { text: 'Messages of other systems coming in, and events going out.',
    actions: ctx.may('hooks:write') && [button('New way in', { kind: 'primary', icon: 'plus', onclick: () => create('inbound') }),
      button('New way out', { icon: 'plus', onclick: () => create('outbound') })] }), list)
}

/** What a hook does, in a line. */
export function summary(hook, agents) {
  if (hook.direction === 'outbound') return `Sends ${(hook.events ?? []).join(', ')} to ${hook.url}`
  const { action } = hook
  switch (action?.kind) {
    case 'agent_message': return `Tells ${action.agent_id ? agents.name(action.agent_id) : `whoever can ${action.capability}`}: ${action.content ?? ''}`
    case 'task': return 'Runs a task'
    case 'workflow': return 'Starts a workflow'
    case 'plan': return 'Runs a plan'
    case 'inbound_sms': return 'Takes the SMS of members: STOP and START, and the rest for the staff'
    default: return words(action?.kind)
  }
}
