// Long lists: only the rows in sight are nodes, and more are asked for as they come near.
import { h, perFrame, replace } from '../dom.js'
import { empty, failure } from './basics.js'

const spare = 12

/**
 * A table that may have tens of thousands of rows.
 *
 * `table({ label, columns, key, load, onopen, emptyState, rowHeight = 52 })`:
 * - columns: `[{ id, label, render: (row) => node or text, width: '2fr', align: 'end', hide: 'phone' }]`
 * - key: `(row) => row.id`
 * - load: `(cursor) => { data, next_cursor }`, as lists of the API are; asked for more as somebody scrolls
 * - onopen: `(row) => …` for a click or Enter on a row
 * - rowHref: `(row) => '#/tasks/…'` makes the first column a link
 *
 * The node has `reload()`, `update(row)` (puts a row in the place of the one with its key; false if there is none),
 * `insert(row)` (first), `discard(key)`, `rows`, and `ready`, a promise of the first page.
 */
export function table({ label, columns, key = (row) => row.id, load, onopen, rowHref, emptyState, rowHeight = 52,
  class: extra }) {
  let rows = []
  let next = null
  let isWhole = false
  let turn = 0
  let asking = null
  let focused = 0
  const width = (column) => column.width ?? 'minmax(0, 1fr)'
  const template = columns.map(width).join(' ')
  const narrow = columns.filter((column) => !column.hide).map(width).join(' ')
  const cells = (row) => columns.map((column, at) => {
    let content = column.render ? column.render(row) : row[column.id]
    if (at === 0 && rowHref) content = h('a', { href: rowHref(row), tabindex: '-1' }, content)
    return h('div', { role: at === 0 ? 'rowheader' : 'cell', class: ['cell', column.align, column.hide && `hide-${column.hide}`],
      'aria-colindex': at + 1 }, content)
  })
  const head = h('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, columns.map((column, at) => h('div', {
    role: 'columnheader', class: ['cell', column.align, column.hide && `hide-${column.hide}`], 'aria-colindex': at + 1,
  }, column.label || h('span', { class: 'visually-hidden' }, 'Actions'))))
  const window = h('div', { class: 'rows', role: 'rowgroup' })
  const space = h('div', { class: 'space', role: 'presentation' }, window)
  const foot = h('div', { class: 'table-foot', role: 'status' })
  const scroller = h('div', { class: 'scroller', role: 'presentation' }, h('div', { role: 'rowgroup', class: 'head-group' }, head), space)
  const grid = h('div', { role: 'table', class: 'grid', 'aria-label': label, 'aria-colcount': columns.length }, scroller)
  const node = h('div', { class: ['table', extra], style: { '--columns': template, '--narrow': narrow, '--row': `${rowHeight}px` } }, grid, foot)

  const makeRow = (row, index) => h('div', {
    role: 'row', class: ['row', (onopen || rowHref) && 'opens'], 'aria-rowindex': index + 2, dataset: { key: key(row), index },
    tabindex: onopen || rowHref ? (index === focused ? '0' : '-1') : null,
    style: { transform: `translateY(${index * rowHeight}px)` },
  }, cells(row))

  const paint = () => {
    const height = scroller.clientHeight || 600
    const from = Math.max(0, Math.floor(scroller.scrollTop / rowHeight) - spare)
    const to = Math.min(rows.length, Math.ceil((scroller.scrollTop + height) / rowHeight) + spare)
    const present = new Map([...window.children].map((child) => [Number(child.dataset.index), child]))
    for (const [index, child] of present) if (index < from || index >= to) child.remove()
    for (let index = from; index < to; index += 1) {
      const child = present.get(index)
      if (child?.isConnected && child.dataset.key === String(key(rows[index])) && child.shown === rows[index]) continue
      const fresh = makeRow(rows[index], index)
      fresh.shown = rows[index]
      const hadFocus = child?.contains(document.activeElement)
      if (child?.isConnected) child.replaceWith(fresh)
      else window.append(fresh)
      if (hadFocus) fresh.focus()
    }
    space.style.height = `${rows.length * rowHeight}px`
    grid.setAttribute('aria-rowcount', isWhole ? rows.length + 1 : -1)
    if (!isWhole && to >= rows.length - 20) more()
  }
  const paintSoon = perFrame(paint)
  scroller.addEventListener('scroll', paintSoon, { passive: true })
  new ResizeObserver(paintSoon).observe(scroller)

  const more = async () => {
    if (asking || isWhole) return asking
    const mine = turn
    asking = (async () => {
      try {
        const page = await load(next)
        if (mine !== turn) return
        rows = rows.concat(page.data)
        next = page.next_cursor ?? null
        isWhole = !next
        replace(foot, isWhole ? (rows.length > 0 ? `${rows.length.toLocaleString()} in all` : '') : `${rows.length.toLocaleString()} so far`)
        node.classList.toggle('is-empty', isWhole && rows.length === 0)
        if (isWhole && rows.length === 0) replace(foot, emptyState?.() ?? empty('Nothing here yet'))
      } catch (error) {
        if (mine === turn && error.name !== 'AbortError') {
          isWhole = true
          replace(foot, failure(error, () => node.reload()))
        }
      } finally {
        if (mine === turn) {
          asking = null
          scroller.removeAttribute('aria-busy')
          paintSoon()
        }
      }
    })()
    return asking
  }

  const focusRow = (index) => {
    focused = Math.max(0, Math.min(rows.length - 1, index))
    const top = focused * rowHeight
    const seen = scroller.clientHeight - head.offsetHeight
    if (top < scroller.scrollTop) scroller.scrollTop = top
    else if (top + rowHeight > scroller.scrollTop + seen) scroller.scrollTop = top + rowHeight - seen
    paint()
    for (const child of window.children) child.tabIndex = Number(child.dataset.index) === focused ? 0 : -1
    window.querySelector(`[data-index="${focused}"]`)?.focus()
  }
  const open = (index) => {
    const row = rows[index]
    if (!row) return
    if (onopen) onopen(row)
    else if (rowHref) location.hash = rowHref(row).replace(/^#/, '')
  }
  if (onopen || rowHref) {
    window.addEventListener('click', (event) => {
      // What can be pressed inside a row does its own.
      if (event.target.closest('a, button, input, select, label, summary')) return
      const row = event.target.closest('.row')
      if (row) open(Number(row.dataset.index))
    })
    window.addEventListener('keydown', (event) => {
      if (!event.target.classList.contains('row')) return
      const page = Math.max(1, Math.floor(scroller.clientHeight / rowHeight) - 1)
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows.length, End: rows.length }[event.key]
      if (step !== undefined) {
        event.preventDefault()
        focusRow(Number(event.target.dataset.index) + step)
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault()
        open(Number(event.target.dataset.index))
      }
    })
  }

  node.reload = () => {
    turn += 1
    asking = null
    rows = []
    next = null
    isWhole = false
    focused = 0
    scroller.scrollTop = 0
    replace(window)
    replace(foot, 'Loading…')
    scroller.setAttribute('aria-busy', 'true')
    node.classList.remove('is-empty')
    node.ready = more()
    return node.ready
  }
  node.update = (row) => {
    const index = rows.findIndex((known) => key(known) === key(row))
    if (index < 0) return false
    rows[index] = row
    paintSoon()
    return true
  }
  node.insert = (row) => {
    if (node.update(row)) return
    rows.unshift(row)
    node.classList.remove('is-empty')
    if (isWhole) replace(foot, `${rows.length.toLocaleString()} in all`)
    paintSoon()
  }
  node.discard = (id) => {
    rows = rows.filter((row) => key(row) !== id)
    replace(window)
    if (isWhole && rows.length === 0) return void node.reload()
    paintSoon()
  }
  Object.defineProperty(node, 'rows', { get: () => rows })
  node.reload()
  return node
}
