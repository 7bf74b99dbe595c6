// A run and all that it began on one scale of time.
import { details, empty, facts } from '../../components/index.js'
import { h } from '../../dom.js'
import { duration, words } from '../../format.js'

/** The timeline; where the server has none, how to see the steps. */
export async function spanChart(ctx, address) {
  let line
  try {
    line = await ctx.api.get(`${address}/timeline`, null, { signal: ctx.signal })
  } catch (error) {
    if (error.status !== 404) throw error
    return empty('This server draws no timelines', { text: 'The steps say when each began and how long it took.' })
  }
  if (line.spans.length === 0) return empty('It has not begun')
  const total = Math.max(1, line.duration_ms ?? 0, ...line.spans.map((span) => span.offset_ms + (span.duration_ms ?? 0)))
  const depths = new Map()
  return h('div', { class: 'spans' },
    h('p', { class: 'muted' }, `${duration(total)} in all. Trace `, h('code', { class: 'id' }, line.trace_id ?? '–'),
      line.is_truncated ? '. There is more than is shown here.' : ''),
    h('ol', { class: 'span-list' }, line.spans.map((span) => {
      depths.set(span.id, (depths.get(span.parent_id) ?? -1) + 1)
      return spanItem(span, total, depths.get(span.id))
    })))
}

function spanItem(span, total, depth) {
  const length = span.duration_ms ?? total - span.offset_ms
  const share = (value) => `${Math.min(100, 100 * value / total)}%`
  const rows = Object.entries(span.attributes ?? {}).map(([name, value]) =>
    [name, typeof value === 'object' ? JSON.stringify(value) : String(value)])
  return h('li', { class: 'span', style: { '--depth': depth } },
    h('span', { class: 'span-name' }, h('span', { class: 'clip', title: span.name }, span.name),
      h('span', { class: 'muted' }, ` ${words(span.kind)}`)),
    h('span', { class: 'span-lane', 'aria-hidden': 'true' }, h('span', { class: ['span-bar', `of-${span.kind}`, `is-${span.state}`],
      style: { '--from': share(span.offset_ms), '--length': share(length) } })),
    h('span', { class: 'span-time' }, `${span.duration_ms === null ? 'under way' : duration(span.duration_ms)}`,
      h('span', { class: 'visually-hidden' }, `, ${words(span.state)}, after ${duration(span.offset_ms)}`)),
    (rows.length > 0 || span.error) && details('Facts', span.error && h('p', { class: 'step-error' },
      typeof span.error === 'string' ? span.error : span.error.message), facts(rows)))
}
