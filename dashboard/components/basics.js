// Small things that every page has.
import { copyText, h, hiddenText, replace } from '../dom.js'
import { exactTime, hue, initials, relative, words } from '../format.js'
import { icon } from './icons.js'

/** A button: `button('Save', { kind: 'primary', icon: 'check', onclick })`. Kinds: primary, danger, quiet; none is plain. */
export function button(label, { kind, icon: drawing, ...props } = {}) {
  return h('button', { type: 'button', ...props, class: ['button', kind, props.class] },
    drawing && icon(drawing, 18), h('span', label))
}

/** A button that shows only a drawing; its label is read out and shown as a hint. */
export function iconButton(drawing, label, props = {}) {
  return h('button', { type: 'button', title: label, 'aria-label': label, ...props, class: ['icon-button', props.class] },
    icon(drawing))
}

/** A button that copies a text and says so. */
export function copyButton(text, label = 'Copy') {
  const node = iconButton('copy', label, {
    onclick: async () => {
      await copyText(typeof text === 'function' ? text() : text)
      replace(node, icon('check'), h('span', { class: 'visually-hidden', role: 'status' }, 'Copied'))
      setTimeout(() => replace(node, icon('copy')), 1500)
    },
  })
  return node
}

const tones = {
  good: ['completed', 'ok', 'available', 'enabled', 'approved', 'active', 'sent', 'delivered', 'resolved', 'live',
    'accepted', 'closed', 'done', 'healthy', 'up'],
  busy: ['running', 'busy', 'started', 'queued', 'sending', 'connecting', 'open'],
  wait: ['waiting', 'paused', 'pending', 'held', 'scheduled', 'degraded', 'warning', 'needs_review', 'retrying'],
  bad: ['failed', 'error', 'rejected', 'expired', 'firing', 'critical', 'dead', 'broken', 'revoked', 'offline', 'down'],
}

/** A state with its colour and its word: `chip('running')`, or with another label `chip('failed', '3 failed')`. */
export function chip(state, label) {
  const tone = Object.keys(tones).find((name) => tones[name].includes(state)) ?? 'plain'
  return h('span', { class: ['chip', tone], dataset: { state } }, h('span', { class: 'dot', 'aria-hidden': 'true' }),
    label ?? words(state))
}

/** A word that marks something, such as a capability. */
export function tag(text) {
  return h('span', { class: 'tag' }, text)
}

/** The letters of a name in a colour of its own; beside the name, so screen readers pass over it. */
export function avatar(name, size = 40) {
  return h('span', { class: ['avatar', `hue-${hue(name)}`], 'aria-hidden': 'true', style: { '--size': `${size}px` } },
    initials(name))
}

/** A moment as `3 minutes ago`, with the exact time as a hint. */
export function moment(value) {
  if (!value) return h('span', '–')
  return h('time', { datetime: value, title: exactTime(value) }, relative(value))
}

/** A box with a heading: `card({ title: 'Limits', actions: [button(…)] }, …children)`. */
export function card({ title, level = 2, actions, class: name, ...props } = {}, ...children) {
  return h('section', { ...props, class: ['card', name] },
    (title || actions) && h('header', { class: 'card-head' }, title && h(`h${level}`, title),
      actions && h('div', { class: 'actions' }, actions)), children)
}

/** A figure with its name: `stat('Running', 12, { hint: 'now' })`. */
export function stat(label, value, { hint, tone, href } = {}) {
  const inside = [h('span', { class: 'stat-label' }, label), h('span', { class: ['stat-value', tone] }, value),
    hint && h('span', { class: 'stat-hint' }, hint)]
  return href ? h('a', { class: 'stat', href }, inside) : h('div', { class: 'stat' }, inside)
}

/** A row of figures. */
export function stats(...items) {
  return h('div', { class: 'stats' }, items)
}

/** A page's heading with what can be done: `pageHead('Tasks', { text, actions: [button(…)] })`. */
export function pageHead(title, { text, actions, back } = {}) {
  return h('header', { class: 'page-head' },
    h('div', back && h('a', { class: 'back', href: back.href }, icon('chevron', 16), back.label),
      h('h1', { tabindex: '-1' }, title), text && h('p', { class: 'muted' }, text)),
    actions && h('div', { class: 'actions' }, actions))
}

/** Names and values: `facts([['Model', 'offline'], …])`; those without a value are left out. */
export function facts(rows) {
  return h('dl', { class: 'facts' }, rows.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => h('div', h('dt', name), h('dd', value))))
}

/** JSON, readable and to be copied. */
export function json(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return h('div', { class: 'code-block' }, copyButton(text), h('pre', { tabindex: '0', 'aria-label': 'JSON' }, h('code', text)))
}

/** A part that unfolds: `details('Arguments', json(value))`. */
export function details(summary, ...children) {
  return h('details', h('summary', summary), h('div', { class: 'details-body' }, children))
}

/** While something is on its way. */
export function loading(label = 'Loading…') {
  return h('div', { class: 'state loading', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), label)
}

/** Where there is nothing (yet): `empty('No tasks yet', { text: 'A task is …', action: button(…) })`. */
export function empty(title, { text, action, icon: drawing = 'info' } = {}) {
  return h('div', { class: 'state empty' }, icon(drawing, 32), h('p', { class: 'state-title' }, title),
    text && h('p', { class: 'muted' }, text), action)
}

/** Where something went wrong: `failure(error, () => render())`. */
export function failure(error, retry) {
  return h('div', { class: 'state error', role: 'alert' }, icon('warning', 32),
    h('p', { class: 'state-title' }, error.message || 'Something went wrong.'),
    error.errors?.length > 0 && h('ul', error.errors.map((issue) => h('li', `${issue.pointer} ${issue.message}`))),
    error.instance && h('p', { class: 'muted' }, `Request ${error.instance}`),
    retry && button('Try again', { icon: 'again', onclick: retry }))
}

/** Shows what `work` gives in `node`: loading first, then nodes, or the failure with a way to try again. */
export async function fill(node, work, label) {
  replace(node, loading(label))
  try {
    replace(node, await work())
  } catch (error) {
    if (error.name === 'AbortError') return
    replace(node, failure(error, () => fill(node, work, label)))
  }
}

/** A switch: `toggle({ label: 'Enabled', checked, onchange: (isOn) => … })`. */
export function toggle({ label, checked, onchange, hideLabel = false, disabled }) {
  const node = h('button', {
    type: 'button', role: 'switch', class: 'switch', disabled, 'aria-checked': String(Boolean(checked)),
    onclick: () => {
      const isOn = node.getAttribute('aria-checked') !== 'true'
      node.setAttribute('aria-checked', String(isOn))
      onchange(isOn, node)
    },
  }, h('span', { class: 'switch-track', 'aria-hidden': 'true' }), hideLabel ? hiddenText(label) : h('span', label))
  return node
}
