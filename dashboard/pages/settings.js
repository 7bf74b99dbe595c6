// The organisation, what it may use, who may use it, and how the dashboard looks.
import { card, details, facts, pageHead, tabs, tag } from '../components/index.js'
import { h, replace } from '../dom.js'
import { dateTime, number, words } from '../format.js'
import { tokenList } from './settings/tokens.js'
import { themeChoice } from './settings/theme.js'
import { providerKeys, limits } from './settings/server.js'

export default { title: 'Settings', path: '/settings', render }

async function render(root, ctx) {
  const items = [{ id: 'organization', label: 'Organisation', render: () => organization(ctx) }]
  if (ctx.may('tokens:read')) items.push({ id: 'tokens', label: 'Tokens', render: () => tokenList(ctx) })
  items.push({ id: 'limits', label: 'Limits and providers', render: () => Promise.all([limits(ctx), providerKeys(ctx)]) },
    { id: 'look', label: 'Appearance', render: () => card({ title: 'Theme' }, themeChoice()) })
  const selected = items.some((item) => item.id === ctx.params.tab) ? ctx.params.tab : 'organization'
  replace(root, pageHead('Settings'), tabs({ label: 'Settings', selected, items,
    onselect: (tab) => ctx.setQuery({ tab: tab === 'organization' ? '' : tab }) }))
}

async function organization(ctx) {
  const { organization, subject, role, permissions, version } = ctx.me
  const status = ctx.may('agents:read') ? await ctx.api.get('/v1/status', null, { signal: ctx.signal }) : null
  return [
    card({ title: organization.name }, facts([['Slug', h('code', organization.slug)], ['Time zone', organization.timezone],
      ['Currency', organization.currency], ['Plan', words(organization.plan)], ['Agents', status && number(status.agents)],
      ['Now there', dateTime(new Date().toISOString())], ['Id', h('code', { class: 'id' }, organization.id)]]),
    h('p', { class: 'muted' }, 'These are set in the organisation\'s file, which an operator applies.')),
    card({ title: 'You' }, facts([['Name', subject], ['Role', words(role)], ]), details(`What you may do (${number(permissions.length)} scopes)`, h('p', { class: 'scopes' }, permissions.map(tag)))),
    card({ title: 'Server' }, facts([['Version', version ?? status?.version], ['Up for', status && `${number(Math.floor(status.uptime_seconds / 60))} min`],
      ['API', h('a', { href: '/v1/docs' }, 'Read and try it')]])),
  ]
}
