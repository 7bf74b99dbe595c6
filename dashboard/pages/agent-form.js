// Making an agent, and changing one.
import { api } from '../api.js'
import { dialog, field, form, group, loading, multiselect, row } from '../components/index.js'
import { h, replace } from '../dom.js'
import { number, words } from '../format.js'

/** Opens the form; gives the agent as it is afterwards, or nothing where somebody thought better of it. */
export async function openAgentForm(ctx, id) {
  const opened = dialog({
    title: id ? 'Edit agent' : 'New agent', size: 'large',
    content: (close) => {
      const place = h('div', loading())
      prepare(ctx, id).then((known) => {
        replace(place, agentForm({ ...known, close }))
        place.querySelector('input')?.focus()
      }).catch((error) => {
        ctx.toast.error(error)
        close()
      })
      return place
    },
  })
  return opened.closed
}

async function prepare(ctx, id) {
  const [agent, tools, prices] = await Promise.all([
    id ? api.read(api.path`/v1/agents/${id}`) : null,
    ctx.may('tools:read') ? api.get('/v1/tools') : { data: [] },
    ctx.may('billing:read') ? api.get('/v1/pricing') : { data: [] },
  ])
  return { agent: agent?.data, etag: agent?.etag, tools: tools.data, models: models(prices.data, agent?.data.model) }
}

/** What can be chosen: the models whose price is known, one that needs no key, and the agent's own whatever it is. */
function models(prices, own) {
  const now = new Date().toISOString()
  const current = new Map()
  for (const price of prices) {
    if (price.valid_from > now) continue
    const known = current.get(price.model)
    if (!known || known.valid_from < price.valid_from) current.set(price.model, price)
  }
  const options = [...current.values()].sort((a, b) => a.model.localeCompare(b.model)).map((price) => ({
    value: price.model, group: words(price.provider),
    label: `${price.model} – ${number(Number(price.input_per_million))} in, ${number(Number(price.output_per_million))} out per million`,
  }))
  if (!current.has('offline')) options.unshift({ value: 'offline', label: 'offline – needs no key, costs nothing', group: 'Built in' })
  if (own && !options.some((option) => option.value === own)) options.unshift({ value: own, label: own, group: 'Now in use' })
  return options
}

function agentForm({ agent, etag, tools, models, close }) {
  const chosen = multiselect({
    label: 'Tools', selected: agent?.tools ?? [],
    options: tools.map((tool) => ({ value: tool.name, label: tool.name, group: words(tool.category), hint: firstSentence(tool.description) })),
  })
  const limits = agent?.limits ?? {}
  const number_ = (name, label, value, attributes) => field({ name, label, type: 'number', value, inputmode: 'decimal', ...attributes })
  return form({
    submit: agent ? 'Save' : 'Create',
    fields: [
      row(field({ name: 'name', label: 'Name', required: true, maxlength: 100, value: agent?.name }),
        field({ name: 'role', label: 'Role', maxlength: 100, value: agent?.role, hint: 'A short word for its job.' })),
      field({ name: 'description', label: 'Description', maxlength: 1000, value: agent?.description }),
      row(field({ name: 'model', label: 'Model', type: 'select', options: models, value: agent?.model ?? 'offline' }),
        field({ name: 'priority', label: 'Priority', type: 'select', options: ['critical', 'high', 'medium', 'low'].map((value) => ({ value, label: words(value) })), value: agent?.priority ?? 'medium' })),
      field({ name: 'system_prompt', label: 'Instructions', type: 'textarea', rows: 10, required: true, maxlength: 100_000, value: agent?.system_prompt,
        hint: 'What the model is told first. {{organization.name}}, {{organization.timezone}} and {{today}} are filled in.' }),
      field({ name: 'tools', label: 'Tools', type: 'custom', control: chosen, read: chosen.read, write: chosen.write }),
      field({ name: 'capabilities', label: 'Capabilities', value: (agent?.capabilities ?? []).join(', '), hint: 'What it is good at, with commas between: by these it is found for tasks and calls.', parse: list }),
      group('How it answers', row(
        number_('temperature', 'Temperature', agent?.temperature ?? 0.7, { min: 0, max: 2, step: 'any', hint: '0 is steady, 2 is wild.' }),
        number_('max_output_tokens', 'Longest answer, in tokens', agent?.max_output_tokens ?? 4096, { min: 1, max: 200_000, step: 1 }))),
      group('Limits of one turn', row(
        number_('max_steps', 'Model calls', limits.max_steps, { min: 1, max: 200, step: 1, pointer: '/limits/max_steps' }),
        number_('timeout_seconds', 'Seconds', limits.timeout_seconds, { min: 1, max: 86_400, step: 1, pointer: '/limits/timeout_seconds' }),
        field({ name: 'max_cost', label: 'Cost in US dollars', value: limits.max_cost, pattern: '[0-9]{1,6}(\\.[0-9]{1,6})?', inputmode: 'decimal', placeholder: 'No limit', pointer: '/limits/max_cost' }),
        number_('max_tokens', 'Tokens', limits.max_tokens, { min: 0, step: 1, placeholder: 'No limit', pointer: '/limits/max_tokens' }))),
      field({ name: 'enabled', label: 'It answers', type: 'checkbox', value: agent?.enabled ?? true }),
    ],
    oncancel: () => close(),
    onsubmit: async (values) => {
      const { max_steps, timeout_seconds, max_cost, max_tokens, ...settings } = values
      const caps = { max_steps, timeout_seconds, max_cost: max_cost || null, max_tokens }
      if (agent) {
        // A merge patch: what is null goes.
        const body = { ...settings, role: settings.role || null, description: settings.description || null, limits: caps }
        close(await api.patch(api.path`/v1/agents/${agent.id}`, body, { etag }))
      } else {
        const body = { ...settings, role: settings.role || undefined, description: settings.description || undefined, limits: present(caps) }
        close(await api.post('/v1/agents', body))
      }
    },
  })
}

function present(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined))
}

function list(text) {
  return text.split(/[,\n]/).map((word) => word.trim()).filter(Boolean)
}

function firstSentence(text) {
  const end = text.search(/[.!?](\s|$)/)
  return end < 0 ? text : text.slice(0, end + 1)
}
