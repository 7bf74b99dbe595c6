// Windows in front of the page, by the browser's own <dialog>: it keeps the focus inside and gives it back, and Escape
// closes it.
import { h, replace, uid } from '../dom.js'
import { button, iconButton } from './basics.js'

/**
 * Opens a dialog: `dialog({ title, content: (close) => nodes, size: 'small' | 'large' | 'side', onclose })`.
 *
 * Gives `{ node, close(value), closed }`; `closed` is a promise of what `close` was given.
 */
export function dialog({ title, content, size = '', onclose, role }) {
  const id = uid('dialog')
  let result
  let end
  const closed = new Promise((done) => { end = done })
  const node = h('dialog', { class: ['dialog', size], 'aria-labelledby': id, role })
  const close = (value) => {
    result = value
    node.close()
  }
  const body = h('div', { class: 'dialog-body' })
  replace(node, h('div', { class: 'dialog-box' },
    h('header', { class: 'dialog-head' }, h('h2', { id }, title),
      iconButton('close', 'Close', { onclick: () => close(undefined) })), body))
  replace(body, content(close))
  node.addEventListener('close', () => {
    node.remove()
    onclose?.(result)
    end(result)
  })
  // A press on what lies around the box closes it, as Escape does.
  node.addEventListener('mousedown', (event) => { if (event.target === node) close(undefined) })
  document.body.append(node)
  node.showModal()
  const first = body.querySelector('[autofocus], input:not([type=hidden]), textarea, select')
  first?.focus()
  return { node, close, closed }
}

/** The row of buttons at the end of a dialog. */
export function dialogActions(...buttons) {
  return h('footer', { class: 'dialog-actions' }, buttons)
}

/**
 * Asks before something is done: `if (await confirm({ title: 'Delete Tim?', text: '…', action: 'Delete', danger: true }))`.
 */
export async function confirm({ title, text, action = 'Continue', danger = false, content }) {
  const opened = dialog({
    title, size: 'small', role: 'alertdialog',
    content: (close) => [text && h('p', text), content, dialogActions(
      button('Cancel', { onclick: () => close(false), autofocus: danger }),
      button(action, { kind: danger ? 'danger' : 'primary', onclick: () => close(true) }))],
  })
  return Boolean(await opened.closed)
}
