// Keeps cards as they are while others come and go, so that nothing that somebody types is lost.
import { append, replace } from '../../dom.js'

/** Shows a card for each item, by its id, in order; those of items that are gone go, and the focus moves to the next. */
export function syncCards(place, items, make, nothing) {
  const present = new Map([...place.children].filter((node) => node.dataset.card).map((node) => [node.dataset.card, node]))
  if (items.length === 0) return void replace(place, nothing())
  for (const node of [...place.children]) if (!node.dataset.card) node.remove()
  const wanted = new Set(items.map((item) => item.id))
  let isFocusLost = false
  for (const [id, node] of present) {
    if (wanted.has(id)) continue
    isFocusLost ||= node.contains(document.activeElement)
    node.remove()
  }
  items.forEach((item, index) => {
    let node = present.get(item.id)
    const mark = JSON.stringify(item.decisions ?? null)
    if (node && node.dataset.mark !== mark && !node.contains(document.activeElement)) {
      node.remove()
      node = null
    }
    if (!node) {
      node = make(item)
      node.dataset.card = item.id
      node.dataset.mark = mark
    }
    if (place.children[index] !== node) {
      if (place.children[index]) place.children[index].before(node)
      else append(place, node)
    }
  })
  if (isFocusLost) place.querySelector('h2, h3')?.focus()
}
