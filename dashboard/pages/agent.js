// One agent: what it is told, its versions, what it has cost.
import { api } from '../api.js'
import { avatar, button, card, chip, confirm, dialog, dialogActions, empty, facts, filterSelect, icon, json, moment, pageHead, stat,
  stats, table, tabs, tag, toast } from '../components/index.js'
import { diffLines } from '../diff.js'
import { h, replace } from '../dom.js'
import { compact, dateTime, money, number, words } from '../format.js'
import { openAgentForm } from './agent-form.js'
import { deleteAgent } from './agents.js'

export default {
  title: 'Agent',
  async render(root, ctx) {
    let { data: agent } = await api.read(api.path`/v1/agents/${ctx.params.id}`, null, { signal: ctx.signal })
    const head = h('div')
    let chosen = ctx.params.tab ?? 'overview'
    const show = () => {
      ctx.setTitle(agent.name)
      replace(head, agentHead(agent, ctx, (fresh) => {
        agent = fresh
        show()
        views.select(chosen)
      }))
    }
    const views = tabs({
      label: 'Agent', selected: chosen,
      onselect: (id) => {
        chosen = id
        ctx.setQuery({ tab: id === 'overview' ? null : id })
      },
      items: [
        { id: 'overview', label: 'Overview', render: () => overview(agent) },
        { id: 'versions', label: 'Versions', render: () => versions(agent, ctx, (fresh) => {
          agent = fresh
          show()
          views.select('versions')
        }) },
        { id: 'stats', label: 'Figures', render: () => figures(agent, ctx) },
        { id: 'conversations', label: 'Conversations', render: () => conversations(agent) },
      ],
    })
    show()
    replace(root, head, views)
  },
}

function agentHead(agent, ctx, changed) {
  const may = ctx.may('agents:write')
  return pageHead(h('span', { class: 'cluster' }, avatar(agent.name, 40), agent.name), {
    back: { href: '#/agents', label: 'Agents' }, text: agent.description,
    actions: [
      chip(agent.enabled ? 'enabled' : 'offline', agent.enabled ? 'Enabled' : 'Disabled'),
      ctx.may('agents:report') && statusSelect(agent),
      agent.enabled && ctx.may('conversations:write') && button('Chat', { icon: 'chat', onclick: () => ctx.openChat(agent) }),
      may && button(agent.enabled ? 'Disable' : 'Enable', {
        onclick: async () => {
          try {
            changed(await api.patch(api.path`/v1/agents/${agent.id}`, { enabled: !agent.enabled }, { etag: `"${agent.version}"` }))
          } catch (error) {
            toast.error(error)
          }
        },
      }),
      may && button('Edit', { icon: 'edit', kind: 'primary', onclick: async () => {
        const fresh = await openAgentForm(ctx, agent.id)
        if (fresh) changed(fresh)
      } }),
      may && button('Delete', { icon: 'trash', kind: 'quiet', onclick: async () => { if (await deleteAgent(agent)) ctx.navigate('/agents') } }),
    ],
  })
}

function statusSelect(agent) {
  const node = filterSelect({
    label: 'Whether it takes calls', value: 'available', options: ['available', 'busy', 'offline', 'error'].map((value) => ({ value, label: words(value) })),
    onchange: async (status) => {
      try {
        await api.put(api.path`/v1/agents/${agent.id}/status`, { status })
        toast(`${agent.name} is ${status} to calls.`)
      } catch (error) {
        toast.error(error)
      }
    },
  })
  node.classList.add('narrow')
  api.get('/v1/agents/stats').then(({ agents }) => {
    node.value = agents.find((one) => one.agent_id === agent.id)?.status ?? 'available'
  }).catch(() => {})
  return node
}

function overview(agent) {
  const limits = agent.limits ?? {}
  return [
    card({ title: 'Settings' }, facts([
      ['Role', agent.role && words(agent.role)], ['Model', agent.model], ['Priority', words(agent.priority)],
      ['Temperature', number(agent.temperature)], ['Longest answer', `${number(agent.max_output_tokens)} tokens`],
      ['Model calls a turn', limits.max_steps && number(limits.max_steps)],
      ['Time of a turn', limits.timeout_seconds && `${number(limits.timeout_seconds)} s`], ['Cost of a turn', limits.max_cost && `$${limits.max_cost}`],
      ['Tokens of a turn', limits.max_tokens && number(limits.max_tokens)], ['Calls at a time', agent.max_concurrent && number(agent.max_concurrent)],
      ['Template', agent.template], ['Version', number(agent.version)], ['Changed', dateTime(agent.updated_at)], ['Id', h('code', agent.id)],
    ])),
    card({ title: 'Tools' }, agent.tools.length > 0 ? h('p', { class: 'cluster' }, agent.tools.map(tag)) : h('p', { class: 'muted' }, 'None: it only talks.')),
    agent.capabilities.length > 0 && card({ title: 'Capabilities' }, h('p', { class: 'cluster' }, agent.capabilities.map(tag))),
    card({ title: 'Instructions' }, h('pre', { class: 'wrap', tabindex: '0', 'aria-label': 'Instructions' }, agent.system_prompt)),
  ]
}

