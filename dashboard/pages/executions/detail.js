// One run: where it is, what it waits for, what it did, and what it cost.
import { card, chip, details, empty, facts, json, pageHead, table, tabs } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { between, dateTime, money, number } from '../../format.js'
import { keepingFocus, live, together } from '../shared/live.js'
import { link, loadAgents } from '../shared/names.js'
import { approvalCards } from '../approvals/card.js'
import { controls } from './controls.js'
import { liveWords } from './live-words.js'
import { progressOf } from './progress.js'
import { questionsOf } from './questions.js'
import { runGraph } from './graph.js'
import { stepList } from './steps.js'
import { spanChart } from './spans.js'
import { title } from './list.js'

export async function showExecution(root, ctx) {
  const { id } = ctx.params
  const address = ctx.api.path`/v1/executions/${id}`
  const read = async (path, query) => ctx.api.get(path, query, { signal: ctx.signal })
  const [agents, first] = await Promise.all([loadAgents(ctx), read(address)])
  const places = Object.fromEntries(['top', 'asks', 'approvals', 'progress', 'about', 'steps'].map((name) => [name, h('div', { class: 'stack' })]))
  const graph = first.kind === 'workflow' ? runGraph(ctx, address) : null
  const words = liveWords()
  const update = async (known) => {
    const [run, { data: steps }] = await Promise.all([known ?? read(address), read(`${address}/steps`)])
    await graph?.update(run)
    show(run, steps)
    if (!['running', 'queued'].includes(run.state)) words.end()
  }
  const show = (run, steps) => {
    const name = graph?.name ? `Workflow: ${graph.name}` : title(run, agents)
    ctx.setTitle(name)
    keepingFocus(places.top, () => replace(places.top, head(ctx, run, name, update)))
    questionsOf(ctx, run, steps, places.asks, update)
    replace(places.progress, progressOf(run))
    replace(places.about, outcome(run), aboutRun(run, agents))
    keepingFocus(places.steps, () => replace(places.steps, stepList(steps, run)))
  }
  const showApprovals = async () => {
    if (!ctx.may('approvals:read')) return
    const { data } = await read('/v1/approvals', { execution_id: id, state: 'pending' })
    keepingFocus(places.approvals, () => replace(places.approvals, approvalCards(ctx, data, { showRun: false })))
  }
  await Promise.all([update(first), showApprovals()])
  const waits = h('section', { class: 'waits stack' }, h('h2', 'What it waits for'), places.asks, places.approvals)
  replace(root, places.top, waits, words.node, places.progress, graph?.node,
    places.about, tabs({ label: 'What it did', items: [
      { id: 'steps', label: 'Steps', render: () => places.steps },
      { id: 'spans', label: 'Timeline', render: () => spanChart(ctx, address) },
      { id: 'children', label: 'Runs that it began', render: () => children(ctx, id, agents) },
    ] }))
  const isOwn = (event) => event.execution_id === id
  return together(
    live(ctx, ['execution.*', 'step.*', 'tool.*', 'phase.*', 'plan.*', 'approval.*'], () => update(), { wants: isOwn, pause: 400 }),
    live(ctx, ['approval.*'], showApprovals, { wants: isOwn }),
    ctx.events.on(['thinking.delta', 'message.delta', 'message.completed'], (event) => { if (isOwn(event)) words.add(event) }))
}

function head(ctx, run, name, update) {
  return pageHead(name, {
    back: { href: '#/executions', label: 'Executions' },
    text: [chip(run.state), ' ', run.dry_run && chip('held', 'Dry run'), ' ', run.requested && `Asked to ${run.requested}. `,
      run.current_step && !run.completed_at ? `Now: ${run.current_step}` : ''],
    actions: ctx.may('executions:write') && controls(ctx, run, update),
  })
}

function outcome(run) {
  if (run.error) {
    return card({ title: 'Why it failed', class: 'bad-card' }, h('p', { class: 'long-text' }, run.error.message),
      run.error.code && h('p', { class: 'muted' }, h('code', run.error.code)))
  }
  if (run.output === undefined || run.output === null) return null
  const text = typeof run.output === 'string' ? run.output : run.output.content
  return card({ title: 'What it came to' }, text && h('p', { class: 'long-text' }, text),
    typeof run.output === 'object' && details('All of it, as JSON', json(run.output)))
}

function aboutRun(run, agents) {
  const { usage, cost } = run
  return card({ title: 'About it' }, facts([
    ['Agent', run.agent_id ? h('span', link(`/agents/${run.agent_id}`, agents.name(run.agent_id)), ` (version ${run.agent_version})`) : null],
    ['Task', run.task_id ? link(`/tasks/${run.task_id}`, 'Show the task') : null],
    ['Conversation', run.conversation_id ? link(`/chat/${run.conversation_id}`, 'Show the conversation') : null],
    ['Begun by', run.parent_id ? link(`/executions/${run.parent_id}`, 'Show the run') : null],
    ['Asked for', dateTime(run.created_at)], ['Began', run.started_at ? dateTime(run.started_at) : null],
    ['Ended', run.completed_at ? dateTime(run.completed_at) : null],
    ['Took', run.started_at ? between(run.started_at, run.completed_at) : null],
    ['Goes on', run.wake_at && !run.completed_at ? dateTime(run.wake_at) : null],
    ['Must end by', run.deadline_at ? dateTime(run.deadline_at) : null],
    ['Attempt', run.attempt > 1 ? number(run.attempt) : null],
    ['Steps', `${number(run.steps_completed)} of ${number(run.steps_total)}`],
    ['Tokens', `${number(usage.input_tokens)} in, ${number(usage.output_tokens)} out, ${number(usage.model_calls)} calls`],
    ['Cost', `${money(cost.billed)} (${money(cost.base)} and ${money(cost.markup)} markup)`],
    ['Id', h('code', { class: 'id' }, run.id)],
  ]))
}

function children(ctx, id, agents) {
  return table({
    label: 'Runs that it began', rowHref: (run) => `#/executions/${run.id}`,
    columns: [
      { id: 'kind', label: 'Execution', width: 'minmax(0, 2fr)', render: (run) => title(run, agents) },
      { id: 'state', label: 'State', width: '8.5rem', render: (run) => chip(run.state) },
      { id: 'took', label: 'Took', width: '6rem', hide: 'phone', render: (run) => between(run.started_at, run.completed_at) },
      { id: 'cost', label: 'Cost', width: '6rem', align: 'end', hide: 'phone', render: (run) => money(run.cost.billed) },
    ],
    load: (after) => ctx.api.list('/v1/executions', { parent_id: id, limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => empty('It began no other run'),
  })
}
