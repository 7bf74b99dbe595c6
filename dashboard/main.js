// The beginning: who is here? Then the dashboard, or the way in.
import { api, onSignedOut, Problem, take } from './api.js'
import { confirm, failure, toast } from './components/index.js'
import { replace } from './dom.js'
import { EventHub } from './events.js'
import { setHome } from './format.js'
import { Shell } from './shell.js'
import { showSignIn } from './sign-in.js'

const session = '/v1/dashboard/session'
const root = document.getElementById('app')
let shell = null

async function begin() {
  const link = takeLink()
  try {
    if (link) await follow(link)
    else enter(await present())
  } catch (error) {
    if (error instanceof Problem && error.status === 401) askWhoIsThere(link ? 'This link was used before, or is too old.' : '')
    else if (error.status === 0) replace(root, failure(error, begin))
    else askWhoIsThere(error.message)
  }
}

/** Who is here: the answer to what was asked before the modules came, or, later, to a new question. */
async function present() {
  const early = globalThis.spotterSession
  globalThis.spotterSession = undefined
  return early ? (await take(early)).data : api.get(session)
}

/**
 * Signs in by a link. A link may come from anybody: it takes nobody's place without being asked for, and who one is from
 * now on is said.
 */
async function follow(link) {
  const known = await whoIsThere()
  const isWanted = !known || await confirm({
    title: 'Sign in by this link?', action: 'Sign in by the link',
    text: `You are signed in as ${known.subject} of ${known.organization.name}. The link may lead to somebody else's account: use it only if you asked for it.`,
  })
  if (!isWanted) return enter(known)
  const me = await api.post(session, { link })
  enter(me)
  toast(`You are signed in as ${me.subject} of ${me.organization.name}.`)
}

/** Who is signed in; null for nobody. */
async function whoIsThere() {
  try {
    return await api.get(session)
  } catch (error) {
    if (error.status === 401) return null
    throw error
  }
}

/** What a link to sign in with has behind its `#`; out of the address at once, so that it stays in no history. */
function takeLink() {
  const found = /^#\/sign-in\/(.+)$/.exec(location.hash)
  if (found) history.replaceState(null, '', '#/')
  return found?.[1]
}

function askWhoIsThere(message) {
  leave()
  showSignIn(root, { message, signIn: async (token) => enter(await api.post(session, { token })) })
}

function enter(me) {
  leave()
  setHome(me.organization)
  const events = new EventHub()
  events.start(me.organization.id)
  shell = new Shell({ root, me, events, signOut })
  shell.start()
}

function leave() {
  shell?.stop()
  shell = null
}

async function signOut() {
  try {
    await api.delete(session)
  } catch (error) {
    toast.error(error)
    return
  }
  askWhoIsThere('You are signed out.')
}

onSignedOut(() => { if (shell) askWhoIsThere('You are not signed in any more.') })
// A link that is opened while the page is there changes nothing but the part behind `#`.
addEventListener('hashchange', () => { if (location.hash.startsWith('#/sign-in/')) begin() })
begin()
