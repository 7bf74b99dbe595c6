// When a task fires: chosen in words or written as cron, said back in words with the next five fires.
import { field, row } from '../../components/index.js'
import { debounce, h, replace } from '../../dom.js'
import { dateTime, home } from '../../format.js'
import { compose, initial, intervals, rhythms, understand, weekdays } from './cron.js'

/**
 * A builder for `schedule.cron` and `schedule.timezone`.
 *
 * Gives a node with `read()`, which is `{ cron, timezone }`, and `complain(messages)`.
 */
export function cronBuilder(ctx, { cron, timezone } = {}) {
  const choice = cron ? understand(cron) : { ...initial }
  const parts = h('div', { class: 'cron-parts' })
  const words = h('div', { class: 'cron-words', 'aria-live': 'polite' })
  const zone = field({ name: '', label: 'Time zone', value: timezone ?? home.timezone, pointer: '/schedule/timezone',
    list: 'cron-zones', hint: 'Clocks of this place; an IANA name.' })
  const zones = h('datalist', { id: 'cron-zones' }, zoneNames().map((name) => h('option', { value: name })))
  const expression = field({ name: '', label: 'Expression', value: compose(choice), pointer: '/schedule/cron',
    class: 'code-field', spellcheck: 'false', hint: 'Minute, hour, day of month, month, day of week.' })
  let turn = 0
  const explain = debounce(async () => {
    turn += 1
    const mine = turn
    const text = expression.control.value.trim()
    if (!text) return replace(words, h('p', { class: 'muted' }, 'Say when it fires.'))
    try {
      const answer = await ctx.api.post('/v1/scheduler/validate', { cron: text, timezone: zone.control.value.trim() || home.timezone, count: 5 })
      if (mine !== turn) return undefined
      expression.complain(answer.valid || answer.error.field === 'timezone' ? [] : [place(answer.error)])
      zone.complain(answer.error?.field === 'timezone' ? [answer.error.message] : [])
      return replace(words, preview(answer))
    } catch (error) {
      if (mine === turn) replace(words, h('p', { class: 'field-error' }, error.message))
    }
    return undefined
  }, 250)
  const changed = () => {
    expression.control.value = compose(choice)
    explain()
  }
  const show = () => {
    replace(parts, partsOf(choice, changed))
    expression.control.readOnly = choice.rhythm !== 'custom'
  }
  const rhythm = field({ name: '', label: 'How often', type: 'select', options: rhythms, value: choice.rhythm, pointer: '-' })
  rhythm.control.addEventListener('change', () => {
    choice.rhythm = rhythm.control.value
    if (choice.rhythm === 'custom') choice.cron = expression.control.value
    show()
    changed()
  })
  expression.control.addEventListener('input', () => {
    choice.cron = expression.control.value
    explain()
  })
  zone.control.addEventListener('input', explain)
  show()
  explain()
  const node = h('div', { class: 'cron-builder' }, rhythm, parts, row(expression, zone), zones, words)
  node.read = () => ({ cron: expression.control.value.trim(), timezone: zone.control.value.trim() || home.timezone })
  return node
}

function partsOf(choice, changed) {
  const input = (label, key, props) => {
    const node = field({ name: '', label, value: choice[key], pointer: '-', ...props })
    node.control.addEventListener('input', () => {
      choice[key] = props.type === 'time' ? node.control.value : Number(node.control.value)
      changed()
    })
    return node
  }
  const time = () => input('At', 'time', { type: 'time', required: true })
  switch (choice.rhythm) {
    case 'minutes': return input('Minutes between', 'every', { type: 'select', options: intervals.map((count) =>
      ({ value: count, label: `${count} minutes` })) })
    case 'hourly': return input('Minutes past the hour', 'minute', { type: 'number', min: 0, max: 59, required: true })
    case 'daily': return time()
    case 'weekly': return [dayBoxes(choice, changed), time()]
    case 'monthly': return row(input('Day of the month', 'day', { type: 'number', min: 1, max: 31, required: true }), time())
    default: return null
  }
}

function dayBoxes(choice, changed) {
  return h('fieldset', { class: 'field days' }, h('legend', 'Days'), h('div', { class: 'day-row' },
    weekdays.map(({ value, label }) => h('label', { class: 'day' }, h('input', { type: 'checkbox',
      checked: choice.days.includes(value), onchange: (event) => {
        choice.days = event.target.checked ? [...choice.days, value] : choice.days.filter((day) => day !== value)
        changed()
      } }), h('span', { 'aria-hidden': 'true' }, label.slice(0, 2)), h('span', { class: 'visually-hidden' }, label)))))
}

function place(error) {
  return error.column ? `Column ${error.column}: ${error.message}` : error.message
}

function preview(answer) {
  const notes = answer.notes.map((note) => h('p', { class: 'cron-note' }, note.message))
  if (!answer.valid) return [h('p', { class: 'muted' }, 'It does not fire like this.'), notes]
  const text = answer.description
  return [h('p', h('strong', text[0].toUpperCase() + text.slice(1))),
    answer.next_fires.length ? [h('p', { class: 'muted' }, 'It fires next, by the organisation\'s clocks:'),
      h('ol', { class: 'fires' }, answer.next_fires.map((fire) => h('li', h('time', { datetime: fire }, dateTime(fire)))))]
      : h('p', { class: 'muted' }, 'It never fires again.'), notes]
}

function zoneNames() {
  return typeof Intl.supportedValuesOf === 'function' ? Intl.supportedValuesOf('timeZone') : []
}
