// Server-sent events over fetch, which sends the fields that EventSource cannot.

/** Splits a stream of text into events; what is not whole yet waits for the rest. */
export class EventReader {
  #rest = ''

  /** The events that are whole with this text: `[{ id, type, data }]`. */
  take(text) {
    this.#rest += text
    const blocks = this.#rest.split(/\r?\n\r?\n/)
    this.#rest = blocks.pop()
    return blocks.map(EventReader.parse).filter(Boolean)
  }

  static parse(block) {
    const event = { id: null, type: 'message', data: null }
    const lines = []
    for (const line of block.split(/\r?\n/)) {
      if (line.startsWith(':')) continue
      const colon = line.indexOf(':')
      const name = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (name === 'data') lines.push(value)
      else if (name === 'id') event.id = value
      else if (name === 'event') event.type = value
    }
    if (lines.length === 0) return null
    try {
      const whole = JSON.parse(lines.join('\n'))
      // The server's events say their own id, type, execution and time; `data` is what they tell.
      return { id: event.id ?? whole.id, type: event.type, execution_id: whole.execution_id ?? null, at: whole.at,
        data: whole.data ?? {} }
    } catch {
      return null
    }
  }
}

/** Reads a response's events to its end; `onEvent` gets each, in order. */
export async function readEvents(response, onEvent) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const events = new EventReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      for (const event of events.take(value)) onEvent(event)
    }
  } finally {
    reader.cancel().catch(() => {})
  }
}
