// Light, dark, or as the system has it.
import { h } from '../../dom.js'

const themes = [['system', 'As the system has it'], ['light', 'Light'], ['dark', 'Dark']]

/** A choice that holds at once, and for this browser. */
export function themeChoice() {
  const now = document.documentElement.dataset.theme ?? 'system'
  return h('fieldset', { class: 'choices' }, h('legend', { class: 'visually-hidden' }, 'Theme'), themes.map(([value, label]) =>
    h('label', { class: 'choice-line' }, h('input', { type: 'radio', name: 'theme', value, checked: value === now, onchange: () => apply(value) }), label)))
}

function apply(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    localStorage.setItem('spotter.theme', theme)
  } catch {
    // Without storage the choice holds for this page.
  }
}
