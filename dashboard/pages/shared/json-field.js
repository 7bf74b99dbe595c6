// A field for JSON that somebody types.
import { field } from '../../components/index.js'

/**
 * `jsonField({ name, label, value, hint, required })`: its value is what the JSON says, undefined where nothing stands
 * there. What is no JSON is complained of before anything is sent.
 */
export function jsonField({ value, rows = 6, ...options }) {
  const node = field({ ...options, type: 'textarea', rows, spellcheck: 'false', class: 'code-field',
    value: value === undefined || value === null ? '' : JSON.stringify(value, null, 2) })
  node.read = () => {
    const text = node.control.value.trim()
    return text ? JSON.parse(text) : undefined
  }
  node.control.addEventListener('input', () => check(node.control))
  return node
}

function check(control) {
  try {
    if (control.value.trim()) JSON.parse(control.value)
    control.setCustomValidity('')
  } catch (error) {
    control.setCustomValidity(`This is not JSON: ${error.message}`)
  }
}
