// What the organisation may use of the server.
import { card, chip, empty, facts } from '../../components/index.js'
import { h } from '../../dom.js'
import { number, words } from '../../format.js'

/** How it stands with the providers of models. Keys are never shown. */
export async function providerKeys(ctx) {
  let parts = []
  try {
    const answer = await (await fetch('/v1/health', { signal: ctx.signal, cache: 'no-store' })).json()
    parts = (answer.components ?? []).filter((part) => part.name.startsWith('provider.'))
  } catch (error) {
    if (error.name === 'AbortError') throw error
  }
  return card({ title: 'Providers of models' }, parts.length === 0
    ? empty('No provider is set up', { text: 'Without one, agents answer with the offline model. Set OPENAI_API_KEY or ANTHROPIC_API_KEY, or spotter secrets set.' })
    : h('ul', { class: 'health' }, parts.map((part) => h('li', h('span', { class: 'health-name' }, words(part.name.slice(9))), chip(part.state),
      part.reason && h('p', { class: 'muted' }, part.reason)))),
  h('p', { class: 'muted' }, 'Keys are kept sealed and shown to nobody: spotter secrets list and spotter secrets set.'))
}

/** The limits that the server tells with its answers (RateLimit, RateLimit-Policy). */
export async function limits(ctx) {
  const own = ctx.may('agents:read') ? await ctx.api.request('GET', '/v1/status', { signal: ctx.signal }) : null
  const rows = []
  for (const policy of split(own?.headers.get('ratelimit-policy'))) {
    const name = policy.name
    const left = split(own.headers.get('ratelimit')).find((item) => item.name === name)
    rows.push([words(name), `${number(Number(policy.q))} ${policy.qu ? words(policy.qu).toLowerCase() : 'requests'}${policy.w ? ` in ${number(Number(policy.w))} s` : ''}${left?.r ? `, ${number(Number(left.r))} left` : ''}`])
  }
  return card({ title: 'Limits' }, rows.length > 0 ? facts(rows) : h('p', { class: 'muted' }, 'The server tells of no limit on requests.'))
}

/** `"default";q=100;w=60, …` as objects. */
function split(text) {
  return (text ?? '').split(',').map((part) => part.trim()).filter(Boolean).map((part) => {
    const [name, ...rest] = part.split(';')
    return { name: name.replaceAll('"', '').trim(), ...Object.fromEntries(rest.map((pair) => pair.trim().split('=')).map(([key, value]) => [key, String(value ?? '').replaceAll('"', '')])) }
  })
}
