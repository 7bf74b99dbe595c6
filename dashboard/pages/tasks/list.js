// All tasks, with their states as they change.
import { button, chip, empty, filterBar, filterSelect, moment, pageHead, search, stat, stats, table } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { number, words } from '../../format.js'
import { live } from '../shared/live.js'
import { loadAgents } from '../shared/names.js'
import { brief } from './cron.js'
import { editTask } from './form.js'
import { changedTasks, deletedTasks, ofTasks } from './fresh.js'
import { runNow } from './actions.js'

const states = ['pending', 'scheduled', 'blocked', 'queued', 'running', 'waiting', 'paused', 'completed', 'failed', 'cancelled']

export async function showTasks(root, ctx) {
  const agents = await loadAgents(ctx)
  const filter = { q: ctx.params.q ?? '', state: ctx.params.state ?? '', agent_id: ctx.params.agent_id ?? '' }
  const figures = h('div', { 'aria-live': 'off' })
  const list = table({
    label: 'Tasks', columns: columns(ctx, agents), rowHref: (task) => `#/tasks/${task.id}`,
    load: (after) => ctx.api.list('/v1/tasks', { ...filter, limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => nothing(filter, ctx.may('tasks:write') && (() => create())),
  })
  const choose = (name) => (value) => {
    filter[name] = value
    ctx.setQuery({ [name]: value })
    list.reload()
  }
  const create = async () => {
    const task = await editTask(ctx, { agents, capabilities: capabilities(agents) })
    if (!task) return
    ctx.toast(`${task.title} is there.`)
    list.insert(task)
    count()
  }
  const count = async () => {
    const counts = await ctx.api.get('/v1/tasks/stats', null, { signal: ctx.signal })
    replace(figures, stats(stat('Tasks', number(counts.total)),
      stat('Running', number(counts.running + counts.waiting), { hint: `${number(counts.queued)} queued` }),
      stat('Scheduled', number(counts.scheduled)), stat('Completed', number(counts.completed)),
      stat('Failed', number(counts.failed), { tone: counts.failed ? 'bad' : '' })))
  }
  replace(root,
    pageHead('Tasks', { text: 'What agents are to do, once, by a schedule, or when somebody asks.',
      actions: ctx.may('tasks:write') && [button('New task', { kind: 'primary', icon: 'plus', onclick: create })] }),
    figures,
    filterBar(search({ label: 'Search tasks', value: filter.q, oninput: choose('q') }),
      filterSelect({ label: 'State', value: filter.state, onchange: choose('state'),
        options: [{ value: '', label: 'All states' }, ...states.map((value) => ({ value, label: words(value) }))] }),
      filterSelect({ label: 'Agent', value: filter.agent_id, onchange: choose('agent_id'),
        options: [{ value: '', label: 'All agents' }, ...agents.options] })),
    list)
  await count()
  // Whether words fit is for the server to say.
  const fits = (task) => (!filter.state || task.state === filter.state) && (!filter.agent_id || task.agent_id === filter.agent_id)
  return live(ctx, ['execution.*', ...ofTasks], async (events) => {
    if (events.length === 0) await list.reload()
    const gone = deletedTasks(events)
    for (const task of await changedTasks(ctx, events, list.rows)) {
      if (!fits(task)) gone.push(task.id)
      else if (!list.update(task) && !filter.q) list.insert(task)
    }
    for (const id of gone) if (list.rows.some((task) => task.id === id)) list.discard(id)
    await count()
  })
}

/** What agents of this organisation can do. */
function capabilities(agents) {
  return [...new Set(agents.all.flatMap((agent) => agent.capabilities))].sort()
}

function columns(ctx, agents) {
  const shown = [
    { id: 'title', label: 'Task', width: 'minmax(0, 2.2fr)', render: (task) => h('span', { class: 'clip', title: task.title }, task.title) },
    { id: 'state', label: 'State', width: '8rem', render: (task) => chip(task.state) },
    { id: 'agent', label: 'Agent', width: 'minmax(0, 1.5fr)', hide: 'phone',
      render: (task) => h('span', { class: 'clip' }, task.agent_id ? agents.name(task.agent_id)
        : `Anyone who can: ${task.required_capabilities.join(', ')}`) },
    { id: 'priority', label: 'Priority', width: '4.5rem', hide: 'phone', render: (task) => words(task.priority) },
    { id: 'when', label: 'When', width: 'minmax(0, 1.3fr)', hide: 'phone', render: (task) => h('span', { class: 'clip', title: when(task) }, when(task)) },
    { id: 'next', label: 'Next run', width: '6.5rem', hide: 'phone', render: (task) => moment(task.next_run_at) },
  ]
  if (ctx.may('tasks:write')) {
    shown.push({ id: 'do', label: '', width: '2.5rem', align: 'end', render: (task) => runNow(ctx, task, { isSmall: true }) })
  }
  return shown
}

/** When a task runs by itself, in few words. */
export function when(task) {
  const text = task.schedule ? brief(task.schedule.cron) : task.run_at ? 'Once' : 'When asked'
  return task.enabled || text === 'When asked' ? text : `${text} (off)`
}

function nothing(filter, create) {
  if (Object.values(filter).some(Boolean)) return empty('No task fits', { text: 'Try other words, or all states and agents.' })
  return empty('No tasks yet', { icon: 'tasks', text: 'A task tells an agent what to do: a report every Monday, a call-back tomorrow.',
    action: create && button('New task', { kind: 'primary', icon: 'plus', onclick: create }) })
}
