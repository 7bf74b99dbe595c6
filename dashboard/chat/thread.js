// One conversation: its messages, the answer that is being made, and the field to write in.
import { address, api, newKey, Problem, request } from '../api.js'
import { button, failure, icon, iconButton, loading, toast } from '../components/index.js'
import { debounce, h, perFrame, replace } from '../dom.js'
import { readEvents } from '../streams.js'
import { followExecution } from './follow.js'
import { endings, LiveAnswer } from './live-answer.js'
import { agentMessage, liveMessage, userMessage } from './message-view.js'

const unfinished = ['running', 'waiting', 'queued', 'paused']

/**
 * `new Thread({ ctx, agent, conversation, onchange })`; `node` is what to show. `conversation` may be null: it is begun with
 * the first message.
 */
export class Thread {
  #ctx
  #agent
  #conversation
  #messages = []
  #live = null
  #pending = null
  #abort = new AbortController()
  #turnAbort = null
  #stops = []
  #onchange
  #list = h('ol', { class: 'messages' })
  #scroller
  #field
  #send
  #isAtEnd = true

  constructor({ ctx, agent, conversation = null, onchange }) {
    this.#ctx = ctx
    this.#agent = agent
    this.#conversation = conversation
    this.#onchange = onchange
    this.#scroller = h('div', { class: 'thread-scroll', tabindex: '0', role: 'log', 'aria-label': `Conversation with ${agent.name}`, 'aria-live': 'polite', 'aria-relevant': 'additions' },
      this.#list)
    this.#scroller.addEventListener('scroll', () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#scroller
      this.#isAtEnd = scrollHeight - scrollTop - clientHeight < 60
    }, { passive: true })
    this.node = h('section', { class: 'thread', 'aria-label': agent.name }, this.#scroller, this.#composer())
    this.#paintSoon = perFrame(() => this.#paint())
  }

  #paintSoon

  get conversation() { return this.#conversation }
  get isBusy() { return this.#live !== null && !this.#live.isOver }

  /** Shows what there is, and goes on with an answer that is being made. */
  async start() {
    // What other tabs and people say in this conversation shows here, too.
    this.#stops.push(this.#ctx.events.on(['execution.started', 'execution.queued', 'message.completed', ...endings], debounce((event) => {
      const isOurs = event.data.conversation_id === this.#conversation?.id
      if (this.#conversation && isOurs && event.execution_id !== this.#live?.execution && !this.#turnAbort) this.#load().catch(() => {})
    }, 250)))
    if (this.#conversation) await this.#load(true)
    else this.#paint()
  }

  stop() {
    this.#abort.abort()
    for (const stop of this.#stops) stop()
  }

  focus() { this.#field.focus() }

  // MARK: Reading

  async #load(isFirst = false) {
    const id = this.#conversation.id
    if (isFirst) replace(this.#list, h('li', loading('Reading the conversation…')))
    try {
      const [messages, running] = await Promise.all([
        api.all(api.path`/v1/conversations/${id}/messages`, {}, 2000), this.#running(),
      ])
      this.#messages = messages.filter((message) => message.role !== 'tool')
      this.#pending = null
      this.#paint()
      this.#scrollToEnd()
      // An answer in the making is read from its first event on: none of its words is lost, and none comes twice.
      if (running && running.id !== this.#live?.execution) await this.#follow(running.id)
      else if (!running && this.#live?.isOver) this.#settle()
    } catch (error) {
      if (error.name === 'AbortError' || this.#abort.signal.aborted) return
      replace(this.#list, h('li', failure(error, () => this.#load(true))))
    }
  }

  async #running() {
    if (!this.#ctx.may('executions:read')) return null
    const { data } = await api.list('/v1/executions', { conversation_id: this.#conversation.id, limit: 20 }, { signal: this.#abort.signal })
    const open = data.filter((one) => unfinished.includes(one.state))
    // The oldest is the one that is at work; others stand in line behind it.
    return open.at(-1) ?? null
  }

  async #follow(execution) {
    const live = new LiveAnswer(execution)
    this.#live = live
    this.#paintSoon()
    followExecution(execution, { signal: this.#abort.signal, onEvent: (event) => this.#take(live, event) })
      .then(() => this.#finish(live))
      .catch((error) => {
        if (this.#live === live) this.#live = null
        toast.error(error)
        this.#paintSoon()
      })
  }

  #take(live, event) {
    if (!live.take(event)) return
    if (event.type === 'execution.waiting') this.#readQuestion(live)
    this.#paintSoon()
  }

  async #readQuestion(live) {
    try {
      const { data } = await api.list(api.path`/v1/executions/${live.execution}/steps`, { limit: 200 })
      const open = data.filter((step) => step.kind === 'input' && step.state === 'waiting').at(-1)
      if (!open) return
      const asked = open.input ?? {}
      live.question = { step: open.id, text: asked.question ?? asked.message ?? asked.content ?? 'The agent asks for an answer.' }
      this.#paintSoon()
    } catch {
      // Without the right to read steps the inbox is where it is answered.
    }
  }

  async #finish(live) {
    if (this.#live !== live) return
    this.#paint()
    // The answer stands as it was made until the message that it has become is read: no frame is without it.
    await this.#load()
    if (this.#live === live && (live.state !== 'failed' || live.messageId)) this.#live = null
    this.#paint()
    this.#onchange?.(this.#conversation)
  }

  #settle() {
    if (this.#live?.state !== 'failed') this.#live = null
    this.#paint()
  }

  // MARK: Writing

  #composer() {
    this.#field = h('textarea', {
      rows: 1, class: 'composer-field', placeholder: `Message ${this.#agent.name}`, 'aria-label': `Message ${this.#agent.name}`, maxlength: 100_000,
      oninput: () => this.#grow(),
      onkeydown: (event) => {
        // Enter sends, Shift and Enter begins a line; a key that ends the composing of a character does neither.
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
          event.preventDefault()
          this.send(this.#field.value)
        }
      },
    })
    this.#send = iconButton('send', 'Send', { class: 'composer-send', onclick: () => (this.isBusy ? this.cancel() : this.send(this.#field.value)) })
    return h('div', { class: 'composer' }, this.#field, this.#send)
  }

  #grow() {
    this.#field.style.height = 'auto'
    this.#field.style.height = `${Math.min(this.#field.scrollHeight + 2, 180)}px`
  }

  /** Says something. While an answer is being made the words stay in the field. */
  async send(text) {
    const content = text.trim()
    if (!content || this.isBusy || this.#turnAbort) return
    this.#field.value = ''
    this.#grow()
    this.#pending = { role: 'user', content, created_at: new Date().toISOString() }
    this.#live = new LiveAnswer(null)
    this.#isAtEnd = true
    this.#paint()
    const key = newKey()
    try {
      if (!this.#conversation) await this.#begin(content)
      await this.#turn(api.path`/v1/conversations/${this.#conversation.id}/messages`, { content, stream: true }, key)
    } catch (error) {
      this.#fail(error, content)
    }
  }

  async #begin(content) {
    const words = content.replace(/\s+/g, ' ')
    const title = words.length > 60 ? `${words.slice(0, 57)}…` : words
    this.#conversation = await api.post('/v1/conversations', { agent_id: this.#agent.id, title })
    this.#onchange?.(this.#conversation)
  }

  /** Asks for the last answer again. */
  async regenerate(message) {
    if (this.isBusy || this.#turnAbort) return
    this.#messages = this.#messages.filter((one) => one.id !== message.id)
    this.#live = new LiveAnswer(null)
    this.#paint()
    try {
      await this.#turn(api.path`/v1/conversations/${this.#conversation.id}/messages/${message.id}/regenerate`, { stream: true }, newKey())
    } catch (error) {
      this.#fail(error)
    }
  }

  async #turn(path, body, key) {
    const live = this.#live
    this.#turnAbort = new AbortController()
    const stop = () => this.#turnAbort?.abort()
    this.#abort.signal.addEventListener('abort', stop)
    try {
      const response = await request('POST', address(path), { body, key, raw: true, signal: this.#turnAbort.signal, headers: { accept: 'text/event-stream' } })
      if ((response.headers.get('content-type') ?? '').includes('text/event-stream')) {
        await readEvents(response, (event) => {
          const isNamed = live.execution !== null
          live.execution ??= event.execution_id
          this.#take(live, event)
          if (!isNamed && live.isUnwanted) this.cancel()
        })
      } else {
        // The same key was answered before: the message is there already.
        await response.json()
      }
    } catch (error) {
      if (!live.execution) throw error
      // The turn has begun, so it goes on without us; so do we, after the last event that came.
    } finally {
      this.#abort.signal.removeEventListener('abort', stop)
      this.#turnAbort = null
    }
    if (this.#abort.signal.aborted) return
    if (live.execution && !live.isOver) {
      await followExecution(live.execution, { after: live.position, signal: this.#abort.signal, onEvent: (event) => this.#take(live, event) })
    }
    await this.#finish(live)
  }

  #fail(error, content) {
    if (error.name === 'AbortError' || this.#abort.signal.aborted) return
    this.#live = null
    this.#pending = null
    // Whether the words arrived is not known when the connection broke: what the server has is shown, and the words are
    // given back.
    if (content && !this.#field.value) {
      this.#field.value = content
      this.#grow()
    }
    toast.error(error)
    if (this.#conversation && !(error instanceof Problem && error.status === 401)) this.#load().catch(() => {})
    else this.#paint()
  }

  /** Stops the answer that is being made; what was said by then stays. */
  async cancel() {
    if (!this.#live) return
    // Before the server has named the turn there is nothing to stop: it is stopped as soon as it has.
    if (!this.#live.execution) {
      this.#live.isUnwanted = true
      return
    }
    this.#send.disabled = true
    try {
      await api.post(api.path`/v1/executions/${this.#live.execution}/cancel`)
    } catch (error) {
      // It had ended in the meantime: then there is nothing to stop.
      if (error.status !== 409) toast.error(error)
    } finally {
      this.#send.disabled = false
    }
  }

  // MARK: Showing

  #paint() {
    const last = this.#messages.findLast((message) => message.role === 'assistant')
    const isLast = (message) => message === last && this.#messages.at(-1) === message
    const known = new Map([...this.#list.children].map((child) => [child.dataset.key, child]))
    const rows = []
    for (const message of this.#messages) {
      const canAnew = isLast(message) && !this.isBusy && this.#ctx.may('conversations:write')
      const key = `${message.id}/${canAnew}/${message.content.length}`
      const row = known.get(key) ?? (message.role === 'user' ? userMessage(message)
        : agentMessage(message, { agent: this.#agent, regenerate: canAnew && (() => this.regenerate(message)) }))
      row.dataset.key = key
      rows.push(row)
    }
    if (this.#pending && !this.#messages.some((message) => this.#live?.execution && message.role === 'user' && message.execution_id === this.#live.execution)) {
      rows.push(userMessage(this.#pending))
    }
    if (this.#live && !this.#messages.some((message) => message.role === 'assistant' && message.id === this.#live.messageId)) rows.push(this.#liveRow())
    if (rows.length === 0) rows.push(h('li', { class: 'thread-empty' }, this.#greeting()))
    const keep = new Set(rows)
    for (const child of [...this.#list.children]) if (!keep.has(child)) child.remove()
    for (const [index, row] of rows.entries()) if (this.#list.children[index] !== row) this.#list.insertBefore(row, this.#list.children[index] ?? null)
    const isBusy = this.isBusy
    this.#label(isBusy ? 'Stop' : 'Send')
    this.#scroller.setAttribute('aria-busy', String(isBusy && this.#live.state !== 'waiting'))
    if (this.#isAtEnd) this.#scrollToEnd()
  }

  // Changed only when it must be: a press on a picture that is replaced before it is let go would be no click.
  #label(text) {
    if (this.#send.title === text) return
    replace(this.#send, icon(text.toLowerCase()))
    this.#send.setAttribute('aria-label', text)
    this.#send.title = text
  }

  // What somebody has unfolded, or typed, in the answer outlives its next words.
  #liveRow() {
    const before = this.#list.querySelector('.message.live')
    const open = new Set([...(before?.querySelectorAll('details[open]') ?? [])].map((node) => node.dataset.call ?? 'thinking'))
    const typed = before?.querySelector('.approval textarea')
    if (typed && this.#live.question && document.activeElement === typed) return before
    const row = liveMessage(this.#live, { agent: this.#agent, me: this.#ctx.me, refresh: () => this.#paintSoon() })
    for (const node of row.querySelectorAll('details')) if (open.has(node.dataset.call ?? 'thinking')) node.open = true
    return row
  }

  #greeting() {
    const starts = this.#agent.metadata?.examples?.split('\n')
      ?? ['What can you do?', this.#agent.tools?.includes('view_class_schedule') && 'Which classes are on tomorrow?'].filter(Boolean)
    return [h('p', `This is the beginning of your conversation with ${this.#agent.name}.`), this.#agent.description && h('p', { class: 'muted' }, this.#agent.description),
      h('div', { class: 'actions' }, starts.slice(0, 3).map((text) => button(text, { class: 'small', onclick: () => this.send(text) })))]
  }

  #scrollToEnd() { this.#scroller.scrollTop = this.#scroller.scrollHeight }
}
