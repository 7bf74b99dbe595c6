// Building pages out of nodes. Text only ever becomes text: nothing here reads markup.

const svgNames = new Set(['svg', 'path', 'g', 'circle', 'rect', 'line', 'polyline', 'polygon', 'ellipse', 'text',
  'tspan', 'defs', 'marker', 'title', 'desc', 'linearGradient', 'stop', 'clipPath', 'use'])
const svgSpace = 'http://www.w3.org/2000/svg'
const webSchemes = new Set(['http:', 'https:', 'mailto:', 'blob:'])

/**
 * An element: `h('button', { class: 'primary', onclick: save, disabled: busy }, 'Save')`.
 *
 * Properties: `class` (a string, or an array in which nothing false counts), `style` (an object, by CSSOM, because the
 * page's policy forbids style attributes), `dataset`, `on…` listeners, `ref` (called with the element). `value`,
 * `checked`, `disabled` and their like are set as properties; all else as attributes. false, null and undefined are left
 * out, true is an attribute without a value. Children are nodes, strings, numbers, arrays of these, or nothing.
 */
export function h(name, props, ...children) {
  if (isChild(props)) {
    children.unshift(props)
    props = null
  }
  const node = svgNames.has(name) && (name !== 'title' || props?.svg)
    ? document.createElementNS(svgSpace, name) : document.createElement(name)
  for (const [key, value] of Object.entries(props ?? {})) setProperty(node, key, value)
  append(node, children)
  return node
}

/** The same in SVG, for names that HTML has too, such as `a`, `title` and `style`. */
export function svg(name, props, ...children) {
  const node = document.createElementNS(svgSpace, name)
  for (const [key, value] of Object.entries(props ?? {})) setProperty(node, key, value)
  append(node, children)
  return node
}

function isChild(value) {
  return typeof value === 'string' || typeof value === 'number' || value instanceof Node || Array.isArray(value)
}

const asProperties = new Set(['value', 'checked', 'disabled', 'selected', 'indeterminate', 'readOnly', 'open', 'hidden',
  'textContent', 'tabIndex', 'required', 'multiple', 'scrollTop'])

function setProperty(node, key, value) {
  if (value === false || value === null || value === undefined) {
    if (asProperties.has(key) && key in node && typeof node[key] === 'boolean') node[key] = false
    return
  }
  if (key === 'class') node.setAttribute('class', Array.isArray(value) ? value.filter(Boolean).join(' ') : value)
  else if (key === 'style') for (const [name, text] of Object.entries(value)) setStyle(node, name, text)
  else if (key === 'dataset') Object.assign(node.dataset, value)
  else if (key === 'ref') value(node)
  else if (key === 'svg') return
  else if (key.startsWith('on') && typeof value === 'function') node.addEventListener(key.slice(2).toLowerCase(), value)
  else if ((key === 'href' || key === 'src') && !isSafeAddress(value)) return
  else if (asProperties.has(key) && key in node) node[key] = value
  else node.setAttribute(key, value === true ? '' : value)
}

function setStyle(node, name, value) {
  if (value === null || value === undefined || value === false) return
  if (name.startsWith('--') || name.includes('-')) node.style.setProperty(name, value)
  else node.style[name] = value
}

/** Whether a link may go there: to this server, or by a scheme that runs nothing. */
export function isSafeAddress(address) {
  try {
    return webSchemes.has(new URL(String(address), location.href).protocol)
  } catch {
    return false
  }
}

/** Appends children as `h` takes them. */
export function append(node, ...children) {
  for (const child of children) {
    if (Array.isArray(child)) append(node, ...child)
    else if (child !== null && child !== undefined && child !== false && child !== true) {
      node.append(child instanceof Node ? child : String(child))
    }
  }
  return node
}

/** Puts children in the place of everything in a node. */
export function replace(node, ...children) {
  node.replaceChildren()
  return append(node, ...children)
}

let count = 0

/** An id that no other element has. */
export function uid(prefix = 'id') {
  count += 1
  return `${prefix}-${count}`
}

/** Text that only screen readers are told. */
export function hiddenText(text) {
  return h('span', { class: 'visually-hidden' }, text)
}

/** A function that runs once things have been quiet for a while. */
export function debounce(work, milliseconds = 200) {
  let timer
  return (...values) => {
    clearTimeout(timer)
    timer = setTimeout(() => work(...values), milliseconds)
  }
}

/** At most one call for each frame, with the newest values. */
export function perFrame(work) {
  let values
  let isAsked = false
  return (...newest) => {
    values = newest
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      work(...values)
    })
  }
}

/** Copies text, also where the page came without TLS. */
export async function copyText(text) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text)
      return
    } catch {
      // Not allowed here: by a selection then.
    }
  }
  const field = h('textarea', { class: 'visually-hidden', 'aria-hidden': 'true', value: text })
  document.body.append(field)
  field.select()
  document.execCommand('copy')
  field.remove()
}

/** Offers bytes or text as a file to save. */
export function download(name, content, type = 'text/plain') {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }))
  const link = h('a', { href: address, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