async function versions(agent, ctx, changed) {
  const page = await api.list(api.path`/v1/agents/${agent.id}/versions`, { limit: 100 })
  const list = page.data
  return card({ title: 'Versions' },
    h('p', { class: 'muted' }, 'Each change is a version of its own. Going back makes the old settings a new version.'),
    h('ol', { class: 'version-list' }, list.map((version, index) => h('li', { class: 'spread' },
      h('div', { class: 'cluster' }, h('strong', `Version ${version.version}`), version.version === agent.version && chip('enabled', 'Now'),
        h('span', { class: 'muted' }, moment(version.created_at)), h('span', { class: 'muted small' }, changedNames(version.settings, list[index + 1]?.settings))),
      h('div', { class: 'actions' },
        list[index + 1] && button('Changes', { class: 'small', 'aria-label': `Changes of version ${version.version}`, onclick: () => showDiff(list[index + 1], version) }),
        version.version !== agent.version && button('Compare with now', { class: 'small', 'aria-label': `Compare version ${version.version} with now`, onclick: () => showDiff(version, list[0]) }),
        version.version !== agent.version && ctx.may('agents:write') && button('Go back to it', {
          class: 'small', icon: 'history', 'aria-label': `Go back to version ${version.version}`, onclick: async () => {
            const isSure = await confirm({ title: `Back to version ${version.version}?`, action: 'Go back', text: 'Its settings hold from the next turn on. Nothing is lost: the present version stays in the list.' })
            if (!isSure) return
            try {
              changed(await api.post(api.path`/v1/agents/${agent.id}/rollback`, { version: version.version }))
              toast(`Back to version ${version.version}.`)
            } catch (error) {
              toast.error(error)
            }
          },
        }))))))
}

function changedNames(now, before) {
  if (!before) return 'The beginning'
  const names = [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]))
  return names.map(words).join(', ') || 'No change'
}

function showDiff(before, after) {
  const names = [...new Set([...Object.keys(before.settings), ...Object.keys(after.settings)])]
    .filter((name) => JSON.stringify(before.settings[name]) !== JSON.stringify(after.settings[name]))
  dialog({
    title: `Version ${before.version} and version ${after.version}`, size: 'large',
    content: (close) => [
      names.length === 0 && h('p', 'Nothing differs.'),
      names.map((name) => h('section', { class: 'stack' }, h('h3', words(name)), diff(before.settings[name], after.settings[name]))),
      dialogActions(button('Close', { onclick: () => close() })),
    ],
  })
}

function diff(before, after) {
  const text = (value) => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2))
  const sign = { same: ' ', added: '+', removed: '−' }
  const word = { added: 'Added: ', removed: 'Removed: ' }
  return h('pre', { class: 'diff wrap', tabindex: '0', 'aria-label': 'Changes' }, diffLines(text(before), text(after)).map((line) => h('div', { class: line.kind },
    h('span', { class: 'sign', 'aria-hidden': 'true' }, sign[line.kind]), word[line.kind] && h('span', { class: 'visually-hidden' }, word[line.kind]), line.text || ' ')))
}

async function figures(agent, ctx) {
  const [live, spent, byModel] = await Promise.all([
    api.get('/v1/agents/stats'),
    ctx.may('billing:read') ? api.get('/v1/usage', { agent_id: agent.id, group_by: 'day' }) : null,
    ctx.may('billing:read') ? api.get('/v1/usage', { agent_id: agent.id, group_by: 'model' }) : null,
  ])
  const mine = live.agents.find((one) => one.agent_id === agent.id) ?? {}
  return [
    stats(stat('Calls', number(mine.calls ?? 0)), stat('Failures', number(mine.failures ?? 0), { tone: mine.failures > 0 ? 'bad' : '' }),
      stat('At work now', number(mine.active ?? 0)),
      spent && stat('Model calls', compact(spent.usage.model_calls), { hint: 'this month' }),
      spent && stat('Tokens', compact(spent.usage.input_tokens + spent.usage.output_tokens), { hint: 'this month' }),
      spent && stat('Cost', money(spent.cost.billed), { hint: 'this month' })),
    spent && usageTable('By day', spent.breakdown), byModel && usageTable('By model', byModel.breakdown),
    mine.last_error && card({ title: 'Last error' }, json(mine.last_error)),
  ]
}

function usageTable(title, rows) {
  if (rows.length === 0) return card({ title }, h('p', { class: 'muted' }, 'Nothing this month.'))
  return card({ title }, h('div', { class: 'scroll-x', tabindex: '0', role: 'region', 'aria-label': title }, h('table', { class: 'plain-table' },
    h('thead', h('tr', h('th', { scope: 'col' }, title.replace('By ', '').replace(/^./, (letter) => letter.toUpperCase())), ['Calls', 'Tokens in', 'Tokens out', 'Cost'].map((name) => h('th', { scope: 'col', class: 'end' }, name)))),
    h('tbody', rows.map((one) => h('tr', h('th', { scope: 'row' }, one.key ?? '–'), h('td', { class: 'end num' }, number(one.usage.model_calls)),
      h('td', { class: 'end num' }, number(one.usage.input_tokens)), h('td', { class: 'end num' }, number(one.usage.output_tokens)), h('td', { class: 'end num' }, money(one.cost.billed))))))))
}

function conversations(agent) {
  return table({
    label: 'Conversations', load: (after) => api.list('/v1/conversations', { agent_id: agent.id, after, limit: 100 }),
    rowHref: (one) => `#/chat/${one.id}`, emptyState: () => empty('Nobody has talked to it yet', { icon: 'chat' }),
    columns: [{ id: 'title', label: 'Title', width: 'minmax(0, 3fr)', render: (one) => one.title },
      { id: 'last', label: 'Last message', render: (one) => moment(one.last_message_at ?? one.created_at) },
      { id: 'open', label: '', width: '40px', hide: 'phone', render: () => icon('chevron', 16) }],
  })
}
