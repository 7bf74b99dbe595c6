// Looking for words in a list.
import { debounce, h } from '../dom.js'
import { icon } from './icons.js'

/** A search field: `search({ label: 'Search agents', value, oninput: (text) => … })`; quiet for a moment before it asks. */
export function search({ label, value = '', placeholder = label, oninput }) {
  const input = h('input', { type: 'search', 'aria-label': label, placeholder, value, autocomplete: 'off' })
  input.addEventListener('input', debounce(() => oninput(input.value.trim()), 200))
  const node = h('div', { class: 'search' }, icon('search', 18), input)
  node.control = input
  return node
}
