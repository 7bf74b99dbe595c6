// An approval: exactly what is asked about, who decides, until when, and the two buttons.
import { button, chip, field, json, moment } from '../../components/index.js'
import { h, replace } from '../../dom.js'
import { words } from '../../format.js'
import { countdown } from '../shared/countdown.js'
import { link } from '../shared/names.js'

/** A card for each. */
export function approvalCards(ctx, approvals, options = {}) {
  return approvals.map((approval) => approvalCard(ctx, approval, options))
}

function approvalCard(ctx, approval, { showRun = true } = {}) {
  const isOpen = approval.state === 'pending'
  return h('article', { class: 'card approval-card', 'aria-label': `Approval: ${approval.message.slice(0, 120)}` },
    h('header', { class: 'card-head' }, h('h3', { tabindex: '-1', class: 'long-text' }, approval.message), chip(approval.state)),
    approval.tool && h('p', 'Tool: ', h('code', approval.tool)),
    approval.arguments !== undefined && approval.arguments !== null && h('div', h('h4', 'Exactly this is done'), json(approval.arguments)),
    h('p', { class: 'muted' }, 'Decided by ', who(approval), '. Asked ', moment(approval.created_at), '. ',
      isOpen && approval.expires_at && [countdown(approval.expires_at, { label: 'left to decide' }), `, then it is ${outcomes[approval.on_timeout] ?? words(approval.on_timeout)}. `],
      showRun && link(`/executions/${approval.execution_id}`, 'Show the run')),
    approval.decisions.length > 0 && h('ul', { class: 'decisions' }, approval.decisions.map((decision) => h('li',
      chip(decision.approved ? 'approved' : 'rejected'), ' ', h('strong', decision.subject), ` (${words(decision.role)}) `,
      moment(decision.at), decision.comment && h('p', { class: 'long-text' }, decision.comment)))),
    isOpen && (ctx.may('approvals:decide') ? decide(ctx, approval)
      : h('p', { class: 'notice' }, 'You may not decide: that needs the scope approvals:decide.')),
    h('p', { class: 'muted small' }, 'Hash of what is asked about: ', h('code', { class: 'id' }, approval.arguments_hash)))
}

const outcomes = { reject: 'rejected', approve: 'approved', fail: 'failed', expire: 'expired' }

/** Who may decide, and how many it takes. */
function who({ approvers, mode }) {
  const names = approvers.map((text) => (text.startsWith('role:') ? words(text.slice(5)).toLowerCase() : 'the holder of a token')).join(', ')
  if (mode === 'all') return `all of: ${names}`
  if (typeof mode === 'object' && mode !== null) return `${mode.quorum} of: ${names}`
  return approvers.length > 1 ? `any of: ${names}` : names
}

function decide(ctx, approval) {
  const comment = field({ name: 'comment', label: 'Comment', type: 'textarea', rows: 2, hint: 'The agent is told.', pointer: '/comment' })
  const said = h('p', { class: 'field-error', role: 'alert' })
  const buttons = []
  const send = async (approved) => {
    for (const node of buttons) node.disabled = true
    replace(said)
    try {
      const text = comment.read().trim()
      const now = await ctx.api.post(ctx.api.path`/v1/approvals/${approval.id}/decision`,
        { approved, arguments_hash: approval.arguments_hash, ...(text ? { comment: text } : {}) })
      ctx.toast(now.state === 'pending' ? 'Noted. Others have to decide, too.' : `It is ${now.state}.`)
      replace(node, h('p', { role: 'status' }, now.state === 'pending' ? 'Your decision is noted.' : `It is ${now.state}.`))
    } catch (error) {
      const own = error.messagesFor?.('/comment') ?? []
      comment.complain(own)
      if (own.length === 0) replace(said, error.message)
      for (const item of buttons) item.disabled = false
      buttons[0].focus()
    }
  }
  buttons.push(button('Approve', { kind: 'primary', icon: 'check', onclick: () => send(true) }),
    button('Reject', { kind: 'danger', icon: 'close', onclick: () => send(false) }))
  const node = h('div', { class: 'decide' }, comment, said, h('div', { class: 'actions' }, buttons))
  return node
}
