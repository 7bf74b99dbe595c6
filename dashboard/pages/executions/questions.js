// What a run asks people: answers, and what became of calls that were broken off.
import { button, card, field, form, json } from '../../components/index.js'
import { h } from '../../dom.js'
import { dateTime } from '../../format.js'
import { jsonField } from '../shared/json-field.js'

/** Shows a box for each open question in `place`. A box that is there already stays, with what was typed into it. */
export function questionsOf(ctx, run, steps, place, done) {
  const open = steps.filter((step) => (step.kind === 'input' && step.state === 'waiting') || step.state === 'needs_review')
  const present = new Map([...place.children].map((node) => [node.dataset.step, node]))
  for (const [id, node] of present) if (!open.some((step) => step.id === id)) node.remove()
  for (const step of open) {
    if (present.has(step.id)) continue
    place.append(step.state === 'needs_review' ? reviewBox(ctx, run, step, done) : questionBox(ctx, run, step, done))
  }
}

/** A question with a box for the answer. */
export function questionBox(ctx, run, step, done) {
  const answer = field({ name: 'answer', label: 'Answer', type: 'textarea', rows: 2, required: true })
  const node = card({ title: 'It asks', level: 3, class: 'ask-card', 'data-step': step.id },
    h('p', { class: 'long-text question' }, parts(step.input.question).words),
    step.input.until && h('p', { class: 'muted' }, `Until ${dateTime(step.input.until)}.`),
    ctx.may('executions:write') ? form({
      submit: 'Answer',
      fields: [choices(step.input.question, answer), answer],
      onsubmit: async (values) => {
        await ctx.api.post(ctx.api.path`/v1/executions/${run.id}/input`, { answer: values.answer, step_id: step.id })
        ctx.toast('Answered: it goes on.')
        node.remove()
        await done?.()
      },
    }) : h('p', { class: 'muted' }, 'You may not answer: that needs the scope executions:write.'))
  return node
}

/** Buttons for what an agent lets people choose from: it stands in lines of its own behind the question. */
function choices(question, answer) {
  const { offered } = parts(question)
  if (offered.length === 0) return null
  return h('div', { class: 'actions', role: 'group', 'aria-label': 'Choose an answer' }, offered.map((text) => button(text, {
    onclick: () => {
      answer.control.value = text
      answer.control.dispatchEvent(new Event('input', { bubbles: true }))
      answer.control.focus()
    } })))
}

function parts(question) {
  const [first, ...rest] = question.split('\n')
  const isOffered = (line) => line.startsWith('- ')
  return { words: [first, ...rest.filter((line) => !isOffered(line))].join('\n'),
    offered: rest.filter(isOffered).map((line) => line.slice(2).trim()) }
}

/** A call of which nobody knows whether it happened. */
function reviewBox(ctx, run, step, done) {
  const send = async (body) => {
    await ctx.api.post(ctx.api.path`/v1/executions/${run.id}/steps/${step.id}/review`, body)
    ctx.toast('Noted: it goes on.')
    node.remove()
    await done?.()
  }
  const again = button('It did not happen: do it again', {
    onclick: () => send({ outcome: 'not_done' }).catch(ctx.toast.error) })
  const node = card({ title: `Did ${step.name} happen?`, level: 3, class: 'ask-card', 'data-step': step.id },
    h('p', 'The call was broken off. It may have happened, and it must not happen twice: please look, and say.'),
    step.input.arguments !== undefined && json(step.input.arguments),
    ctx.may('executions:write') && form({ submit: 'It happened', actions: again,
      fields: [jsonField({ name: 'result', label: 'What it answered, if you know', rows: 3, hint: 'JSON; may be left out.' })],
      onsubmit: ({ result }) => send({ outcome: 'done', ...(result === undefined ? {} : { result }) }) }))
  return node
}
