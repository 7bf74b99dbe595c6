// What stands around every page: the menu, the head, the place for the page, and the chats at the bottom.
import { api } from './api.js'
import { confirm, dialog, failure, icon, iconButton, loading, toast } from './components/index.js'
import { h, replace } from './dom.js'
import { pages } from './pages/index.js'
import { Router } from './router.js'

const themes = { system: 'Theme: as the system', light: 'Theme: light', dark: 'Theme: dark' }

export class Shell {
  #root
  #me
  #events
  #signOut
  #router
  #main
  #links = new Map()
  #cleanup = null
  #turn = 0
  #stops = []
  #dock = null
  #dockThere = null
  #shown = null
  #badges = new Map()

  constructor({ root, me, events, signOut }) {
    this.#root = root
    this.#me = me
    this.#events = events
    this.#signOut = signOut
    this.#router = new Router(pages, (page, params) => this.#show(page, params).finally(() => this.#shown?.()))
  }

  start() {
    this.#main = h('main', { id: 'main', class: 'page', tabindex: '-1' })
    const dock = h('div', { class: 'dock-place' })
    replace(this.#root, h('a', { class: 'skip', href: '#main', onclick: (event) => {
      event.preventDefault()
      this.#main.focus()
    } }, 'Skip to the content'), this.#head(), this.#menu(), this.#main, dock)
    // The page comes first: what stands around it waits until it is there.
    const first = new Promise((done) => { this.#shown = done })
    this.#router.start()
    first.then(() => { if (this.#main.isConnected) this.#watchApprovals() })
    if (this.#may('conversations:write')) this.#dockThere = first.then(() => this.#openDock(dock))
  }

  stop() {
    this.#router.stop()
    this.#endPage()
    for (const stop of this.#stops) stop()
    this.#dock?.stop()
    this.#events.stop()
    replace(this.#root)
  }

  #may(scope) { return !scope || this.#me.permissions.includes(scope) }

  async #openDock(place) {
    try {
      const { ChatDock } = await import('./chat/dock.js')
      if (!place.isConnected) return
      this.#dock = new ChatDock(place, this.#context({}))
      await this.#dock.start()
    } catch (error) {
      toast.error(error)
    }
  }

  #context(params) {
    return {
      api, events: this.#events, me: this.#me, params, navigate: (address, options) => this.#router.navigate(address, options),
      setQuery: Router.setQuery, may: (scope) => this.#may(scope), toast, dialog, confirm,
      // Who is quicker than the dock waits for it.
      openChat: async (agent, conversation) => {
        await this.#dockThere
        await this.#dock?.open(agent, conversation)
      },
    }
  }

  #head() {
    const live = h('span', { class: 'live', role: 'status' })
    this.#stops.push(this.#events.onState((state) => {
      const [text, tone] = { live: ['Live', 'good'], connecting: ['Connecting…', 'wait'], broken: ['Reconnecting…', 'bad'] }[state]
      live.className = `live ${tone}`
      replace(live, h('span', { class: 'dot', 'aria-hidden': 'true' }), text)
    }))
    const menu = iconButton('menu', 'Menu', { class: 'menu-button', 'aria-expanded': 'false', 'aria-controls': 'menu',
      onclick: () => this.#toggleMenu() })
    this.#menuButton = menu
    return h('header', { class: 'top' }, menu,
      h('a', { class: 'brand', href: '#/agents' }, h('span', { class: 'brand-mark', 'aria-hidden': 'true' }), 'Spotter'),
      h('span', { class: 'where' }, this.#me.organization.name), h('span', { class: 'spring' }), live,
      this.#themeButton(),
      h('span', { class: 'who', title: `Role: ${this.#me.role}` }, this.#me.subject),
      iconButton('exit', 'Sign out', { onclick: () => this.#signOut() }))
  }

  #menuButton

  #toggleMenu(isOpen = this.#menuButton.getAttribute('aria-expanded') !== 'true') {
    this.#menuButton.setAttribute('aria-expanded', String(isOpen))
    document.body.classList.toggle('menu-open', isOpen)
  }

  #themeButton() {
    const read = () => document.documentElement.dataset.theme ?? 'system'
    const node = h('button', { type: 'button', class: 'icon-button' })
    const show = () => {
      replace(node, icon(read() === 'dark' ? 'moon' : 'sun'))
      node.title = themes[read()]
      node.setAttribute('aria-label', themes[read()])
    }
    node.addEventListener('click', () => {
      const names = Object.keys(themes)
      const next = names[(names.indexOf(read()) + 1) % names.length]
      if (next === 'system') delete document.documentElement.dataset.theme
      else document.documentElement.dataset.theme = next
      try {
        localStorage.setItem('spotter.theme', next)
      } catch {
        // Without storage the choice holds for this page.
      }
      show()
    })
    show()
    return node
  }

  #menu() {
    const entries = pages.filter((page) => page.nav && this.#may(page.scope))
    return h('nav', { id: 'menu', class: 'menu', 'aria-label': 'Main' }, h('ul', entries.map((page) => {
      const base = page.path.replace(/\/\{.*$/, '')
      const badge = page.badge && h('span', { class: 'badge', hidden: true })
      if (badge) this.#badges.set(page.badge, badge)
      const link = h('a', { href: `#${base}`, onclick: () => this.#toggleMenu(false) }, icon(page.icon), h('span', page.nav), badge)
      this.#links.set(page.path, link)
      return h('li', link)
    })))
  }

  /** How many approvals wait: read when something about them happens, never by the clock. */
  #watchApprovals() {
    const badge = this.#badges.get('approvals')
    if (!badge) return
    const read = async () => {
      try {
        const { data, next_cursor: more } = await api.list('/v1/approvals', { state: 'pending', limit: 100 })
        badge.hidden = data.length === 0
        replace(badge, `${data.length}${more ? '+' : ''}`, h('span', { class: 'visually-hidden' }, ' waiting'))
      } catch {
        badge.hidden = true
      }
    }
    this.#stops.push(this.#events.on(['approval.*'], read))
    read()
  }

  async #show(page, params) {
    if (page?.redirect) return this.#router.navigate(page.redirect, { replace: true })
    this.#endPage()
    this.#turn += 1
    const turn = this.#turn
    for (const [path, link] of this.#links) {
      if (path === page?.path || path === page?.parent) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
    }
    if (!page || !this.#may(page.scope)) {
      document.title = 'Not found – Spotter'
      return replace(this.#main, h('h1', { tabindex: '-1' }, page ? 'Not for you' : 'There is nothing here'),
        h('p', page ? `This page needs the scope ${page.scope}.` : 'The address leads to no page.'),
        h('p', h('a', { href: '#/agents' }, 'To the agents')))
    }
    const place = h('div', { class: 'page-body' }, loading())
    replace(this.#main, place)
    try {
      const module = (await page.load()).default
      if (turn !== this.#turn) return
      document.title = `${module.title} – Spotter`
      const context = this.#context(params)
      const abort = new AbortController()
      context.signal = abort.signal
      const stops = [() => abort.abort()]
      // What a page follows ends with it.
      context.on = (types, handler) => stops.push(this.#events.on(types, handler))
      context.setTitle = (title) => { document.title = `${title} – Spotter` }
      this.#cleanup = () => { for (const stop of stops) stop() }
      const cleanup = await module.render(place, context)
      if (typeof cleanup === 'function') {
        if (turn === this.#turn) stops.push(cleanup)
        else cleanup()
      }
      if (turn === this.#turn) this.#arrive(place)
    } catch (error) {
      if (turn !== this.#turn || error.name === 'AbortError') return
      console.error(error)
      replace(place, h('h1', 'This page could not be shown'), failure(error, () => this.#show(page, params)))
    }
  }

  #isFirst = true

  /** After a move, the keyboard and the screen reader begin at the page's heading. */
  #arrive(place) {
    if (this.#isFirst) {
      this.#isFirst = false
      return
    }
    const active = document.activeElement
    if (active && active !== document.body && !this.#main.contains(active) && !active.closest('.menu, .skip')) return
    if (place.contains(active) && active.matches('input, textarea, select')) return
    place.querySelector('h1')?.focus({ preventScroll: true })
    scrollTo(0, 0)
  }

  #endPage() {
    this.#cleanup?.()
    this.#cleanup = null
  }
}
