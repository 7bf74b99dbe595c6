// Short words about what has just happened, read out as they come.
import { h } from '../dom.js'
import { iconButton } from './basics.js'

let region
let urgent

function regions() {
  if (!region) {
    region = h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' })
    urgent = h('div', { class: 'toasts', role: 'alert' })
    document.body.append(h('div', { class: 'toast-corner' }, urgent, region))
  }
}

/** Says something: `toast('Saved.')`, `toast('It failed.', 'error')`, `toast.error(problem)`. */
export function toast(text, kind = 'info') {
  regions()
  const node = h('div', { class: ['toast', kind] }, h('p', text),
    iconButton('close', 'Dismiss', { onclick: () => node.remove() }))
  ;(kind === 'error' ? urgent : region).append(node)
  const timer = setTimeout(() => node.remove(), kind === 'error' ? 12_000 : 5_000)
  node.addEventListener('mouseenter', () => clearTimeout(timer))
  return node
}

/** Says what went wrong, in the server's words. */
toast.error = (error) => {
  if (error?.name === 'AbortError') return
  toast(error?.message || 'Something went wrong.', 'error')
}
