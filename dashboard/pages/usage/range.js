// Spans of days, by UTC, as bills count them.

/** What can be chosen. */
export const ranges = [{ value: '7d', label: 'Last 7 days' }, { value: '30d', label: 'Last 30 days' },
  { value: '90d', label: 'Last 90 days' }, { value: 'month', label: 'This month' }]

const day = 86_400_000

/** `{ from, to, days: ['2026-11-01', …] }`, the present day last. */
export function rangeOf(name, now = Date.now()) {
  const today = Math.floor(now / day) * day
  const first = name === 'month' ? Date.parse(`${iso(today).slice(0, 7)}-01T00:00:00Z`)
    : today - (({ '7d': 7, '30d': 30, '90d': 90 }[name] ?? 30) - 1) * day
  const days = []
  for (let at = first; at <= today; at += day) days.push(iso(at))
  return { from: `${days[0]}T00:00:00Z`, to: `${iso(today + day)}T00:00:00Z`, days }
}

function iso(at) { return new Date(at).toISOString().slice(0, 10) }
