// Numbers, money and times as people of this organisation read them.

let zone = 'UTC'
let currency = 'USD'
const locale = navigator.language || 'en'

/** Sets the organisation's zone and currency. */
export function setHome(organization) {
  zone = organization.timezone || 'UTC'
  currency = organization.currency || 'USD'
}

/** The organisation's time zone and currency. */
export const home = { get timezone() { return zone }, get currency() { return currency } }

const formatters = new Map()

function formatter(kind, options) {
  const key = kind.name + JSON.stringify(options)
  if (!formatters.has(key)) formatters.set(key, new kind(locale, options))
  return formatters.get(key)
}

/** `{amount: "0.004125", currency: "USD"}` as money; small amounts keep the digits that say something. */
export function money(value) {
  if (value === null || value === undefined) return '–'
  const amount = typeof value === 'object' ? value.amount : value
  const code = (typeof value === 'object' && value.currency) || currency
  const number = Number(amount)
  const digits = number !== 0 && Math.abs(number) < 1 ? { maximumSignificantDigits: 3 } : {}
  try {
    return formatter(Intl.NumberFormat, { style: 'currency', currency: code, ...digits }).format(number)
  } catch {
    return `${amount} ${code}`
  }
}

/** A number with its separators. */
export function number(value, options = {}) {
  if (value === null || value === undefined) return '–'
  return formatter(Intl.NumberFormat, options).format(value)
}

/** 12345 as `12.3K`. */
export function compact(value) {
  return number(value, { notation: 'compact', maximumFractionDigits: 1 })
}

/** 0.123 as `12.3%`. */
export function percent(value) {
  return number(value, { style: 'percent', maximumFractionDigits: 1 })
}

/** Date and time in the organisation's zone. */
export function dateTime(value) {
  return at(value, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })
}

/** With seconds, for logs. */
export function exactTime(value) {
  return at(value, { dateStyle: 'medium', timeStyle: 'medium', timeZone: zone })
}

/** The day. */
export function date(value) {
  return at(value, { dateStyle: 'medium', timeZone: zone })
}

/** The time of day. */
export function time(value) {
  return at(value, { timeStyle: 'short', timeZone: zone })
}

function at(value, options) {
  if (!value) return '–'
  const moment = new Date(value)
  return Number.isNaN(moment.getTime()) ? '–' : formatter(Intl.DateTimeFormat, options).format(moment)
}

const units = [['year', 31_536_000], ['month', 2_592_000], ['week', 604_800], ['day', 86_400], ['hour', 3_600],
  ['minute', 60], ['second', 1]]

/** `3 minutes ago`, `in 2 hours`. */
export function relative(value, now = Date.now()) {
  if (!value) return '–'
  const seconds = (new Date(value).getTime() - now) / 1000
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? units.at(-1)
  return formatter(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(Math.round(seconds / size), unit)
}

/** Milliseconds as `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`. */
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined || Number.isNaN(milliseconds)) return '–'
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${number(seconds, { maximumFractionDigits: 1 })} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The time between two moments; the second may be missing: then until now. */
export function between(start, end) {
  return start ? duration(new Date(end ?? Date.now()) - new Date(start)) : '–'
}

/** 1536 as `1.5 KB`. */
export function bytes(value) {
  const names = ['B', 'KB', 'MB', 'GB', 'TB']
  let index = 0
  while (value >= 1024 && index < names.length - 1) {
    value /= 1024
    index += 1
  }
  return `${number(value, { maximumFractionDigits: 1 })} ${names[index]}`
}

const shorthands = /\b(api|ai|crm|csv|http|id|ltv|mrr|arr|sms|url)\b/g

/** `in_progress` as `In progress`, `crm` as `CRM`. */
export function words(name) {
  const text = String(name ?? '').replace(/[_.-]+/g, ' ').trim().replace(shorthands, (short) => short.toUpperCase())
  return text ? text[0].toUpperCase() + text.slice(1) : ''
}

/** Up to two letters that stand for a name. */
export function initials(name) {
  const parts = String(name ?? '').trim().split(/\s+/).filter(Boolean)
  return ((parts[0]?.[0] ?? '?') + (parts.length > 1 ? parts.at(-1)[0] : '')).toUpperCase()
}

/** One of eight hues, always the same for the same text. */
export function hue(text) {
  let sum = 0
  for (const letter of String(text ?? '')) sum = (sum * 31 + letter.codePointAt(0)) >>> 0
  return sum % 8
}
