// Following one execution to its end, whatever happens to the connection on the way.
import { Problem, request } from '../api.js'
import { readEvents } from '../streams.js'
import { endings } from './live-answer.js'

const pauses = [300, 700, 1500, 3000, 6000]

/**
 * Calls `onEvent` with each event of the execution after `after` (null: from the first), until it ends or `signal` aborts.
 * A stream that breaks off goes on after the last event that came.
 */
export async function followExecution(execution, { after = null, onEvent, signal }) {
  let position = after
  let failures = 0
  let isOver = false
  while (!isOver && !signal.aborted) {
    try {
      const headers = { accept: 'text/event-stream' }
      if (position !== null) headers['last-event-id'] = position
      const response = await request('GET', `/v1/executions/${encodeURIComponent(execution)}/events`, { headers, raw: true, signal })
      // Nothing more to come: everything was told.
      if (response.status === 204) return
      await readEvents(response, (event) => {
        failures = 0
        position = event.id ?? position
        if (endings.includes(event.type)) isOver = true
        onEvent(event)
      })
    } catch (error) {
      if (error.name === 'AbortError') return
      if (error instanceof Problem && [401, 403, 404].includes(error.status)) throw error
      // The beginning is no longer kept: what is left of it, then.
      if (error instanceof Problem && error.status === 410) position = null
    }
    if (isOver || signal.aborted) return
    const pause = pauses[Math.min(failures, pauses.length - 1)]
    failures += 1
    await new Promise((done) => setTimeout(done, pause))
  }
}
