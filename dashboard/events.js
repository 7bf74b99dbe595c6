// What happens in the organisation, live: one stream for the whole tab, and where the browser can elect a leader, one for
// all of its tabs. After a break it goes on where it stopped, without a gap or a repeat.
import { Problem, request } from './api.js'
import { readEvents } from './streams.js'

const firstPause = 500
const longestPause = 20_000

/** Whether an event's type is wanted: `step.*` is a family, `*` is everything. */
export function matches(types, type) {
  return types.some((wanted) => wanted === '*' || wanted === type
    || (wanted.endsWith('.*') && type.startsWith(wanted.slice(0, -1))))
}

export class EventHub {
  #handlers = new Set()
  #stateHandlers = new Set()
  #position = null
  #state = 'connecting'
  #abort = new AbortController()
  #channel = null
  #isLeader = false

  /** `connecting`, `live` or `broken`. */
  get state() { return this.#state }
  /** The id of the last event that was seen; null before the first. */
  get position() { return this.#position }

  /**
   * Calls `handler(event)` for each event of these types, such as `['execution.*', 'tool.failed']`. An event is
   * `{ id, type, execution_id, at, data }`. Gives a function that stops it.
   */
  on(types, handler) {
    const entry = { types: Array.isArray(types) ? types : [types], handler }
    this.#handlers.add(entry)
    return () => this.#handlers.delete(entry)
  }

  /** Calls `handler(state)` now and whenever the stream's state changes. After a break, `live` is the time to read anew. */
  onState(handler) {
    this.#stateHandlers.add(handler)
    handler(this.#state)
    return () => this.#stateHandlers.delete(handler)
  }

  /** Begins to follow, in the organisation whose id is given. */
  start(organization) {
    // Both exist only where pages come safely, or from this machine. Elsewhere each tab has a stream of its own.
    if (navigator.locks && 'BroadcastChannel' in globalThis) {
      const name = `spotter-events-${organization}`
      this.#channel = new BroadcastChannel(name)
      this.#channel.onmessage = ({ data }) => this.#hear(data)
      this.#channel.postMessage({ kind: 'hello' })
      navigator.locks.request(name, { signal: this.#abort.signal }, () => {
        this.#isLeader = true
        return this.#run()
      }).catch(() => {})
    } else {
      this.#run()
    }
  }

  /** Ends everything. */
  stop() {
    this.#abort.abort()
    this.#channel?.close()
    this.#channel = null
    this.#handlers.clear()
    this.#stateHandlers.clear()
  }

  // What the tab that holds the stream tells the others.
  #hear(message) {
    if (message.kind === 'hello') {
      if (this.#isLeader) this.#channel.postMessage({ kind: 'state', state: this.#state })
    } else if (!this.#isLeader && message.kind === 'event') this.#deliver(message.event)
    else if (!this.#isLeader && message.kind === 'state') this.#setState(message.state)
  }

  async #run() {
    let pause = firstPause
    while (!this.#abort.signal.aborted) {
      try {
        const headers = { accept: 'text/event-stream' }
        if (this.#position !== null) headers['last-event-id'] = this.#position
        const response = await request('GET', '/v1/events', { headers, raw: true, signal: this.#abort.signal })
        this.#setState('live')
        pause = firstPause
        await readEvents(response, (event) => {
          this.#channel?.postMessage({ kind: 'event', event })
          this.#deliver(event)
        })
      } catch (error) {
        if (error.name === 'AbortError') return
        // Nobody is signed in, or this is none of theirs: asking again does not help.
        if (error instanceof Problem && (error.status === 401 || error.status === 403)) {
          this.#setState('broken')
          return
        }
        // What came meanwhile is no longer kept: from now on, and `live` has everybody read anew.
        if (error instanceof Problem && error.status === 410) this.#position = null
      }
      if (this.#abort.signal.aborted) return
      this.#setState('broken')
      // Tabs that were cut off together do not come back together.
      await new Promise((done) => setTimeout(done, pause * (0.5 + Math.random())))
      pause = Math.min(pause * 2, longestPause)
    }
  }

  #setState(state) {
    if (this.#state === state) return
    this.#state = state
    if (this.#isLeader) this.#channel?.postMessage({ kind: 'state', state })
    for (const handler of this.#stateHandlers) handler(state)
  }

  #deliver(event) {
    // What was seen before the stream changed hands is not told twice.
    if (event.id !== null && this.#position !== null && BigInt(event.id) <= BigInt(this.#position)) return
    if (event.id !== null) this.#position = event.id
    for (const { types, handler } of [...this.#handlers]) {
      if (!matches(types, event.type)) continue
      try {
        handler(event)
      } catch (error) {
        console.error(error)
      }
    }
  }
}
