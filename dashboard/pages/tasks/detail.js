// One task: what it is, when it runs, and what became of each run.
import { button, card, chip, details, empty, facts, json, moment, pageHead, table, tabs, tag } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { between, dateTime, money, number, words } from '../../format.js'
import { keepingFocus, live } from '../shared/live.js'
import { link, loadAgents } from '../shared/names.js'
import { deleteTask, pauseSchedule, runNow } from './actions.js'
import { editTask } from './form.js'
import { deletedTasks, ofTasks } from './fresh.js'

export async function showTask(root, ctx) {
  const address = ctx.api.path`/v1/tasks/${ctx.params.id}`
  const agents = await loadAgents(ctx)
  let { data: task, etag } = await ctx.api.read(address, null, { signal: ctx.signal })
  const top = h('div', { class: 'stack' })
  const about = h('div')
  const history = runs(ctx, address)
  const reread = async () => {
    ({ data: task, etag } = await ctx.api.read(address, null, { signal: ctx.signal }))
    await show()
  }
  const edit = async () => {
    const capabilities = [...new Set(agents.all.flatMap((agent) => agent.capabilities))].sort()
    const saved = await editTask(ctx, { agents, capabilities, task, etag })
    if (!saved) return
    ctx.toast('Saved.')
    await reread()
  }
  const show = async () => {
    ctx.setTitle(task.title)
    keepingFocus(top, () => replace(top, pageHead(task.title, {
      back: { href: '#/tasks', label: 'Tasks' },
      text: chip(task.state),
      actions: ctx.may('tasks:write') && [runNow(ctx, task), pauseSchedule(ctx, task, reread),
        button('Edit', { icon: 'edit', onclick: edit }),
        button('Delete', { kind: 'danger', icon: 'trash',
          onclick: async () => { if (await deleteTask(ctx, task)) ctx.navigate('/tasks') } })],
    })))
    replace(about, card({ title: 'What and when' }, aboutTask(task, agents), await schedule(ctx, task)))
  }
  await show()
  const items = [{ id: 'runs', label: 'Runs', render: () => history }]
  if (task.schedule) items.push({ id: 'fires', label: 'Fires of the schedule', render: () => fires(ctx, address) })
  replace(root, top, about, tabs({ label: 'History', items }))
  return live(ctx, ['execution.*', ...ofTasks], async (events) => {
    if (deletedTasks(events).includes(task.id)) return void replace(root, deleted(task))
    const { data } = await ctx.api.list(`${address}/executions`, { limit: 20 }, { signal: ctx.signal })
    for (const run of [...data].reverse()) history.insert(run)
    await reread()
  }, { wants: (event) => !ofTasks.includes(event.type) || event.data.task_id === task.id })
}

/** What stands in the place of a task that somebody else has deleted. */
function deleted(task) {
  return [pageHead(task.title, { back: { href: '#/tasks', label: 'Tasks' } }),
    empty('This task is deleted', { text: 'The history of its runs stays, under Executions.' })]
}

function aboutTask(task, agents) {
  return [
    task.description && h('p', { class: 'long-text' }, task.description),
    facts([
      ['Agent', task.agent_id ? link(`/agents/${task.agent_id}`, agents.name(task.agent_id)) : null],
      ['Whoever can', task.required_capabilities.length ? task.required_capabilities.map(tag) : null],
      ['Priority', words(task.priority)],
      ['How', task.kind === 'autonomous' ? 'On its own: plan, act, observe' : 'As one message'],
      ['Next run', task.next_run_at ? dateTime(task.next_run_at) : null],
      ['Tries', `${number(task.max_attempts)}, each at most ${number(task.timeout_seconds)} s`],
      ['Waits for', task.depends_on.length ? task.depends_on.map((id) => h('div', link(`/tasks/${id}`, id))) : null],
      ['Runs so far', number(task.executions_count)],
      ['Made', dateTime(task.created_at)], ['Changed', `${dateTime(task.updated_at)} (version ${task.version})`],
    ]),
    Object.keys(task.input).length > 0 && details('Input', json(task.input)),
  ]
}

async function schedule(ctx, task) {
  if (!task.schedule) return null
  const { cron, timezone } = task.schedule
  const answer = await ctx.api.post('/v1/scheduler/validate', { cron, timezone, count: 5 })
  return h('div', { class: 'schedule-card' }, h('h3', 'Schedule'),
    h('p', h('code', cron), ' – ', answer.description ?? answer.error?.message),
    task.enabled ? h('ol', { class: 'fires' }, answer.next_fires.map((fire) => h('li', dateTime(fire))))
      : h('p', { class: 'notice' }, 'Paused: it does not run by itself.'),
    facts([['While the run before goes on', words(task.schedule.overlap)], ['What was missed', words(task.schedule.catch_up)]]))
}

function runs(ctx, address) {
  return table({
    label: 'Runs', rowHref: (run) => `#/executions/${run.id}`,
    columns: [
      { id: 'created', label: 'Asked for', width: '12rem', render: (run) => dateTime(run.created_at) },
      { id: 'state', label: 'State', width: '8.5rem', render: (run) => chip(run.state) },
      { id: 'took', label: 'Took', width: '6rem', hide: 'phone', render: (run) => between(run.started_at, run.completed_at) },
      { id: 'attempt', label: 'Tries', width: '4.5rem', align: 'end', hide: 'phone', render: (run) => number(run.attempt) },
      { id: 'cost', label: 'Cost', width: '6rem', align: 'end', hide: 'phone', render: (run) => money(run.cost.billed) },
      { id: 'result', label: 'Result', width: 'minmax(0, 3fr)', hide: 'phone', render: (run) => h('span', { class: 'clip' }, result(run)) },
    ],
    load: (after) => ctx.api.list(`${address}/executions`, { limit: 50, after }, { signal: ctx.signal }),
    emptyState: () => empty('It has not run yet', { text: 'Run it now, or wait for its time.' }),
  })
}

/** What a run came to, in a line. */
export function result(run) {
  if (run.error) return run.error.message
  if (typeof run.output === 'string') return run.output
  return run.output?.content ?? run.output?.summary ?? (run.output ? JSON.stringify(run.output) : '')
}

function fires(ctx, address) {
  return table({
    label: 'Fires', key: (fire) => fire.fire_at,
    columns: [
      { id: 'at', label: 'Fired for', width: 'minmax(0, 1fr)', render: (fire) => dateTime(fire.fire_at) },
      { id: 'outcome', label: 'Outcome', width: '8rem', render: (fire) => chip(fire.outcome === 'fired' ? 'completed' : 'waiting', words(fire.outcome)) },
      { id: 'reason', label: 'Why', width: 'minmax(0, 1fr)', render: (fire) => words(fire.reason) },
      { id: 'run', label: 'Run', width: '6rem', render: (fire) => (fire.execution_id ? link(`/executions/${fire.execution_id}`, 'Show') : '') },
      { id: 'recorded', label: 'Decided', width: 'minmax(0, 1fr)', hide: 'phone', render: (fire) => moment(fire.recorded_at) },
    ],
    load: (after) => ctx.api.list(`${address}/fires`, { limit: 50, after }, { signal: ctx.signal }),
    emptyState: () => empty('It has not fired yet'),
  })
}
