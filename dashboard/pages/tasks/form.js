// Making and changing a task.
import { dialog, field, form, group, multiselect, row } from '../../components/index.js'
import { h } from '../../dom.js'
import { jsonField } from '../shared/json-field.js'
import { zonedInput, zonedTime } from '../shared/zoned.js'
import { cronBuilder } from './cron-builder.js'

const priorities = ['critical', 'high', 'medium', 'low']

/** Opens the form; `task` and `etag` where one is changed. Gives the task as it was saved; undefined where it was not. */
export async function editTask(ctx, { agents, capabilities = [], task, etag } = {}) {
  const opened = dialog({
    title: task ? `Change ${task.title}` : 'New task', size: 'large',
    content: (close) => taskForm({ ctx, agents, capabilities, task, etag, close }),
  })
  return opened.closed
}

function taskForm({ ctx, agents, capabilities, task, etag, close }) {
  const who = whoFields(agents, capabilities, task)
  const when = whenFields(ctx, task)
  return form({
    submit: task ? 'Save' : 'Create', oncancel: () => close(undefined),
    fields: [
      field({ name: 'title', label: 'Title', value: task?.title, required: true, maxlength: 200, autofocus: true }),
      field({ name: 'description', label: 'What is to be done', type: 'textarea', value: task?.description,
        maxlength: 20_000, hint: 'The agent is told this.' }),
      who.node, when.node,
      row(field({ name: 'priority', label: 'Priority', type: 'select', options: priorities.map(option),
        value: task?.priority ?? 'medium' }),
      field({ name: 'kind', label: 'How it is done', type: 'select', value: task?.kind ?? 'message', options: [
        { value: 'message', label: 'As one message' },
        { value: 'autonomous', label: 'On its own: plan, act, observe' }] })),
      h('details', h('summary', 'More'), h('div', { class: 'details-body' },
        jsonField({ name: 'input', label: 'Input', value: isBlank(task?.input) ? undefined : task.input,
          hint: 'JSON that the agent is given: an object.' }),
        row(number('max_attempts', 'Tries at most', task?.max_attempts ?? 3, 1, 10),
          number('timeout_seconds', 'Seconds for a try', task?.timeout_seconds ?? 300, 1, 86_400)),
        row(number('backoff_ms', 'Milliseconds before the next try', task?.backoff_ms ?? 1000, 0, 3_600_000),
          field({ name: 'backoff', label: 'Later waits', type: 'select', value: task?.backoff ?? 'exponential',
            options: [{ value: 'fixed', label: 'Always the same' }, { value: 'linear', label: 'Longer by one' },
              { value: 'exponential', label: 'Doubled' }] })),
        field({ name: 'enabled', label: 'Runs by itself when its time comes', type: 'checkbox',
          value: task?.enabled ?? true }))),
    ],
    onsubmit: async (values) => {
      const { input, ...rest } = values
      const body = { ...rest, input: input ?? {}, ...who.read(), ...when.read(task) }
      if (!body.description) body.description = task ? null : undefined
      close(task ? await ctx.api.patch(ctx.api.path`/v1/tasks/${task.id}`, body, { etag })
        : await ctx.api.post('/v1/tasks', withoutNull(body)))
    },
  })
}

/** An agent by name, or whoever has some capabilities. */
function whoFields(agents, capabilities, task) {
  const agent = field({ name: '', label: 'Agent', type: 'select', pointer: '/agent_id', value: task?.agent_id ?? '',
    options: [{ value: '', label: 'Whoever can do it' }, ...agents.options] })
  const chosen = multiselect({ label: 'capabilities', selected: task?.required_capabilities ?? [],
    options: capabilities.map((name) => ({ value: name, label: name })) })
  const able = field({ name: '', label: 'What they must be able to do', type: 'custom', control: chosen,
    read: chosen.read, pointer: '/required_capabilities' })
  const change = () => { able.hidden = agent.control.value !== '' }
  agent.control.addEventListener('change', change)
  if (!task && agents.all.length) agent.control.value = agents.all[0].id
  change()
  return {
    node: group('Who', agent, able),
    read: () => (agent.control.value ? { agent_id: agent.control.value, required_capabilities: [] }
      : { agent_id: null, required_capabilities: chosen.read() }),
  }
}

/** Not by itself, once, or by a schedule. */
function whenFields(ctx, task) {
  const kinds = [{ value: 'never', label: 'Only when somebody asks for it' }, { value: 'once', label: 'Once, at a time' },
    { value: 'schedule', label: 'Again and again, by a schedule' }]
  const kind = field({ name: '', label: 'Runs', type: 'select', options: kinds, pointer: '-',
    value: task?.schedule ? 'schedule' : task?.run_at ? 'once' : 'never' })
  const at = field({ name: '', label: 'At', type: 'datetime-local', pointer: '/run_at',
    value: task?.run_at ? zonedInput(task.run_at) : '', hint: 'By the organisation\'s clocks.' })
  const cron = cronBuilder(ctx, task?.schedule)
  const overlap = select('overlap', 'While the run before goes on', task?.schedule?.overlap ?? 'skip', [
    ['skip', 'Skip the new one'], ['queue', 'Let the new one wait'], ['cancel_running', 'End the one before'],
    ['allow', 'Run both']])
  const catchUp = select('catch_up', 'What was missed', task?.schedule?.catch_up ?? 'latest', [
    ['skip', 'Stays missed'], ['latest', 'Is made up for by one run'], ['all', 'Is made up for one by one']])
  const plan = h('div', { class: 'schedule-fields' }, cron, row(overlap, catchUp))
  const change = () => {
    at.hidden = kind.control.value !== 'once'
    at.control.disabled = at.hidden
    plan.hidden = kind.control.value !== 'schedule'
    for (const input of plan.querySelectorAll('input, select')) input.disabled = plan.hidden
  }
  kind.control.addEventListener('change', change)
  change()
  return {
    node: group('When', kind, at, plan),
    read: (old) => ({
      run_at: kind.control.value === 'once' ? zonedTime(at.control.value) : null,
      schedule: kind.control.value !== 'schedule' ? null
        : { ...old?.schedule, ...cron.read(), overlap: overlap.control.value, catch_up: catchUp.control.value },
    }),
  }
}

function select(name, label, value, options) {
  return field({ name: '', label, type: 'select', value, pointer: `/schedule/${name}`,
    options: options.map(([value, label]) => ({ value, label })) })
}

function number(name, label, value, min, max) {
  return field({ name, label, type: 'number', value, min, max, step: 1, required: true })
}

function option(name) { return { value: name, label: name[0].toUpperCase() + name.slice(1) } }

function isBlank(value) { return !value || Object.keys(value).length === 0 }

function withoutNull(body) {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined))
}
