// Forms whose mistakes are shown beside the fields, whether the browser or the server finds them.
import { h, replace, uid } from '../dom.js'
import { button } from './basics.js'

/**
 * A field with its label, hint and place for mistakes.
 *
 * `field({ name: 'title', label: 'Title', type: 'text', value, hint, required, pointer: '/title', …attributes })`. Types:
 * those of `<input>`, and `textarea`, `select` (with `options: [{ value, label, group? }]` or texts), `checkbox`, and
 * `custom` (with `control: node` and `read: () => value`).
 *
 * The node has `name`, `pointer`, `control`, `read()`, `write(value)` and `complain(messages)`.
 */
export function field({ name, label, type = 'text', value, hint, pointer = `/${name}`, options, control, read, write,
  class: extra, parse, ...attributes }) {
  const id = uid('field')
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(' ')
  const shared = { id, name, 'aria-describedby': described, ...attributes }
  const input = control ?? makeControl(type, shared, value, options)
  if (control && !control.id) control.id = id
  const errors = h('p', { class: 'field-error', id: `${id}-error` })
  const isCheck = type === 'checkbox'
  const title = h(control ? 'span' : 'label', { for: control ? null : id, class: 'label', id: `${id}-label` }, label,
    attributes.required && h('span', { class: 'required', 'aria-hidden': 'true' }, ' *'))
  if (control && !control.hasAttribute('aria-label')) control.setAttribute('aria-labelledby', `${id}-label`)
  const node = h('div', { class: ['field', isCheck && 'check', extra] },
    isCheck ? [h('div', { class: 'check-line' }, input, title)] : [title, input],
    hint && h('p', { class: 'hint', id: `${id}-hint` }, hint), errors)
  node.name = name
  node.pointer = pointer
  node.control = input
  node.read = read ?? (() => readControl(input, type, parse))
  node.write = write ?? ((value) => writeControl(input, type, value))
  node.complain = (messages) => {
    const texts = (Array.isArray(messages) ? messages : [messages]).filter(Boolean)
    replace(errors, texts.map((text) => sentence(text)).join(' '))
    node.classList.toggle('invalid', texts.length > 0)
    if (texts.length > 0) input.setAttribute('aria-invalid', 'true')
    else input.removeAttribute('aria-invalid')
  }
  input.addEventListener('input', () => { if (node.classList.contains('invalid')) node.complain([]) })
  return node
}

function makeControl(type, shared, value, options) {
  if (type === 'textarea') return h('textarea', { rows: 4, ...shared, value: value ?? '' })
  if (type === 'select') {
    const node = h('select', shared)
    const groups = new Map()
    for (const option of options ?? []) {
      const { value: key, label, group, disabled } = typeof option === 'object' ? option : { value: option, label: option }
      const item = h('option', { value: String(key), disabled }, label ?? key)
      if (!group) node.append(item)
      else {
        if (!groups.has(group)) {
          groups.set(group, h('optgroup', { label: group }))
          node.append(groups.get(group))
        }
        groups.get(group).append(item)
      }
    }
    if (value !== undefined && value !== null) node.value = String(value)
    return node
  }
  if (type === 'checkbox') return h('input', { type, ...shared, checked: Boolean(value) })
  return h('input', { type, autocomplete: 'off', ...shared, value: value ?? '' })
}

function readControl(input, type, parse) {
  if (type === 'checkbox') return input.checked
  if (type === 'number') return input.value === '' ? null : Number(input.value)
  const text = input.value
  return parse ? parse(text) : text
}

function writeControl(input, type, value) {
  if (type === 'checkbox') input.checked = Boolean(value)
  else input.value = value ?? ''
}

function sentence(text) {
  const whole = String(text)
  const start = whole[0] ? whole[0].toUpperCase() + whole.slice(1) : whole
  return /[.!?]$/.test(start) ? start : `${start}.`
}

/**
 * A form: `form({ fields: [field(…), node, …], submit: 'Save', onsubmit: async (values) => …, oncancel, actions })`.
 *
 * `onsubmit` gets the values by name (fields without a name are left out). A problem that it throws is shown beside the
 * fields that the problem's pointers name, and above the form for the rest. The node has `fields`, `values()` and
 * `show(error)`.
 */
export function form({ fields, submit = 'Save', onsubmit, oncancel, actions, class: extra, danger = false }) {
  const named = []
  const collect = (items) => {
    for (const item of items.flat(Infinity)) {
      if (!(item instanceof Element)) continue
      if (item.complain) named.push(item)
      else for (const inner of item.querySelectorAll('.field')) if (inner.complain) named.push(inner)
    }
  }
  collect(fields)
  const message = h('div', { class: 'form-error', role: 'alert' })
  const save = button(submit, { kind: danger ? 'danger' : 'primary', type: 'submit' })
  const node = h('form', { class: ['form', extra], novalidate: true }, message, fields,
    h('footer', { class: 'form-actions' }, actions, oncancel && button('Cancel', { onclick: oncancel }), save))
  node.fields = named
  node.values = () => Object.fromEntries(named.filter((item) => item.name).map((item) => [item.name, item.read()]))
  node.show = (error) => {
    const rest = []
    const said = new Map()
    for (const item of named) item.complain([])
    for (const issue of error.errors ?? []) {
      const place = longest(named, issue.pointer)
      if (place) said.set(place, [...(said.get(place) ?? []), issue.message])
      else rest.push(`${issue.pointer} ${issue.message}`)
    }
    for (const [place, messages] of said) place.complain(messages)
    const isPlaced = (error.errors ?? []).length > 0 && rest.length === 0
    replace(message, isPlaced ? 'Please look at the fields that are marked.' : [error.message, ...rest].join(' '))
    const first = named.find((item) => item.classList.contains('invalid'))
    if (first) {
      first.closest('details')?.setAttribute('open', '')
      first.control.focus()
    }
  }
  node.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (save.disabled) return
    replace(message)
    let isFine = true
    for (const item of named) {
      const text = item.control.validationMessage
      item.complain(text ? [text] : [])
      if (text && isFine) {
        item.closest('details')?.setAttribute('open', '')
        item.control.focus()
        isFine = false
      }
    }
    if (!isFine) return
    save.disabled = true
    node.setAttribute('aria-busy', 'true')
    try {
      await onsubmit(node.values(), node)
    } catch (error) {
      if (error.name !== 'AbortError') node.show(error)
    } finally {
      save.disabled = false
      node.removeAttribute('aria-busy')
    }
  })
  return node
}

// The field whose pointer says most of the issue's: `/tools` for `/tools/3`.
function longest(fields, pointer) {
  return fields.filter((item) => item.pointer === pointer || String(pointer).startsWith(`${item.pointer}/`))
    .sort((a, b) => b.pointer.length - a.pointer.length)[0]
}

/** Fields side by side where there is room. */
export function row(...fields) {
  return h('div', { class: 'field-row' }, fields)
}

/** A group of fields with a heading. */
export function group(title, ...fields) {
  return h('fieldset', { class: 'field-group' }, h('legend', title), fields)
}

/** The bar above a list: search and filters. */
export function filterBar(...controls) {
  return h('div', { class: 'filter-bar', role: 'search' }, controls)
}

/** A select in a filter bar: `filterSelect({ label, options, value, onchange: (value) => … })`. */
export function filterSelect({ label, options, value, onchange }) {
  const control = makeControl('select', { 'aria-label': label, onchange: () => onchange(control.value) }, value, options)
  return control
}
