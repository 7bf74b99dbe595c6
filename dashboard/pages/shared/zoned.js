// Times as the organisation's clocks show them, for fields in which somebody sets one.
import { home } from '../../format.js'

/** `2026-11-22T09:30` for a field of type datetime-local. */
export function zonedInput(value, zone = home.timezone) {
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit',
    day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(new Date(value)).map(({ type, value }) => [type, value]))
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** The moment that `2026-11-22T09:30` is there, as RFC 3339; null where there is no such text. */
export function zonedTime(text, zone = home.timezone) {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text ?? '')) return null
  const wanted = Date.parse(`${text.slice(0, 16)}:00Z`)
  let guess = wanted
  // The zone's distance from UTC is that of the moment itself: twice suffices, also beside a change of the clocks.
  for (let round = 0; round < 2; round += 1) guess += wanted - Date.parse(`${zonedInput(guess, zone)}:00Z`)
  return new Date(guess).toISOString()
}

/** The first moments of the month `2026-11` and of the next, by UTC, as bills count them. */
export function month(text) {
  const [year, number] = text.split('-').map(Number)
  return { from: new Date(Date.UTC(year, number - 1)).toISOString(), to: new Date(Date.UTC(year, number)).toISOString() }
}
