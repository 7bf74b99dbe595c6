// What people are asked: approvals to decide on, and questions of agents.
import { chip, empty, moment, pageHead, table, tabs } from '../components/index.js'
import { h, replace } from '../dom.js'
import { approvalCards } from './approvals/card.js'
import { openQuestions } from './approvals/questions.js'
import { live, together } from './shared/live.js'
import { loadAgents, loadWorkflows } from './shared/names.js'
import { syncCards } from './approvals/sync.js'

export default { title: 'Approvals', path: '/approvals/{id?}', render }

async function render(root, ctx) {
  const [agents, workflows] = await Promise.all([loadAgents(ctx), loadWorkflows(ctx)])
  const inbox = h('div', { class: 'inbox' })
  const questions = h('div', { class: 'inbox' })
  const said = h('p', { class: 'visually-hidden', role: 'status' })
  const readInbox = async () => {
    const waiting = await ctx.api.all('/v1/approvals', { state: 'pending' }, 200)
    // What runs out first stands first; what has no end comes last.
    waiting.sort((one, other) => String(one.expires_at ?? '~').localeCompare(String(other.expires_at ?? '~')))
    syncCards(inbox, waiting, (approval) => approvalCards(ctx, [approval])[0],
      () => empty('Nothing waits for you', { icon: 'approvals', text: 'When an agent needs leave for something, it shows here at once.' }))
    replace(said, `${waiting.length} approvals wait`)
  }
  const readQuestions = async () => {
    const open = await openQuestions(ctx, agents, workflows)
    syncCards(questions, open, (question) => question.node,
      () => empty('No agent asks anything', { icon: 'chat', text: 'When one needs an answer to go on, its question shows here.' }))
  }
  const one = ctx.params.id && await single(ctx)
  await Promise.all([readInbox(), ctx.may('executions:read') && readQuestions()])
  replace(root, pageHead('Approvals', { text: 'What agents may not do without you, and what they ask.' }), said, one,
    tabs({ label: 'Approvals', selected: ctx.params.tab ?? 'open', onselect: (tab) => ctx.setQuery({ tab: tab === 'open' ? '' : tab }),
      items: [
        { id: 'open', label: 'Open', render: () => [h('h2', 'To decide'), inbox, ctx.may('executions:read') && [h('h2', 'Questions'), questions]] },
        { id: 'past', label: 'All approvals, newest first', render: () => past(ctx) },
      ] }))
  return together(live(ctx, ['approval.*'], readInbox),
    live(ctx, ['execution.waiting', 'execution.resumed', 'execution.started', 'execution.cancelled', 'execution.failed',
      'execution.completed'], readQuestions, { wants: () => ctx.may('executions:read'), pause: 400 }))
}

/** The one that a link names, also when it is decided. */
async function single(ctx) {
  const approval = await ctx.api.get(ctx.api.path`/v1/approvals/${ctx.params.id}`, null, { signal: ctx.signal })
  return h('div', { class: 'inbox' }, approvalCards(ctx, [approval]))
}

function past(ctx) {
  return table({
    label: 'Approvals', rowHref: (approval) => `#/approvals/${approval.id}`,
    columns: [
      { id: 'message', label: 'Asked', width: 'minmax(0, 3fr)', render: (approval) => h('span', { class: 'clip', title: approval.message }, approval.message) },
      { id: 'state', label: 'State', width: '8.5rem', render: (approval) => chip(approval.state) },
      { id: 'tool', label: 'Tool', width: 'minmax(0, 1.5fr)', hide: 'phone', render: (approval) => approval.tool ?? '' },
      { id: 'who', label: 'Decided by', width: 'minmax(0, 1.5fr)', hide: 'phone',
        render: (approval) => h('span', { class: 'clip' }, approval.decisions.map((decision) => decision.subject).join(', ')) },
      { id: 'at', label: 'Asked', width: '9rem', hide: 'phone', render: (approval) => moment(approval.created_at) },
    ],
    load: (after) => ctx.api.list('/v1/approvals', { limit: 100, after }, { signal: ctx.signal }),
    emptyState: () => empty('Nobody was asked yet'),
  })
}
