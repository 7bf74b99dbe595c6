// The staff: cards, search, filters, and everything that is done to an agent.
import { api } from '../api.js'
import { avatar, button, chip, confirm, empty, failure, filterBar, filterSelect, loading, pageHead, search, stat, stats,
  tag, toast, toggle } from '../components/index.js'
import { debounce, h, replace } from '../dom.js'
import { compact, money, number, words } from '../format.js'
import { openAgentForm } from './agent-form.js'

export default {
  title: 'Agents',
  async render(root, ctx) {
    const filters = { q: ctx.params.q ?? '', enabled: ctx.params.enabled ?? '', role: ctx.params.role ?? '' }
    const place = h('div', { class: 'grid-cards', 'aria-live': 'polite', 'aria-busy': 'false' })
    const figures = h('div')
    const more = h('div', { class: 'cluster' })
    let agents = []
    let next = null
    let status = new Map()
    let usage = new Map()
    let turn = 0

    /** The roles of the agents that were seen, and the one that is asked for. */
    const offerRoles = () => {
      for (const role of [filters.role, ...agents.map((agent) => agent.role)].filter(Boolean)) {
        if (knownRoles.has(role)) continue
        knownRoles.add(role)
        roles.append(h('option', { value: role, selected: role === filters.role }, words(role)))
      }
    }

    const show = () => {
      if (agents.length === 0) {
        const isFiltered = filters.q || filters.enabled || filters.role
        replace(place, empty(isFiltered ? 'No agent fits' : 'No agents yet', {
          icon: 'agents', text: isFiltered ? 'Try other words or filters.' : 'The first one is made in a minute.',
          action: !isFiltered && ctx.may('agents:write') && button('New agent', { kind: 'primary', icon: 'plus', onclick: create }),
        }))
      } else {
        replace(place, agents.map((agent) => agentCard(agent, {
          status: status.get(agent.id), usage: usage.get(agent.id), ctx, changed: (fresh) => {
            agents = agents.map((known) => (known.id === fresh.id ? fresh : known))
            show()
          }, gone: () => load(),
        })))
      }
      replace(more, next && button('Show more', { onclick: () => loadMore() }))
    }

    const read = (after) => api.list('/v1/agents', { ...filters, after, limit: 48 }, { signal: ctx.signal })

    const load = async () => {
      turn += 1
      const mine = turn
      place.setAttribute('aria-busy', 'true')
      try {
        const page = await read(null)
        if (mine !== turn) return
        agents = page.data
        next = page.next_cursor
        offerRoles()
        show()
      } catch (error) {
        if (mine === turn && error.name !== 'AbortError') replace(place, failure(error, load))
      } finally {
        place.setAttribute('aria-busy', 'false')
      }
    }

    const loadMore = async () => {
      const page = await read(next)
      agents = agents.concat(page.data)
      next = page.next_cursor
      show()
    }

    const loadFigures = async () => {
      try {
        const [live, spent] = await Promise.all([
          api.get('/v1/agents/stats', null, { signal: ctx.signal }),
          ctx.may('billing:read') ? api.get('/v1/usage', { group_by: 'agent' }, { signal: ctx.signal }) : null,
        ])
        status = new Map(live.agents.map((one) => [one.agent_id, one]))
        usage = new Map((spent?.breakdown ?? []).map((one) => [one.key, one]))
        replace(figures, stats(
          stat('Agents', number(live.total)),
          stat('Available', number(live.available), { tone: live.available > 0 ? 'good' : '' }),
          stat('Busy', number(live.busy)),
          stat('Not reachable', number(live.offline + live.error), { tone: live.error > 0 ? 'bad' : '' }),
          spent && stat('Model calls', compact(spent.usage.model_calls), { hint: 'this month' }),
          spent && stat('Cost', money(spent.cost.billed), { hint: 'this month' })))
        show()
      } catch (error) {
        if (error.name !== 'AbortError') replace(figures)
      }
    }

    const create = async () => {
      const agent = await openAgentForm(ctx)
      if (!agent) return
      toast(`${agent.name} is ready.`)
      await Promise.all([load(), loadFigures()])
    }

    const change = (name) => (value) => {
      filters[name] = value
      ctx.setQuery(filters)
      load()
    }

    const roles = filterSelect({ label: 'Role', value: '', onchange: change('role'), options: [{ value: '', label: 'All roles' }] })
    const knownRoles = new Set([''])

    replace(root,
      pageHead('Agents', {
        text: 'The staff that works at any hour.',
        actions: [ctx.may('agents:write') && button('New agent', { kind: 'primary', icon: 'plus', onclick: create })],
      }), figures,
      filterBar(search({ label: 'Search agents', value: filters.q, oninput: change('q') }),
        filterSelect({ label: 'Whether they answer', value: filters.enabled, onchange: change('enabled'), options: [
          { value: '', label: 'All' }, { value: 'true', label: 'Enabled' }, { value: 'false', label: 'Disabled' }] }),
        roles), place, more)
    replace(place, loading())
    ctx.on(['agent.status'], debounce(loadFigures, 300))
    await Promise.all([load(), loadFigures()])
  },
}

