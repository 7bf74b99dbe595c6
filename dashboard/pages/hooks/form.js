// Making a hook, and changing what it does.
import { dialog, field, form, group } from '../../components/index.js'
import { h } from '../../dom.js'
import { jsonField } from '../shared/json-field.js'
import { showOnce } from '../shared/secret.js'

const styles = [{ value: 'standard', label: 'Standard Webhooks' }, { value: 'stripe', label: 'Stripe' }, { value: 'github', label: 'GitHub' },
  { value: 'hubspot', label: 'HubSpot' }, { value: 'highlevel', label: 'HighLevel' }, { value: 'twilio', label: 'Twilio' }, { value: 'shared_secret', label: 'Shared secret' }]

/** Actions that are given nothing beside their own members. */
const withoutInput = ['agent_message', 'inbound_sms']

/** Asks for a hook and shows its secret once. Gives the hook; undefined where none was made. */
export async function createHook(ctx, agents, direction) {
  const made = await hookDialog(ctx, agents, { direction })
  if (made?.secret) await showSecret(made)
  return made
}

/** Changes a hook. Gives it as it is then; undefined where nothing was changed. */
export function changeHook(ctx, agents, hook, etag) {
  return hookDialog(ctx, agents, { direction: hook.direction, hook, etag })
}

/** A secret that nobody is shown again, with what the sender or the receiver needs beside it. */
export function showSecret(hook) {
  const isOut = hook.direction === 'outbound'
  return showOnce({ title: `The secret of ${hook.name}`, secret: hook.secret,
    text: `This is shown once. ${isOut ? 'The receiver checks signatures with it.' : 'The sender signs with it.'} Keep it where secrets are kept.`,
    more: !isOut && h('p', 'Messages go to ', h('code', { class: 'id' }, new URL(hook.path, location.href).href)) })
}

function hookDialog(ctx, agents, { direction, hook, etag }) {
  const isOut = direction === 'outbound'
  const parts = isOut ? outFields(hook) : inFields(agents, hook)
  return dialog({ title: hook ? `Change ${hook.name}` : isOut ? 'New way out' : 'New way in', size: 'large', content: (close) => form({
    submit: hook ? 'Save' : 'Create', oncancel: () => close(undefined),
    fields: [field({ name: 'name', label: 'Name', value: hook?.name, required: true, maxlength: 100 }), parts.fields,
      !hook && field({ name: 'secret', label: isOut ? 'Secret' : 'The sender\'s secret or key', value: '', autocomplete: 'off',
        hint: 'Left out, one is made and shown once.', minlength: 8 }),
      field({ name: 'enabled', label: isOut ? 'Events are sent' : 'Messages are taken', type: 'checkbox', value: hook?.enabled ?? true })],
    onsubmit: async ({ name, enabled, secret, ...values }) => {
      const body = { name, enabled, ...parts.read(values) }
      if (hook) close(await ctx.api.patch(ctx.api.path`/v1/hooks/${hook.id}`, body, { etag }))
      else close(await ctx.api.post('/v1/hooks', { ...body, direction, ...(secret ? { secret } : {}) }))
      ctx.toast('Saved.')
    },
  }) }).closed
}

function outFields(hook) {
  return {
    fields: [field({ name: 'url', label: 'Address', type: 'url', value: hook?.url, required: true, placeholder: 'https://example.com/spotter', hint: 'By https.' }),
      field({ name: 'events', label: 'Events', type: 'textarea', rows: 4, value: (hook?.events ?? ['execution.completed', 'execution.failed']).join('\n'),
        required: true, hint: 'One a line: names, families such as execution.*, or *.', parse: (text) => text.split(/[\s,]+/).filter(Boolean) }),
      field({ name: 'ordered', label: 'Events of one run wait for each other', type: 'checkbox', value: hook?.ordered ?? false })],
    read: (values) => values,
  }
}

function inFields(agents, hook) {
  const action = hook?.action ?? { kind: 'agent_message', content: 'A message came in: {{ payload }}' }
  const at = (name, label, options) => field({ name, label, pointer: `/action/${name}`, ...options })
  const style = field({ name: 'style', label: 'Signed by', type: 'select', options: styles, value: hook?.style ?? 'standard', disabled: Boolean(hook) })
  const kind = at('kind', 'A message', { type: 'select', value: action.kind, options: [
    { value: 'agent_message', label: 'tells an agent something' }, { value: 'task', label: 'runs a task' },
    { value: 'workflow', label: 'starts a workflow' }, { value: 'plan', label: 'runs a plan' }, { value: 'inbound_sms', label: 'is an SMS of a member' }] })
  const of = {
    agent_message: [at('agent_id', 'Agent', { type: 'select', options: agents.options, value: action.agent_id }),
      at('content', 'What the agent is told', { type: 'textarea', value: action.content, hint: 'With {{ payload.name }} and the like for what the message holds.' })],
    task: [at('task_id', 'Task', { value: action.task_id, hint: 'Its id, such as task_….' })],
    workflow: [at('workflow_id', 'Workflow', { value: action.workflow_id, hint: 'Its id, such as wf_….' })],
    inbound_sms: [jsonField({ name: 'replies', label: 'Replies', pointer: '/action/replies', value: action.replies, rows: 3, hint: 'JSON: texts for stop, start, help and other. Leave it out where the provider answers itself, as Twilio does.' })],
    plan: [jsonField({ name: 'plan', label: 'Plan', pointer: '/action/plan', value: action.plan })],
  }
  const input = jsonField({ name: 'input', label: 'Input', pointer: '/action/input', value: action.input, rows: 3, hint: 'JSON: an object of {{ expressions }}. May be left out.' })
  const show = () => {
    for (const [name, fields] of Object.entries(of)) for (const item of fields) item.hidden = name !== kind.control.value
    input.hidden = withoutInput.includes(kind.control.value)
  }
  kind.control.addEventListener('change', show)
  show()
  return {
    fields: [style, group('What happens', kind, ...Object.values(of).flat(), input)],
    read: (values) => {
      const names = of[values.kind].map((item) => item.name)
      const given = { kind: values.kind, ...Object.fromEntries(names.map((name) => [name, values[name]]).filter(([, value]) => value)) }
      if (!withoutInput.includes(values.kind) && values.input !== undefined) given.input = values.input
      return { ...(hook ? {} : { style: values.style }), action: hook ? { ...cleared(hook.action), ...given } : given }
    },
  }
}

/** In a merge patch what is not named stays: what belonged to another kind has to go. */
function cleared(action) {
  return Object.fromEntries(Object.keys(action ?? {}).map((name) => [name, null]))
}
