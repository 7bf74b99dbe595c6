// All runs, newest first, with their states as they change.
import { chip, empty, filterBar, filterSelect, moment, pageHead, table } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { between, money, words } from '../../format.js'
import { live } from '../shared/live.js'
import { loadAgents, loadWorkflows } from '../shared/names.js'
import { result } from '../tasks/detail.js'

const states = ['queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled']
/** The most runs that are read one by one; of more, the newest page is read. */
const most = 40

export async function showExecutions(root, ctx) {
  const [agents, workflows] = await Promise.all([loadAgents(ctx), loadWorkflows(ctx)])
  const { state = '', agent_id = '', conversation_id, task_id, parent_id } = ctx.params
  const filter = { state, agent_id, conversation_id, task_id, parent_id }
  const list = table({
    label: 'Executions', columns: columns(agents, workflows), rowHref: (run) => `#/executions/${run.id}`,
    load: (after) => ctx.api.list('/v1/executions', { ...filter, limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => (Object.values(filter).some(Boolean)
      ? empty('No execution fits', { text: 'Try all states and agents.' })
      : empty('Nothing has run yet', { icon: 'executions', text: 'Chats, tasks, plans and workflows show here as soon as they begin.' })),
  })
  const choose = (name) => (value) => {
    filter[name] = value
    ctx.setQuery({ [name]: value })
    list.reload()
  }
  replace(root, pageHead('Executions', { text: 'Every run of anything: messages, tasks, plans, workflows.' }),
    filterBar(
      filterSelect({ label: 'State', value: state, onchange: choose('state'),
        options: [{ value: '', label: 'All states' }, ...states.map((value) => ({ value, label: words(value) }))] }),
      filterSelect({ label: 'Agent', value: agent_id, onchange: choose('agent_id'),
        options: [{ value: '', label: 'All agents' }, ...agents.options] }),
      scopeNote(filter)), list)
  return live(ctx, ['execution.*'], async (events) => {
    if (events.length === 0) return list.reload()
    for (const run of await changedRuns(ctx, events)) {
      const isWanted = fits(run, filter)
      if (!isWanted) list.discard(run.id)
      else if (!list.update(run) && isNewer(run, list.rows)) list.insert(run)
    }
    return undefined
  })
}

/** The runs that these events are about, as they are now. */
export async function changedRuns(ctx, events) {
  const ids = [...new Set(events.map((event) => event.execution_id).filter(Boolean))]
  if (ids.length > most) {
    const { data } = await ctx.api.list('/v1/executions', { limit: 200 }, { signal: ctx.signal })
    return data.reverse()
  }
  return Promise.all(ids.map((id) => ctx.api.get(ctx.api.path`/v1/executions/${id}`, null, { signal: ctx.signal })))
}

function fits(run, filter) {
  return Object.entries(filter).every(([name, value]) => !value || run[name] === value)
}

/** One that is older than what is shown comes in its place as somebody scrolls. */
function isNewer(run, rows) {
  return rows.length === 0 || run.created_at >= rows[0].created_at
}

function scopeNote(filter) {
  const name = ['task_id', 'conversation_id', 'parent_id'].find((key) => filter[key])
  return name && h('span', { class: 'notice' }, `Only those of ${words(name.replace('_id', '')).toLowerCase()} ${filter[name]}. `,
    h('a', { href: '#/executions' }, 'Show all'))
}

function columns(agents, workflows) {
  return [
    { id: 'kind', label: 'Execution', width: 'minmax(0, 1.6fr)', render: (run) => h('span', { class: 'clip', title: run.id }, title(run, agents, workflows)) },
    { id: 'state', label: 'State', width: '8rem', render: (run) => chip(run.state) },
    { id: 'begun', label: 'Asked for', width: '8.5rem', hide: 'phone', render: (run) => moment(run.created_at) },
    { id: 'took', label: 'Took', width: '5rem', hide: 'phone', render: (run) => between(run.started_at, run.completed_at) },
    { id: 'cost', label: 'Cost', width: '6.5rem', align: 'end', hide: 'phone', render: (run) => money(run.cost.billed) },
    { id: 'result', label: 'Now, or in the end', width: 'minmax(0, 2fr)', hide: 'phone',
      render: (run) => h('span', { class: 'clip' }, result(run) || run.current_step || '') },
  ]
}

/** What a run is called. */
export function title(run, agents, workflows = new Map()) {
  const kinds = { message: 'Message', task: 'Task', autonomous: 'On its own', compression: 'Summary', tool: 'Tool by hand',
    call: 'Call', plan: 'Plan', workflow: 'Workflow', probe: 'Probe' }
  const kind = kinds[run.kind] ?? words(run.kind)
  const name = run.agent_id ? agents.name(run.agent_id) : workflows.get(run.workflow_id)
  return name ? `${kind}: ${name}` : kind
}
