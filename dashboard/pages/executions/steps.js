// The journal of a run: each step with when it was, how long it took, and what went in and came out.
import { chip, details, empty, json } from '../../components/index.js'
import { h } from '../../dom.js'
import { between, exactTime, money, number, time, words } from '../../format.js'
import { link } from '../shared/names.js'

/** The steps, in their order. */
export function stepList(steps, run) {
  if (steps.length === 0) return empty('It has not begun', { text: 'Steps show here as soon as it does.' })
  return h('ol', { class: 'steps', 'aria-label': 'Steps' }, steps.map((step) => stepItem(step, run)))
}

function stepItem(step, run) {
  const [says, parts] = described(step)
  return h('li', { class: ['step', `of-${step.kind}`, step.state === 'superseded' && 'is-gone'], dataset: { step: step.id } },
    h('div', { class: 'step-head' }, h('span', { class: 'step-kind' }, words(step.kind)),
      h('span', { class: 'step-name' }, step.name), chip(step.state),
      step.attempt > 1 && h('span', { class: 'muted' }, `attempt ${number(step.attempt)}`),
      h('span', { class: 'spring' }),
      step.cost && Number(step.cost.billed.amount) > 0 && h('span', { class: 'muted' }, money(step.cost.billed)),
      h('span', { class: 'muted' }, between(step.started_at, step.completed_at ?? run.completed_at)),
      h('time', { class: 'muted', datetime: step.started_at, title: exactTime(step.started_at) }, time(step.started_at))),
    typeof says === 'string' ? h('p', { class: 'long-text' }, says) : says,
    step.error && h('p', { class: 'step-error' }, step.error.message),
    h('div', { class: 'step-parts' }, parts.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => {
      const part = value instanceof Node ? value : details(name, json(value))
      part.dataset.focus = `${step.id}-${name}`
      return part
    })))
}

/** What a step says in words, and the parts of it that unfold. */
function described(step) {
  const { input = {}, output } = step
  switch (step.kind) {
    case 'model': return ofModel(step)
    case 'tool': return [null, [['Arguments', input.arguments],
      [output?.is_error ? 'Error' : 'Result', output?.output ?? (output === undefined ? undefined : output)]]]
    case 'child': return [null, [['Run', step.child_execution_id && link(`/executions/${step.child_execution_id}`, 'Show the run')],
      ['Input', input.input], ['Output', output]]]
    case 'timer': return [input.until ? `Until ${exactTime(input.until)}` : null, []]
    case 'input': return [input.question, [['Answer', output]]]
    case 'approval': return [input.message, [['Asked about', input.arguments], ['Decided', output]]]
    default: return [null, [['Input', isBlank(input) ? undefined : input], ['Output', output]]]
  }
}

function ofModel({ input, output, usage }) {
  const parts = output?.message?.parts ?? []
  const texts = (type) => parts.filter((part) => part.type === type).map((part) => part.text ?? part.thinking ?? '').join('\n')
  const thinking = ['thinking', 'reasoning'].map(texts).filter(Boolean).join('\n')
  const calls = parts.filter((part) => part.type === 'tool_call').map((part) => part.call.name)
  const facts = [output?.model ?? input?.model, usage && `${number(usage.input_tokens)} in`, usage && `${number(usage.output_tokens)} out`,
    calls.length > 0 && `calls ${calls.join(', ')}`].filter(Boolean).join(' · ')
  const said = texts('text')
  return [[said && h('p', { class: 'long-text' }, said), h('p', { class: 'muted small' }, facts)], [
    ['Thinking', thinking ? details('Thinking', h('p', { class: 'long-text' }, thinking)) : undefined],
    ['Everything', output]]]
}

function isBlank(value) { return typeof value === 'object' && value !== null && Object.keys(value).length === 0 }
