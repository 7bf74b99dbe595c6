// A workflow as a picture: its nodes in layers, its edges with their conditions, and the states of a run in colours and
// words. The table below says the same to those who do not see it.
import { h, svg, uid, replace } from '../dom.js'
import { words } from '../format.js'
import { layout, sizes } from './layout.js'

const signs = { completed: '✓', failed: '✕', running: '▶', skipped: '–', waiting: '', pending: '' }

/**
 * Draws `{ nodes: [{id, name, type}], edges: [{from, to, condition, max_iterations}] }`.
 *
 * - label: what the picture shows, for those who do not see it.
 * - onSelect: is called with the id of a node that somebody chooses.
 *
 * Gives `{ element, setStates(states) }`; states are words by the ids of nodes, such as `completed`.
 */
export function drawGraph({ nodes, edges, label, onSelect }) {
  const plan = layout(nodes, edges)
  const marker = uid('arrow')
  const boxes = new Map()
  const picture = svg('svg', {
    class: 'graph', viewBox: `0 0 ${plan.width} ${plan.height}`, width: plan.width, height: plan.height, role: 'group',
    'aria-label': `${label}: ${nodes.length} nodes, ${edges.length} edges`,
  },
  svg('defs', null, svg('marker', { id: marker, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7,
    orient: 'auto' }, svg('path', { d: 'M0 0 L8 4 L0 8 z', class: 'graph-arrow' }))),
  plan.edges.map((item) => drawEdge(item, marker)),
  nodes.map((node) => {
    const box = drawNode(node, plan.nodes.get(node.id), onSelect)
    boxes.set(node.id, box)
    return box.element
  }))
  const rows = h('tbody')
  const element = h('div', { class: 'graph-block' },
    h('div', { class: 'graph-scroll', tabIndex: 0, role: 'region', 'aria-label': `${label}, drawn` }, picture),
    h('details', { class: 'as-table' }, h('summary', null, 'Nodes as a table'),
      h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table' }, h('caption', { class: 'visually-hidden' }, label),
        h('thead', null, h('tr', null, ['Node', 'Type', 'State', 'Leads to'].map((name) => h('th', { scope: 'col' }, name)))),
        rows))))
  const setStates = (states) => {
    for (const node of nodes) boxes.get(node.id).setState(states[node.id])
    replace(rows, nodes.map((node) => row(node, edges, states[node.id])))
  }
  setStates({})
  return { element, setStates }
}

function row(node, edges, state) {
  const targets = edges.filter((edge) => edge.from === node.id)
    .map((edge) => edge.condition ? `${edge.to} (if ${edge.condition})` : edge.to)
  return h('tr', null, h('th', { scope: 'row' }, node.name ?? node.id), h('td', null, words(node.type)),
    h('td', null, state ? words(state) : '–'), h('td', null, targets.join(', ') || 'the end'))
}

function drawNode(node, { x, y }, onSelect) {
  const name = node.name ?? node.id
  const sign = svg('text', { x: sizes.width / 2 - 14, y: -sizes.height / 2 + 18, class: 'graph-sign' })
  const title = svg('title', null, name)
  const choose = () => onSelect?.(node.id)
  const element = svg('g', {
    class: 'graph-node', transform: `translate(${x} ${y})`, 'data-node': node.id,
    ...(onSelect ? { tabindex: '0', role: 'button', onclick: choose,
      onkeydown: (event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        choose()
      } } : { role: 'img' }),
  },
  title,
  svg('rect', { x: -sizes.width / 2, y: -sizes.height / 2, width: sizes.width, height: sizes.height,
    rx: ['decision', 'parallel', 'join'].includes(node.type) ? sizes.height / 2 : 8, class: 'graph-box' }),
  nameLines(name),
  svg('text', { x: 0, y: 22, class: 'graph-type' }, words(node.type)),
  sign)
  const setState = (state) => {
    element.setAttribute('class', `graph-node${state ? ` is-${state}` : ''}`)
    element.setAttribute('aria-label', `${name}, ${words(node.type)}${state ? `, ${words(state)}` : ''}`)
    title.textContent = `${name} (${words(node.type)})${state ? `: ${words(state)}` : ''}`
    sign.textContent = signs[state] ?? ''
  }
  return { element, setState }
}

/** A name in one line or two. */
function nameLines(name) {
  const lines = wrap(name, 21)
  return svg('text', { x: 0, y: lines.length > 1 ? -14 : -4, class: 'graph-name' },
    lines.map((line, index) => svg('tspan', { x: 0, dy: index ? 17 : 0 }, line)))
}

/** A text in two lines at most, broken between words where that can be. */
export function wrap(text, most) {
  const letters = [...String(text).trim()]
  if (letters.length <= most) return [letters.join('')]
  const space = letters.slice(0, most + 1).lastIndexOf(' ')
  const cut = space > 0 ? space : most
  return [letters.slice(0, cut).join(''), short(letters.slice(cut).join('').trim(), most)]
}

function drawEdge({ edge, points, isReturning }, marker) {
  const label = [edge.condition, edge.max_iterations && `at most ${edge.max_iterations}×`].filter(Boolean).join(', ')
  const middle = points.length > 2 ? points[points.length >> 1]
    : { x: (points[0].x + points[1].x) / 2, y: (points[0].y + points[1].y) / 2 }
  return svg('g', { class: `graph-edge${isReturning ? ' is-returning' : ''}` },
    svg('title', null, `${edge.from} to ${edge.to}${label ? `: ${label}` : ''}`),
    svg('path', { d: curve(points), 'marker-end': `url(#${marker})`, class: 'graph-line' }),
    label && svg('text', { x: middle.x, y: middle.y + 4, class: 'graph-label' }, short(label, 24)))
}

/** A smooth line through points that lie one below the other. */
function curve(points) {
  let path = `M${points[0].x} ${points[0].y}`
  for (let index = 1; index < points.length; index += 1) {
    const [from, to] = [points[index - 1], points[index]]
    const half = (from.y + to.y) / 2
    path += ` C${from.x} ${half} ${to.x} ${half} ${to.x} ${to.y}`
  }
  return path
}

/** The beginning of a text, by characters as people count them. */
export function short(text, most) {
  const letters = [...String(text)]
  return letters.length > most ? `${letters.slice(0, most - 1).join('')}…` : letters.join('')
}
