// How far a run is: the phases of an agent on its own, the nodes of a plan or a workflow.
import { card, chip, facts } from '../../components/index.js'
import { h } from '../../dom.js'
import { number, words } from '../../format.js'

/** What there is to say of it; nothing for runs without a plan. */
export function progressOf(run) {
  if (run.progress) return ofAgent(run.progress)
  if (run.flow) return ofFlow(run.flow, run.kind)
  return null
}

/** A bar with its percentage in words. */
export function bar(percentage, label) {
  return h('div', { class: 'progress', role: 'progressbar', 'aria-label': label, 'aria-valuenow': percentage,
    'aria-valuemin': 0, 'aria-valuemax': 100 }, h('div', { class: 'progress-done', style: { width: `${percentage}%` } }),
  h('span', { class: 'progress-text' }, `${percentage} %`))
}

function ofAgent(progress) {
  return card({ title: progress.goal ?? 'How far it is' }, bar(progress.percentage, 'Phases completed'),
    h('ol', { class: 'phases' }, progress.phases.map((phase, index) => h('li',
      { class: index + 1 === progress.current_phase ? 'is-current' : '', 'aria-current': index + 1 === progress.current_phase ? 'step' : null },
      h('span', { class: 'phase-title' }, phase.title), chip(tone(phase.state), words(phase.state)),
      phase.summary && h('p', { class: 'muted' }, phase.summary)))),
    progress.last_thought && h('blockquote', { class: 'thought' }, progress.last_thought),
    facts([['Rounds', number(progress.iteration)], ['Tools called', number(progress.tool_calls)],
      ['Rounds that failed', progress.errors ? `${number(progress.errors)}, the last ${number(progress.consecutive_errors)} in a row` : null]]))
}

function tone(state) { return { active: 'running', pending: 'pending', completed: 'completed' }[state] ?? state }

function ofFlow(flow, kind) {
  return card({ title: 'How far it is' }, bar(flow.percentage, 'Done'),
    kind === 'plan' && h('ol', { class: 'phases' }, flow.nodes.map((node) => h('li',
      { class: flow.current_nodes.includes(node.id) ? 'is-current' : '' }, h('span', { class: 'phase-title' }, node.name),
      chip(node.state), node.attempts > 1 && h('span', { class: 'muted' }, ` ${number(node.attempts)} tries`)))),
    flow.errors.length > 0 && h('ul', { class: 'flow-errors' }, flow.errors.map((error) =>
      h('li', h('strong', error.node), ` ${error.message} `, h('code', error.code)))))
}
