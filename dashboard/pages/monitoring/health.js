// The health of the server's parts.
import { card, chip } from '../../components/index.js'
import { h } from '../../dom.js'
import { duration, words } from '../../format.js'

/** A card with every part. The answer counts whatever its status: 503 says which part has failed. */
export async function healthOf(signal) {
  let answer
  try {
    answer = await (await fetch('/v1/health', { signal, cache: 'no-store' })).json()
  } catch (error) {
    if (error.name === 'AbortError') throw error
    return card({ title: 'Health' }, h('p', { class: 'field-error' }, 'The server did not say how it is.'))
  }
  return card({ title: 'Health', actions: chip(answer.state, words(answer.state)) },
    h('ul', { class: 'health' }, (answer.components ?? []).map((part) => h('li', { class: `is-${part.state}` },
      h('span', { class: 'health-name' }, words(part.name)), chip(part.state),
      part.latency_ms >= 1 && h('span', { class: 'muted' }, duration(part.latency_ms)),
      part.reason && h('p', { class: 'muted' }, part.reason)))))
}