function agentCard(agent, { status, usage, ctx, changed, gone }) {
  const may = ctx.may('agents:write')
  const edit = async () => {
    const fresh = await openAgentForm(ctx, agent.id)
    if (fresh) {
      toast(`${fresh.name} is saved.`)
      changed(fresh)
    }
  }
  return h('article', { class: ['card agent-card', !agent.enabled && 'is-off'], 'aria-label': agent.name },
    h('header', { class: 'agent-card-head' }, avatar(agent.name, 44),
      h('div', { class: 'agent-card-name' }, h('h2', h('a', { href: `#/agents/${agent.id}` }, agent.name)),
        h('p', { class: 'muted small clip' }, agent.role ? words(agent.role) : 'No role')),
      may && toggle({
        label: `${agent.name} enabled`, hideLabel: true, checked: agent.enabled,
        onchange: async (isOn, node) => {
          try {
            changed(await api.patch(api.path`/v1/agents/${agent.id}`, { enabled: isOn }, { etag: `"${agent.version}"` }))
            toast(isOn ? `${agent.name} answers again.` : `${agent.name} answers nobody now.`)
          } catch (error) {
            node.setAttribute('aria-checked', String(!isOn))
            toast.error(error)
          }
        },
      })),
    h('p', { class: 'agent-card-text' }, agent.description || h('span', { class: 'muted' }, 'No description')),
    h('p', { class: 'cluster' }, chip(agent.enabled ? status?.status ?? 'available' : 'offline', agent.enabled ? undefined : 'Disabled'),
      tag(agent.model), tag(`${agent.tools.length} ${agent.tools.length === 1 ? 'tool' : 'tools'}`),
      agent.external && tag('external')),
    usage && h('p', { class: 'muted small' }, `${number(usage.usage.model_calls)} model ${usage.usage.model_calls === 1 ? 'call' : 'calls'}, ${money(usage.cost.billed)} this month`),
    h('footer', { class: 'actions' },
      ctx.may('conversations:write') && agent.enabled && button('Chat', { icon: 'chat', class: 'small', 'aria-label': `Chat with ${agent.name}`, onclick: () => ctx.openChat(agent) }),
      may && button('Edit', { icon: 'edit', class: 'small', 'aria-label': `Edit ${agent.name}`, onclick: edit }),
      may && button('Delete', { icon: 'trash', class: 'small quiet', 'aria-label': `Delete ${agent.name}`,
        onclick: async () => { if (await deleteAgent(agent)) gone() } })))
}

/** Asks, and deletes; whether it did. */
export async function deleteAgent(agent) {
  const isSure = await confirm({
    title: `Delete ${agent.name}?`, action: 'Delete the agent', danger: true,
    text: 'Nobody can talk to it any more, and tasks that name it fail. What it has said and done stays in the log.',
  })
  if (!isSure) return false
  try {
    await api.delete(api.path`/v1/agents/${agent.id}`, { etag: `"${agent.version}"` })
    toast(`${agent.name} is deleted.`)
    return true
  } catch (error) {
    toast.error(error)
    return false
  }
}
