// Between a cron expression and what people choose in the builder. It touches nothing of the page.

const days = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN']
const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** `[{ value: 'MON', label: 'Monday' }, …]`. */
export const weekdays = days.map((value, index) => ({ value, label: dayNames[index] }))

/** How often, as the builder offers it. */
export const rhythms = [
  { value: 'minutes', label: 'Every few minutes' }, { value: 'hourly', label: 'Every hour' },
  { value: 'daily', label: 'Every day' }, { value: 'weekly', label: 'On days of the week' },
  { value: 'monthly', label: 'On a day of the month' }, { value: 'custom', label: 'Own expression' },
]

/** The minutes that divide an hour evenly. */
export const intervals = [5, 10, 15, 20, 30]

/** What the builder begins with. */
export const initial = { rhythm: 'weekly', every: 15, minute: 0, time: '09:00', days: ['MON'], day: 1, cron: '' }

/** The expression for a choice: `{ rhythm, every, minute, time: '09:00', days: ['MON'], day, cron }`. */
export function compose(choice) {
  const [hour, minute] = String(choice.time || '00:00').split(':').map(Number)
  switch (choice.rhythm) {
    case 'minutes': return `*/${choice.every} * * * *`
    case 'hourly': return `${choice.minute} * * * *`
    case 'daily': return `${minute} ${hour} * * *`
    case 'weekly': return `${minute} ${hour} * * ${dayList(choice.days)}`
    case 'monthly': return `${minute} ${hour} ${choice.day} * *`
    default: return choice.cron.trim()
  }
}

function dayList(chosen) {
  const list = days.filter((day) => chosen.includes(day))
  if (list.length === 0 || list.length === 7) return '*'
  if (list.join() === 'MON,TUE,WED,THU,FRI') return 'MON-FRI'
  return list.join(',')
}

/** The choice that makes this expression; one for people's own where the builder has none. */
export function understand(cron) {
  const text = String(cron ?? '').trim()
  const own = { ...initial, rhythm: 'custom', cron: text }
  const parts = text.toUpperCase().split(/\s+/)
  if (parts.length !== 5 || parts[3] !== '*') return own
  const [minute, hour, day] = parts
  const week = named(parts[4])
  const isNumber = (part, highest) => /^\d{1,2}$/.test(part) && Number(part) <= highest
  if (hour === '*' && day === '*' && week === '*') {
    const every = /^\*\/(\d+)$/.exec(minute)
    if (every && intervals.includes(Number(every[1]))) return { ...initial, rhythm: 'minutes', every: Number(every[1]) }
    return isNumber(minute, 59) ? { ...initial, rhythm: 'hourly', minute: Number(minute) } : own
  }
  if (!isNumber(minute, 59) || !isNumber(hour, 23)) return own
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
  if (day === '*' && week === '*') return { ...initial, rhythm: 'daily', time }
  if (day === '*') {
    const list = week === 'MON-FRI' ? days.slice(0, 5) : week.split(',')
    return list.every((name) => days.includes(name)) ? { ...initial, rhythm: 'weekly', time, days: list } : own
  }
  if (week === '*' && isNumber(day, 31) && Number(day) > 0) {
    return { ...initial, rhythm: 'monthly', time, day: Number(day) }
  }
  return own
}

/** Days of the week by their names: `1-5` as `MON-FRI`, `0,6` as `SUN,SAT`. */
function named(week) {
  return /^[0-7](-[0-7]|(,[0-7])*)$/.test(week) ? week.replace(/\d/g, (digit) => days[(Number(digit) + 6) % 7]) : week
}

/** An expression in few words for a list, such as `Mon–Fri 09:00`; the expression itself where it has none. */
export function brief(cron) {
  const choice = understand(cron)
  switch (choice.rhythm) {
    case 'minutes': return `Every ${choice.every} min`
    case 'hourly': return `Hourly at :${String(choice.minute).padStart(2, '0')}`
    case 'daily': return `Daily ${choice.time}`
    case 'weekly': {
      const names = choice.days.map((day) => day[0] + day.slice(1).toLowerCase())
      return `${names.join() === 'Mon,Tue,Wed,Thu,Fri' ? 'Mon–Fri' : names.join(', ')} ${choice.time}`
    }
    case 'monthly': return `Monthly on the ${choice.day}., ${choice.time}`
    default: return choice.cron
  }
}
