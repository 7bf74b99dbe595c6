// The agents at the bottom of every page: their faces in a row, and a window for each that somebody talks to.
import { api } from '../api.js'
import { avatar, iconButton } from '../components/index.js'
import { h, replace } from '../dom.js'
import { Thread } from './thread.js'

const facesShown = 6
const memory = 'spotter.chats'

export class ChatDock {
  #place
  #ctx
  #agents = []
  #windows = new Map()
  #faces = h('div', { class: 'dock-faces', role: 'toolbar', 'aria-label': 'Talk to an agent' })
  #shelf = h('div', { class: 'dock-windows' })
  #stops = []

  constructor(place, ctx) {
    this.#place = place
    this.#ctx = ctx
  }

  async start() {
    replace(this.#place, h('aside', { class: 'dock', 'aria-label': 'Chats' }, this.#shelf, this.#faces))
    this.#faces.addEventListener('keydown', (event) => this.#move(event))
    const onHash = () => this.#place.classList.toggle('is-away', location.hash.startsWith('#/chat'))
    addEventListener('hashchange', onHash)
    this.#stops.push(() => removeEventListener('hashchange', onHash))
    onHash()
    const { data } = await api.list('/v1/agents', { enabled: true, limit: 24 })
    this.#agents = data
    this.#paint()
    await this.#restore()
  }

  stop() {
    for (const { thread } of this.#windows.values()) thread.stop()
    for (const stop of this.#stops) stop()
    replace(this.#place)
  }

  /** Opens a window for an agent, or brings the one that is open to the front. */
  async open(agent, conversation = null, { isQuiet = false } = {}) {
    const known = this.#windows.get(agent.id)
    if (known) {
      this.#fold(agent.id, false)
      if (!isQuiet) known.thread.focus()
      return
    }
    if (!this.#agents.some((one) => one.id === agent.id)) this.#agents.unshift(agent)
    const thread = new Thread({ ctx: this.#ctx, agent, conversation, onchange: () => this.#remember() })
    const head = h('header', { class: 'chat-head' }, avatar(agent.name, 32),
      h('div', { class: 'chat-title' }, h('h2', agent.name), h('p', { class: 'muted small clip' }, agent.model)),
      iconButton('plus', 'New conversation', { onclick: () => this.#anew(agent) }),
      iconButton('expand', 'Open as a page', { onclick: () => {
        const at = thread.conversation
        this.close(agent.id)
        this.#ctx.navigate(at ? `/chat/${at.id}` : `/chat?agent=${agent.id}`)
      } }),
      iconButton('minus', 'Minimise', { onclick: () => this.#fold(agent.id, true) }),
      iconButton('close', 'Close', { onclick: () => this.close(agent.id) }))
    const node = h('section', { class: 'chat-window', role: 'dialog', 'aria-label': `Chat with ${agent.name}`,
      onkeydown: (event) => {
        if (event.key !== 'Escape') return
        this.#fold(agent.id, true)
        this.#faces.querySelector(`[data-agent="${CSS.escape(agent.id)}"]`)?.focus()
      } }, head, thread.node)
    this.#windows.set(agent.id, { node, thread, isFolded: false, agent })
    this.#shelf.prepend(node)
    this.#paint()
    this.#remember()
    await thread.start()
    if (!isQuiet) thread.focus()
  }

  close(id) {
    const known = this.#windows.get(id)
    if (!known) return
    known.thread.stop()
    known.node.remove()
    this.#windows.delete(id)
    this.#paint()
    this.#remember()
  }

  async #anew(agent) {
    this.close(agent.id)
    await this.open(agent)
  }

  #fold(id, isFolded) {
    const known = this.#windows.get(id)
    known.isFolded = isFolded
    known.node.hidden = isFolded
    this.#paint()
    this.#remember()
  }

  #paint() {
    const open = [...this.#windows.values()].map((known) => known.agent)
    const others = this.#agents.filter((agent) => !this.#windows.has(agent.id)).slice(0, Math.max(0, facesShown - open.length))
    const focused = this.#faces.contains(document.activeElement) ? document.activeElement.dataset.agent : null
    replace(this.#faces, [...open, ...others].map((agent, index) => {
      const known = this.#windows.get(agent.id)
      const isShown = Boolean(known && !known.isFolded)
      return h('button', { type: 'button', class: ['face', known && 'is-open'], title: agent.name, 'aria-label': `Chat with ${agent.name}`, 'aria-expanded': String(isShown),
        tabindex: (focused ? focused === agent.id : index === 0) ? '0' : '-1', dataset: { agent: agent.id },
        onclick: () => (isShown ? this.#fold(agent.id, true) : this.open(agent)) }, avatar(agent.name, 44))
    }))
    if (focused) this.#faces.querySelector(`[data-agent="${CSS.escape(focused)}"]`)?.focus()
  }

  #move(event) {
    const faces = [...this.#faces.children]
    const at = faces.indexOf(document.activeElement)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: faces.length - 1 }[event.key]
    if (next === undefined || at < 0) return
    event.preventDefault()
    const face = faces[(next + faces.length) % faces.length]
    for (const one of faces) one.tabIndex = one === face ? 0 : -1
    face.focus()
  }

  // Which chats are open is kept for the tab: ids alone, nothing that was said.
  #remember() {
    try {
      sessionStorage.setItem(memory, JSON.stringify([...this.#windows].map(([agent, { thread, isFolded }]) => (
        { agent, conversation: thread.conversation?.id ?? null, isFolded }))))
    } catch {
      // Without storage they are closed after a reload.
    }
  }

  async #restore() {
    let kept = []
    try {
      kept = JSON.parse(sessionStorage.getItem(memory) ?? '[]')
    } catch {
      return
    }
    for (const { agent: id, conversation, isFolded } of kept.reverse()) {
      try {
        const agent = this.#agents.find((one) => one.id === id) ?? await api.get(api.path`/v1/agents/${id}`)
        const known = conversation ? await api.get(api.path`/v1/conversations/${conversation}`) : null
        await this.open(agent, known, { isQuiet: true })
        if (isFolded) this.#fold(id, true)
      } catch {
        // It is gone, or was another organisation's.
      }
    }
  }
}
