// The way in: a token is exchanged for a session, and then forgotten.
import { field, form } from './components/index.js'
import { h, replace } from './dom.js'

/** Shows the form; `signIn(token)` throws where the token is not good. */
export function showSignIn(root, { message, signIn }) {
  const token = field({
    name: 'token', label: 'Token', type: 'password', required: true, autocomplete: 'current-password',
    placeholder: 'spotter_live_…', spellcheck: 'false',
    hint: 'An owner issues tokens under Settings. The first one is printed when Spotter starts.',
  })
  const box = form({
    fields: [token], submit: 'Sign in',
    onsubmit: async ({ token: text }, node) => {
      try {
        await signIn(text.trim())
      } catch (error) {
        if (error.status === 401) token.complain(['is missing, mistyped, expired or revoked'])
        else node.show(error)
        token.control.select()
      }
    },
  })
  replace(root, h('main', { class: 'sign-in' },
    h('div', { class: 'sign-in-box' },
      h('div', { class: 'brand large' }, h('span', { class: 'brand-mark', 'aria-hidden': 'true' }), 'Spotter'),
      h('h1', 'Sign in'),
      message && h('p', { class: 'notice', role: 'status' }, message), box)))
  document.title = 'Sign in – Spotter'
  token.control.focus()
}
