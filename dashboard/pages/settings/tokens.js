// Who may use the API: tokens, issued and revoked.
import { button, chip, dialog, empty, field, form, iconButton, moment, multiselect, row, table } from '../../components/index.js'
import { h } from '../../dom.js'
import { date, words } from '../../format.js'
import { showOnce } from '../shared/secret.js'

const roles = ['staff', 'read_only', 'hook', 'admin', 'owner']

/** The tokens, with a way to issue and to revoke. */
export function tokenList(ctx) {
  const mayWrite = ctx.may('tokens:write')
  const list = table({
    label: 'Tokens', columns: [
      { id: 'name', label: 'Token', width: 'minmax(0, 2fr)', render: (token) => h('span', { class: 'clip', title: `${token.name}, ${token.subject}` }, isSession(token) ? 'Dashboard, signed in' : token.name) },
      { id: 'subject', label: 'Used by', width: 'minmax(0, 1.5fr)', hide: 'phone', render: (token) => h('span', { class: 'clip' }, token.subject) },
      { id: 'role', label: 'Role', width: '7rem', render: (token) => words(token.role) },
      { id: 'state', label: 'State', width: '8.5rem', render: (token) => chip(stateOf(token)) },
      { id: 'expires', label: 'Until', width: '8rem', hide: 'phone', render: (token) => date(token.expires_at) },
      { id: 'used', label: 'Last used', width: '9rem', hide: 'phone', render: (token) => (token.last_used_at ? moment(token.last_used_at) : 'Never') },
      ...(mayWrite ? [{ id: 'do', label: '', width: '3.5rem', align: 'end', render: (token) => stateOf(token) === 'active'
        && iconButton('trash', `Revoke ${token.name}`, { onclick: () => revoke(ctx, token, list) }) }] : []),
    ],
    load: async (after) => {
      const page = await ctx.api.list('/v1/tokens', { limit: 100, after }, { signal: ctx.signal })
      return { ...page, data: page.data.filter((token) => !isOver(token)) }
    },
    emptyState: () => empty('No tokens', { icon: 'key' }),
  })
  return [mayWrite && h('div', { class: 'filter-bar' }, button('New token', { kind: 'primary', icon: 'plus', onclick: () => issue(ctx, list) })), list]
}

/** Somebody who is, or was, signed in to the dashboard: it stands for another token, and has no scopes of its own. */
function isSession(token) {
  return token.name === 'Dashboard' && token.permissions.length === 0
}

/** A session that has ended is of no use to anybody; a token that has is still asked about. */
function isOver(token) {
  return isSession(token) && stateOf(token) !== 'active'
}

function stateOf(token) {
  if (token.revoked_at) return 'revoked'
  return new Date(token.expires_at) < new Date() ? 'expired' : 'active'
}

async function revoke(ctx, token, list) {
  const isOwn = token.id === ctx.me.token_id
  const isSure = await ctx.confirm({ title: `Revoke ${token.name}?`, action: 'Revoke', danger: true,
    text: isOwn ? 'You are signed in with it: you will be signed out.' : 'Whoever uses it is refused everywhere within five seconds.' })
  if (!isSure) return
  try {
    await ctx.api.delete(ctx.api.path`/v1/tokens/${token.id}`)
    ctx.toast(`${token.name} is revoked.`)
    if (isSession(token)) list.discard(token.id)
    else list.update({ ...token, revoked_at: new Date().toISOString() })
  } catch (error) {
    ctx.toast.error(error)
  }
}

async function issue(ctx, list) {
  const scopes = multiselect({ label: 'scopes', selected: [], options: ctx.me.permissions.map((name) => ({ value: name, label: name, group: words(name.split(':')[0]) })) })
  const made = await dialog({ title: 'New token', size: 'large', content: (close) => form({
    submit: 'Issue', oncancel: () => close(undefined),
    fields: [field({ name: 'name', label: 'Name', required: true, maxlength: 100, hint: 'What it is for, such as CRM.' }),
      field({ name: 'subject', label: 'Used by', maxlength: 200, hint: 'A person or a system; the name unless given.' }),
      row(field({ name: 'role', label: 'Role', type: 'select', value: 'staff', options: roles.map((value) => ({ value, label: words(value) })) }),
        field({ name: 'expires_in_days', label: 'Good for days', type: 'number', min: 1, max: 732, value: 365, required: true })),
      h('details', h('summary', 'Fewer scopes than the role has'), h('div', { class: 'details-body' },
        field({ name: 'permissions', label: 'Scopes', type: 'custom', control: scopes, read: scopes.read, hint: 'None chosen: all of the role.' })))],
    onsubmit: async ({ subject, permissions, ...values }) => close(await ctx.api.post('/v1/tokens', {
      ...values, ...(subject ? { subject } : {}), ...(permissions.length ? { permissions } : {}) })),
  }) }).closed
  if (!made) return
  const { token, ...kept } = made
  list.insert(kept)
  await showOnce({ title: `The token ${made.name}`, secret: token, text: 'This is shown once. Keep it where secrets are kept; whoever has it may do what it allows.' })
}
