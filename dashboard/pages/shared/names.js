// What agents and workflows are called, by their ids.
import { h } from '../../dom.js'

/** The agents of the organisation, at most a thousand: `{ all, name(id), options }`. None where they may not be read. */
export async function loadAgents(ctx) {
  let all = []
  try {
    all = await ctx.api.all('/v1/agents')
  } catch (error) {
    if (error.status !== 403) throw error
  }
  const names = new Map(all.map((agent) => [agent.id, agent.name]))
  return {
    all,
    name: (id) => names.get(id) ?? (id ? 'An agent that is gone' : 'Nobody'),
    options: all.map((agent) => ({ value: agent.id, label: agent.name })),
  }
}

/** The names of the organisation's workflows, at most a thousand, by their ids. None where they may not be read. */
export async function loadWorkflows(ctx) {
  if (!ctx.may('workflows:read')) return new Map()
  const all = await ctx.api.all('/v1/workflows')
  return new Map(all.map((workflow) => [workflow.id, workflow.name]))
}

/** A link within the dashboard. */
export function link(address, label) {
  return h('a', { href: `#${address}` }, label)
}

/** An id, short enough for a table, whole as a hint. */
export function shortId(id) {
  return h('code', { title: id, class: 'id' }, id.length > 14 ? `…${id.slice(-8)}` : id)
}
