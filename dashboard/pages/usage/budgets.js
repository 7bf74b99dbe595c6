// Caps on what calls may cost.
import { button, card, chip, dialog, empty, field, form, iconButton, row } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { compact, money, number, words } from '../../format.js'

/** `{ node, read() }`. */
export function budgetList(ctx, agents) {
  const place = h('div', { class: 'budgets' })
  const mayWrite = ctx.may('billing:write')
  const change = async (budget) => {
    if (await edit(ctx, agents, budget)) await read()
  }
  const read = async () => {
    const { data } = await ctx.api.list('/v1/budgets', null, { signal: ctx.signal })
    replace(place, data.length ? data.map((budget) => item(ctx, agents, budget, mayWrite, change, read))
      : empty('No budgets', { icon: 'usage', text: 'A budget stops calls of models when the money or the tokens of a day or a month are used up.',
        action: mayWrite && button('New budget', { kind: 'primary', onclick: () => change() }) }))
  }
  return { read, node: h('div', { class: 'stack' }, mayWrite && h('div', { class: 'filter-bar' }, button('New budget', { kind: 'primary', icon: 'plus', onclick: () => change() })), place) }
}

const periods = { day: 'each day', month: 'each month', total: 'in all' }
const tones = { ok: 'ok', warning: 'warning', reached: 'critical' }

function nameOf(budget, agents) {
  switch (budget.scope) {
    case 'agent': return agents.name(budget.agent_id)
    case 'task': return `Task ${budget.task_id}`
    case 'execution': return `Run ${budget.execution_id}`
    default: return 'Everything'
  }
}

function item(ctx, agents, budget, mayWrite, change, read) {
  const name = `${nameOf(budget, agents)}, ${periods[budget.period]}`
  const remove = async () => {
    const isSure = await ctx.confirm({ title: `Take the budget away?`, text: `${name} is not capped any more.`, action: 'Take away', danger: true })
    if (!isSure) return
    try {
      await ctx.api.delete(ctx.api.path`/v1/budgets/${budget.id}`)
      await read()
    } catch (error) {
      ctx.toast.error(error)
    }
  }
  const isOurs = mayWrite && budget.source !== 'file' && budget.scope !== 'execution'
  return card({ title: name, level: 3, class: 'budget', actions: [chip(tones[budget.state], words(budget.state)),
    isOurs && iconButton('edit', `Change the budget of ${name}`, { onclick: () => change(budget) }),
    isOurs && iconButton('trash', `Take the budget of ${name} away`, { onclick: remove })] },
  budget.limit && meter('Money', Number(budget.spent.amount), Number(budget.limit.amount), `${money(budget.spent)} of ${money(budget.limit)}`,
    Number(budget.reserved.amount) > 0 && `${money(budget.reserved)} reserved`),
  budget.tokens !== undefined && budget.tokens !== null && meter('Tokens', budget.spent_tokens, budget.tokens,
    `${compact(budget.spent_tokens)} of ${compact(budget.tokens)}`, budget.reserved_tokens > 0 && `${number(budget.reserved_tokens)} reserved`),
  h('p', { class: 'muted' }, `Since ${day(budget.period_start)}, by UTC. Set by ${budget.source === 'file' ? 'the tenant\'s file' : 'the API'}.`))
}

/** Days of budgets are those of UTC, wherever the organisation is. */
function day(value) {
  return new Intl.DateTimeFormat(navigator.language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(value))
}

function meter(label, spent, limit, text, more) {
  const share = limit > 0 ? Math.min(100, Math.round(100 * spent / limit)) : 100
  return h('div', { class: 'meter' }, h('div', { class: ['progress', share >= 100 ? 'is-full' : share >= 80 ? 'is-near' : ''],
    role: 'progressbar', 'aria-label': `${label}: ${text}`, 'aria-valuenow': share, 'aria-valuemin': 0, 'aria-valuemax': 100 },
  h('div', { class: 'progress-done', style: { width: `${share}%` } })), h('span', text), more && h('span', { class: 'muted' }, more))
}

/** Asks for a budget. There is one for each scope and period: those of one that is changed are fixed. */
function edit(ctx, agents, budget) {
  const scope = field({ name: 'scope', label: 'Whose calls', type: 'select', disabled: Boolean(budget), value: budget?.scope ?? 'organization', options: [
    { value: 'organization', label: 'All' }, { value: 'agent', label: 'Those of an agent' }, { value: 'task', label: 'Those of a task' }] })
  const agent = field({ name: 'agent_id', label: 'Agent', type: 'select', disabled: Boolean(budget), options: agents.options, value: budget?.agent_id })
  const task = field({ name: 'task_id', label: 'Task', value: budget?.task_id, disabled: Boolean(budget), hint: 'Its id, such as task_….' })
  const show = () => {
    agent.hidden = scope.control.value !== 'agent'
    task.hidden = scope.control.value !== 'task'
  }
  scope.control.addEventListener('change', show)
  show()
  return dialog({ title: budget ? 'Change the budget' : 'New budget', content: (close) => form({
    oncancel: () => close(false),
    fields: [scope, agent, task,
      field({ name: 'period', label: 'For', type: 'select', value: budget?.period ?? 'month', disabled: Boolean(budget), options: [
        { value: 'day', label: 'Each day' }, { value: 'month', label: 'Each month' }, { value: 'total', label: 'In all' }] }),
      row(field({ name: 'amount', label: 'Money at most', pointer: '/limit', inputmode: 'decimal', value: budget?.limit?.amount, placeholder: '25.00' }),
        field({ name: 'currency', label: 'Currency', pointer: '/limit/currency', value: budget?.limit?.currency ?? 'USD', maxlength: 3 })),
      field({ name: 'tokens', label: 'Tokens at most', type: 'number', min: 0, step: 1, value: budget?.tokens, hint: 'Input and output together. Give money, tokens, or both.' })],
    onsubmit: async ({ amount, currency, tokens, agent_id, task_id, ...rest }) => {
      await ctx.api.put('/v1/budgets', { ...rest, ...(rest.scope === 'agent' ? { agent_id } : {}), ...(rest.scope === 'task' ? { task_id } : {}),
        ...(amount.trim() ? { limit: { amount: amount.trim(), currency: currency.trim().toUpperCase() } } : {}),
        ...(tokens === null ? {} : { tokens }) })
      ctx.toast('The budget is set.')
      close(true)
    },
  }) }).closed
}
