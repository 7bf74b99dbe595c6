// Several views in one place.
import { h, replace, uid } from '../dom.js'
import { failure } from './basics.js'

/**
 * Tabs, by the pattern of the ARIA practices: arrows, Home and End move between them.
 *
 * `tabs({ label: 'Agent', items: [{ id, label, render: (panel) => nodes or a promise of nodes }], selected, onselect })`.
 * Gives the node; `node.select(id)` shows one.
 */
export function tabs({ label, items, selected = items[0].id, onselect }) {
  const panel = h('div', { role: 'tabpanel', class: 'tabpanel', tabindex: '0', id: uid('panel') })
  const buttons = new Map()
  let turn = 0
  const select = async (id, focus) => {
    turn += 1
    const mine = turn
    for (const [key, button] of buttons) {
      button.setAttribute('aria-selected', String(key === id))
      button.tabIndex = key === id ? 0 : -1
    }
    panel.setAttribute('aria-labelledby', buttons.get(id).id)
    if (focus) buttons.get(id).focus()
    onselect?.(id)
    replace(panel)
    try {
      const nodes = await items.find((item) => item.id === id).render(panel)
      if (mine === turn && nodes) replace(panel, nodes)
    } catch (error) {
      if (mine === turn && error.name !== 'AbortError') replace(panel, failure(error, () => select(id)))
    }
  }
  const list = h('div', {
    role: 'tablist', class: 'tablist', 'aria-label': label,
    onkeydown: (event) => {
      const ids = items.map((item) => item.id)
      const at = ids.findIndex((id) => buttons.get(id) === event.target)
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[event.key]
      if (next === undefined) return
      event.preventDefault()
      select(ids[(next + ids.length) % ids.length], true)
    },
  }, items.map((item) => {
    const button = h('button', { type: 'button', role: 'tab', id: uid('tab'), 'aria-controls': panel.id,
      onclick: () => select(item.id) }, item.label)
    buttons.set(item.id, button)
    return button
  }))
  const node = h('div', { class: 'tabs' }, list, panel)
  node.select = select
  select(selected)
  return node
}
