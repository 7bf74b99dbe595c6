// Something that is shown once.
import { button, copyButton, dialog, dialogActions } from '../../components/index.js'
import { h } from '../../dom.js'

/** Shows a secret with a way to copy it; it is gone when the window is closed. */
export function showOnce({ title, text, secret, more }) {
  return dialog({ title, content: (close) => [
    h('p', text), h('div', { class: 'secret' }, h('code', { class: 'secret-text', tabindex: '0', 'data-secret': true }, secret), copyButton(secret, 'Copy it')),
    more, dialogActions(button('I have kept it', { kind: 'primary', onclick: () => close() }))] }).closed
}
