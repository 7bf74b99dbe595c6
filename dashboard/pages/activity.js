// Who did what: the audit log.
import { chip, details, dialog, empty, facts, filterBar, filterSelect, icon, moment, pageHead, search, table, tag } from '../components/index.js'
import { address } from '../api.js'
import { debounce, h, replace } from '../dom.js'
import { exactTime, words } from '../format.js'
import { live } from './shared/live.js'
import { zonedTime } from './shared/zoned.js'

const kinds = ['token', 'agent', 'hook', 'link', 'operator', 'system']

export default { title: 'Activity', path: '/activity', render }

async function render(root, ctx) {
  const filter = { q: ctx.params.q, actor: ctx.params.actor, action: ctx.params.action, resource_id: ctx.params.resource_id, from: ctx.params.from, until: ctx.params.until }
  const first = await look(ctx, filter)
  if (first.error) return void replace(root, pageHead('Activity'), first.error)
  const list = table({
    label: 'Activity', columns: columns(), onopen: (entry) => showEntry(entry),
    load: (after) => ctx.api.list('/v1/activity', { ...filter, limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => empty(Object.values(filter).some(Boolean) ? 'Nothing fits' : 'Nothing has been done yet', { icon: 'activity',
      text: 'Each change that somebody makes, and each tool that an agent uses, is written down here.' }),
  })
  const files = h('div', { class: 'actions' })
  const showFiles = () => replace(files, ['csv', 'jsonl'].map((format) => h('a', { class: 'button', download: `activity.${format}`,
    href: address('/v1/activity/export', { ...filter, format }) }, icon('download', 18), h('span', format === 'csv' ? 'CSV' : 'JSON lines'))))
  const choose = (name, write = (value) => value) => (value) => {
    filter[name] = write(value)
    ctx.setQuery({ [name]: filter[name] })
    showFiles()
    list.reload()
  }
  const text = (name, label) => {
    const change = debounce(choose(name), 300)
    return h('input', { type: 'search', 'aria-label': label, placeholder: label, value: filter[name] ?? '', oninput: (event) => change(event.target.value.trim()) })
  }
  const time = (name, label) => h('label', { class: 'inline-field' }, label, h('input', { type: 'datetime-local',
    onchange: (event) => choose(name, zonedTime)(event.target.value) }))
  showFiles()
  replace(root, pageHead('Activity', { text: 'Who did what, and what came of it. Entries are chained: none can be changed or taken out unseen.', actions: files }),
    filterBar(search({ label: 'Search', value: filter.q ?? '', oninput: choose('q') }),
      filterSelect({ label: 'Who', value: kinds.includes(filter.actor) ? filter.actor : '', onchange: choose('actor'),
        options: [{ value: '', label: 'Everybody' }, ...kinds.map((value) => ({ value, label: words(value) }))] }),
      text('action', 'Action'), text('resource_id', 'Id of the resource'), time('from', 'From'), time('until', 'Until')), list)
  // Whatever happens may have been somebody's doing; entries have no event of their own.
  return live(ctx, ['execution.*', 'tool.*', 'approval.decided', 'task.*', 'hook.received'], async () => {
    const { data } = await ctx.api.list('/v1/activity', { ...filter, limit: 50 }, { signal: ctx.signal })
    for (const entry of [...data].reverse()) list.insert(entry)
  }, { pause: 2000 })
}

/** Whether the log can be read; where not, why. */
async function look(ctx, filter) {
  try {
    await ctx.api.list('/v1/activity', { ...filter, limit: 1 }, { signal: ctx.signal })
    return {}
  } catch (error) {
    if (error.status === 403) return { error: empty('The log is not for you', { text: 'It needs the scope audit:read, which owners and admins have.' }) }
    if (error.status === 404) return { error: empty('This server keeps no log of activity', { icon: 'activity', text: 'What ran is under Executions.' }) }
    throw error
  }
}

function columns() {
  return [
    { id: 'at', label: 'When', width: '8rem', render: (entry) => moment(entry.at) },
    { id: 'actor', label: 'Who', width: 'minmax(0, 1.4fr)', render: (entry) => h('span', { class: 'clip', title: entry.actor.id ?? '' }, brief(entry.actor)) },
    { id: 'action', label: 'What', width: 'minmax(0, 1.6fr)', render: (entry) => h('span', { class: 'clip', title: entry.action }, entry.action) },
    { id: 'outcome', label: 'Outcome', width: '7.5rem', hide: 'phone', render: (entry) => chip(entry.outcome === 'denied' ? 'rejected' : entry.outcome, words(entry.outcome)) },
    { id: 'resource', label: 'To what', width: 'minmax(0, 1.6fr)', hide: 'phone', render: (entry) => h('code', { class: 'clip id' }, entry.resource_id ?? '') },
    { id: 'fields', label: 'Fields', width: 'minmax(0, 1.4fr)', hide: 'phone', render: (entry) => h('span', { class: 'clip' }, (entry.fields ?? []).join(', ')) },
  ]
}

function brief({ kind, role }) { return role ? `${words(kind)} (${words(role).toLowerCase()})` : words(kind) }

function actor({ kind, id, role }) {
  return [words(kind), role && `(${words(role).toLowerCase()})`, id && `…${String(id).slice(-6)}`].filter(Boolean).join(' ')
}

function showEntry(entry) {
  dialog({ title: entry.action, content: () => [
    facts([['When', exactTime(entry.at)], ['Who', actor(entry.actor)], ['Id of who', entry.actor.id], ['Outcome', words(entry.outcome)],
      ['To what', entry.resource_id], ['Request', entry.request_id],
      ['Run', entry.execution_id ? h('a', { href: `#/executions/${entry.execution_id}` }, entry.execution_id) : null],
      ['Agent', entry.agent_id ? h('a', { href: `#/agents/${entry.agent_id}` }, entry.agent_id) : null],
      ['Fields', entry.fields?.length ? h('span', { class: 'scopes' }, entry.fields.map(tag)) : null], ['Place in the chain', entry.position ?? 'Not sealed yet']]),
    entry.hash && details('Hash of the chain', h('code', { class: 'id' }, entry.hash))] })
}
