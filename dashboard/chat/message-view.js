// How messages look: what people say, what agents answer, the tools they used, and what they ask.
import { api } from '../api.js'
import { button, chip, copyButton, icon, iconButton, json, toast } from '../components/index.js'
import { h } from '../dom.js'
import { duration, money, time, exactTime } from '../format.js'
import { markdown } from '../markdown.js'

/** What somebody said. Their words stay as they typed them. */
export function userMessage(message) {
  return h('li', { class: 'message user', dataset: { id: message.id ?? '' } },
    h('span', { class: 'visually-hidden' }, 'You: '), h('div', { class: 'bubble' }, message.content),
    message.created_at && h('div', { class: 'meta' }, stamp(message.created_at)))
}

/** What the agent answered; with `regenerate` it can be asked for another answer. */
export function agentMessage(message, { agent, regenerate, isReplaced } = {}) {
  return h('li', { class: ['message agent', isReplaced && 'replaced'], dataset: { id: message.id ?? '' } },
    h('span', { class: 'visually-hidden' }, `${agent?.name ?? 'Agent'}: `),
    message.tool_calls?.length > 0 && toolCalls(message.tool_calls.map((call) => ({ ...call, state: call.is_error ? 'failed' : 'completed' }))),
    message.content && h('div', { class: 'bubble' }, markdown(message.content)),
    h('div', { class: 'meta' }, stamp(message.created_at), message.is_partial && chip('cancelled', 'Broken off'),
      message.latency_ms != null && h('span', duration(message.latency_ms)),
      message.cost && h('span', { title: tokens(message.usage) }, money(message.cost.billed)),
      copyButton(message.content, 'Copy the answer'),
      regenerate && iconButton('again', 'Answer anew', { onclick: regenerate })))
}

function stamp(at) {
  return at && h('time', { datetime: at, title: exactTime(at) }, time(at))
}

function tokens(usage) {
  return usage ? `${usage.input_tokens} tokens in, ${usage.output_tokens} out, ${usage.model_calls} model calls` : null
}

/** The tools that were used: a line each, which unfolds. */
export function toolCalls(calls) {
  return h('ul', { class: 'tool-calls', 'aria-label': 'Tools used' }, calls.map((call) => h('li', toolCall(call))))
}

function toolCall(call) {
  return h('details', { class: ['tool-call', call.state], dataset: { call: call.id ?? '' } },
    h('summary', icon('tool', 16), h('span', { class: 'mono clip' }, call.name),
      call.state === 'running' ? h('span', { class: 'spinner', 'aria-label': 'running', role: 'img' }) : chip(call.state),
      call.duration_ms != null && h('span', { class: 'muted small' }, duration(call.duration_ms))),
    h('div', { class: 'details-body' }, h('h4', 'Arguments'), json(call.arguments ?? {}),
      call.result !== undefined && [h('h4', 'Result'), json(call.result)]))
}

/** An answer that is being made. `refresh` is called after a decision. */
export function liveMessage(live, { agent, me, refresh }) {
  const what = { queued: 'waits for the answers before', typing: 'is writing', waiting: 'waits for you' }[live.state]
  return h('li', { class: 'message agent live', dataset: { execution: live.execution } },
    h('span', { class: 'visually-hidden' }, `${agent?.name ?? 'Agent'}: `),
    live.thinking && h('details', { class: 'thinking' }, h('summary', 'Thinking'), h('div', { class: 'muted' }, markdown(live.thinking))),
    live.tools.length > 0 && toolCalls(live.tools),
    live.text && h('div', { class: 'bubble' }, markdown(live.text)),
    live.approvals.map((approval) => approvalBox(approval, me, refresh)),
    live.question && questionBox(live, refresh),
    live.error && h('div', { class: 'turn-error', role: 'alert' }, live.error),
    what && h('div', { class: 'typing' }, live.state === 'typing' && h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), `${agent?.name ?? 'The agent'} ${what}…`))
}

/** What may only be done when somebody allows it, with the exact arguments. */
export function approvalBox(approval, me, refresh) {
  const isOpen = approval.state === 'pending'
  const decide = (approved) => async (event) => {
    const box = event.target.closest('.approval')
    for (const one of box.querySelectorAll('button')) one.disabled = true
    try {
      const body = { approved }
      if (approval.arguments_hash) body.arguments_hash = approval.arguments_hash
      await api.post(api.path`/v1/approvals/${approval.id}/decision`, body)
      refresh?.()
    } catch (error) {
      toast.error(error)
      for (const one of box.querySelectorAll('button')) one.disabled = false
    }
  }
  const may = me.permissions.includes('approvals:decide')
  return h('section', { class: 'approval', 'aria-label': 'Approval' },
    h('div', { class: 'spread' }, h('strong', approval.message ?? 'May this be done?'), chip(approval.state)),
    approval.tool && h('p', { class: 'mono small' }, approval.tool), approval.arguments !== undefined && json(approval.arguments),
    isOpen && approval.expires_at && h('p', { class: 'muted small' }, `Until ${exactTime(approval.expires_at)}`),
    isOpen && may && h('div', { class: 'actions' }, button('Allow', { kind: 'primary', class: 'small', icon: 'check', onclick: decide(true) }),
      button('Refuse', { class: 'small', icon: 'close', onclick: decide(false) })),
    isOpen && !may && h('p', { class: 'muted' }, 'Somebody who may decide has to.'))
}

function questionBox(live, refresh) {
  const answer = h('textarea', { rows: 2, 'aria-label': 'Your answer' })
  return h('form', { class: 'approval', 'aria-label': 'Question', onsubmit: async (event) => {
    event.preventDefault()
    try {
      await api.post(api.path`/v1/executions/${live.execution}/input`, { answer: answer.value, step_id: live.question.step })
      live.question = null
      refresh?.()
    } catch (error) {
      toast.error(error)
    }
  } }, h('strong', live.question.text), answer, h('div', { class: 'actions' }, button('Answer', { kind: 'primary', class: 'small', type: 'submit' })))
}
