// Choosing several of many, in groups.
import { h, replace, uid } from '../dom.js'
import { number } from '../format.js'

/**
 * A list of checkboxes in groups, with a search: `multiselect({ label, options: [{ value, label, group, hint }],
 * selected: [] })`. The node has `read()` and `write(values)`: give it to `field({ type: 'custom', control, read })`.
 */
export function multiselect({ label, options, selected = [], onchange }) {
  const chosen = new Set(selected)
  const known = new Set(options.map((option) => option.value))
  // What is chosen but not offered (a tool that this server lacks) stays until somebody takes it out.
  const all = [...options, ...selected.filter((value) => !known.has(value)).map((value) => (
    { value, label: value, group: 'Not known here', hint: '' }))]
  const list = h('div', { class: 'multiselect-list', tabindex: '-1' })
  const count = h('span', { class: 'muted', 'aria-live': 'polite' })
  const find = h('input', { type: 'search', placeholder: 'Search', 'aria-label': `Search ${label}`, autocomplete: 'off',
    oninput: () => show() })
  const tell = () => replace(count, `${number(chosen.size)} of ${number(all.length)} chosen`)
  const change = (value, isOn) => {
    if (isOn) chosen.add(value)
    else chosen.delete(value)
    tell()
    onchange?.([...chosen])
  }
  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean)
    const groups = new Map()
    for (const option of all) {
      const text = `${option.label} ${option.hint ?? ''} ${option.group ?? ''}`.toLowerCase()
      if (!words.every((word) => text.includes(word))) continue
      if (!groups.has(option.group ?? '')) groups.set(option.group ?? '', [])
      groups.get(option.group ?? '').push(option)
    }
    replace(list, [...groups].map(([name, members]) => h('fieldset', name && h('legend', name,
      h('button', { type: 'button', class: 'link', onclick: () => {
        const isOn = !members.every((option) => chosen.has(option.value))
        for (const option of members) change(option.value, isOn)
        show()
      } }, members.every((option) => chosen.has(option.value)) ? `Clear ${name}` : `All of ${name}`)),
    members.map((option) => {
      const id = uid('choice')
      return h('div', { class: 'choice' },
        h('input', { type: 'checkbox', id, checked: chosen.has(option.value),
          onchange: (event) => change(option.value, event.target.checked) }),
        h('label', { for: id }, h('span', { class: 'choice-name' }, option.label),
          option.hint && h('span', { class: 'hint' }, option.hint)))
    }))), groups.size === 0 && h('p', { class: 'muted' }, 'Nothing fits the search.'))
  }
  const node = h('div', { class: 'multiselect', role: 'group', 'aria-label': label },
    h('div', { class: 'multiselect-head' }, find, count), list)
  node.read = () => [...chosen]
  node.write = (values) => {
    chosen.clear()
    for (const value of values) chosen.add(value)
    tell()
    show()
  }
  tell()
  show()
  return node
}
