// Charts as SVG, redrawn for the width that there is, each with the same figures as a table.
import { h, svg, replace } from '../dom.js'
import { ticks } from './scale.js'

const height = 200
const space = { top: 12, right: 12, bottom: 28, left: 56 }

/**
 * A chart of `{ title, labels, series: [{ name, values }], kind, format, labelOf }`.
 *
 * - kind: `bars` (stacked, where there are several series) or `lines`; null as a value is a gap in a line.
 * - format: writes a value, for the axis, the hints and the table.
 * - head: what the labels are, over the table's first column.
 */
export function chart({ title, labels, series, kind = 'bars', format = String, head = 'Time' }) {
  const stage = h('div', { class: 'chart-stage' })
  const draw = (width) => replace(stage, picture({ title, labels, series, kind, format }, Math.max(240, width)))
  // The first size comes when the chart stands in the page; none while it does not.
  new ResizeObserver(([entry]) => { if (entry.contentRect.width > 0) draw(entry.contentRect.width) }).observe(stage)
  return h('figure', { class: 'chart' },
    h('figcaption', { class: 'chart-title' }, title),
    series.length > 1 && h('ul', { class: 'chart-legend' }, series.map(({ name }, index) =>
      h('li', null, h('span', { class: `chart-key series-${index % 6}`, 'aria-hidden': 'true' }), name))),
    stage, table({ title, labels, series, format, head }))
}

function table({ title, labels, series, format, head }) {
  return h('details', { class: 'as-table' }, h('summary', null, 'As a table'),
    h('div', { class: 'scroll-x' }, h('table', { class: 'plain-table' }, h('caption', { class: 'visually-hidden' }, title),
      h('thead', null, h('tr', null, h('th', { scope: 'col' }, head),
        series.map(({ name }) => h('th', { scope: 'col', class: 'end num' }, name)))),
      h('tbody', null, labels.map((label, index) => h('tr', null, h('th', { scope: 'row' }, label),
        series.map(({ values }) => h('td', { class: 'end num' },
          values[index] === null || values[index] === undefined ? '–' : format(values[index])))))))))
}

function picture(data, width) {
  const { labels, series, kind } = data
  const totals = labels.map((_, index) => kind === 'bars'
    ? series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)
    : Math.max(0, ...series.map(({ values }) => values[index] ?? 0)))
  const marks = ticks(Math.max(0, ...totals), { isWhole: series.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0))) })
  const top = marks.at(-1)
  const area = { width: width - space.left - space.right, height: height - space.top - space.bottom }
  const x = (index) => space.left + (index + 0.5) * area.width / Math.max(1, labels.length)
  const y = (value) => space.top + area.height * (1 - value / top)
  return svg('svg', { class: 'chart-picture', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img',
    'aria-label': `${data.title}. ${summary(data)}` },
  marks.map((mark) => [
    svg('line', { x1: space.left, x2: width - space.right, y1: y(mark), y2: y(mark), class: 'chart-grid' }),
    svg('text', { x: space.left - 8, y: y(mark) + 4, class: 'chart-tick is-value' }, data.format(mark))]),
  axis(labels, x, area.width),
  kind === 'bars' ? bars(data, x, y, area) : lines(data, x, y),
  hints(data, x, area))
}

/** As many labels as have room. */
function axis(labels, x, width) {
  const longest = Math.max(1, ...labels.map((label) => label.length))
  const step = Math.max(1, Math.ceil(labels.length * (longest * 7 + 12) / width))
  return labels.map((label, index) => index % step === 0
    && svg('text', { x: x(index), y: height - 8, class: 'chart-tick' }, label))
}

function bars({ labels, series }, x, y, area) {
  const width = Math.max(1, Math.min(36, area.width / Math.max(1, labels.length) * 0.7))
  return labels.map((_, index) => {
    let below = 0
    return series.map(({ values }, place) => {
      const value = values[index] ?? 0
      if (value <= 0) return null
      const bar = svg('rect', { x: x(index) - width / 2, y: y(below + value), width,
        height: Math.max(1, y(below) - y(below + value)), class: `chart-bar series-${place % 6}` })
      below += value
      return bar
    })
  })
}

function lines({ series }, x, y) {
  return series.map(({ values }, place) => {
    let path = ''
    let isOpen = false
    values.forEach((value, index) => {
      const isThere = value !== null && value !== undefined
      if (isThere) path += `${isOpen ? 'L' : 'M'}${x(index).toFixed(1)} ${y(value).toFixed(1)} `
      isOpen = isThere
    })
    const alone = values.map((value, index) => isAlone(values, index)
      && svg('circle', { cx: x(index), cy: y(value), r: 2.5, class: `chart-dot series-${place % 6}` }))
    return [path && svg('path', { d: path.trim(), class: `chart-line series-${place % 6}` }), alone]
  })
}

/** Whether a value has none beside it, so that no line would show it. */
function isAlone(values, index) {
  const has = (place) => values[place] !== null && values[place] !== undefined
  return has(index) && !has(index - 1) && !has(index + 1)
}

/** What the pointer is told over each label. */
function hints({ labels, series, format }, x, area) {
  const width = area.width / Math.max(1, labels.length)
  return labels.map((label, index) => svg('rect', { x: x(index) - width / 2, y: space.top, width, height: area.height,
    class: 'chart-hint' }, svg('title', null, `${label}: ${series.map(({ name, values }) =>
      `${series.length > 1 ? `${name} ` : ''}${values[index] === null || values[index] === undefined ? '–'
        : format(values[index])}`).join(', ')}`)))
}

/** The chart in a sentence: what it comes to, and its peak. */
function summary({ labels, series, format }) {
  if (!labels.length) return 'Nothing was measured.'
  return series.map(({ name, values }) => {
    let peak = -1
    values.forEach((value, index) => { if (value !== null && (peak < 0 || value > values[peak])) peak = index })
    return peak < 0 ? `${name}: nothing was measured` : `${name}: highest ${format(values[peak])} at ${labels[peak]}`
  }).join('; ')
}
