// An answer while it is made: what the events of its execution add up to. However often an event comes, it counts once, so
// that an answer can be built anew from the beginning at any time.

/** The states of an execution after which nothing more comes. */
export const endings = ['execution.completed', 'execution.failed', 'execution.cancelled']

export class LiveAnswer {
  #position = -1n
  #step = null
  #texts = new Map()
  #tools = new Map()

  constructor(execution) {
    this.execution = execution
    /** `queued`, `typing`, `waiting`, `completed`, `failed` or `cancelled`. */
    this.state = 'typing'
    this.thinking = ''
    /** What somebody is asked to allow: `{ id, message, tool, arguments, arguments_hash, expires_at, state }`. */
    this.approvals = []
    /** What the agent asks: `{ step, text }`. */
    this.question = null
    this.error = null
    this.messageId = null
    this.cost = null
    this.isPartial = false
    /** Somebody wants it stopped, and it has no name yet. */
    this.isUnwanted = false
    this.#final = null
  }

  #final

  /** The last event's id, to go on after. */
  get position() { return this.#position < 0n ? null : String(this.#position) }
  /** Everything that was written so far. */
  get text() { return this.#final ?? [...this.#texts.values()].filter(Boolean).join('\n\n') }
  /** `[{ id, name, arguments, result, state, duration_ms }]`, in the order in which they began. */
  get tools() { return [...this.#tools.values()] }
  get isOver() { return ['completed', 'failed', 'cancelled'].includes(this.state) }

  /** Takes an event in; false for one that is not new, or another execution's. */
  take(event) {
    if (event.execution_id && event.execution_id !== this.execution) return false
    if (event.id !== null && event.id !== undefined) {
      const position = BigInt(event.id)
      if (position <= this.#position) return false
      this.#position = position
    }
    const data = event.data ?? {}
    switch (event.type) {
      case 'execution.queued': this.state = 'queued'; break
      case 'execution.started':
      case 'execution.resumed': this.state = 'typing'; break
      case 'execution.waiting': this.state = 'waiting'; break
      case 'step.started': this.#begin(data); break
      case 'step.retrying': this.#texts.set(this.#step, ''); break
      case 'message.delta': this.#write(data); break
      case 'thinking.delta': this.thinking += data.text ?? ''; break
      case 'tool.started':
        this.#tools.set(data.call_id, { id: data.call_id, name: data.tool, arguments: data.arguments, state: 'running' })
        break
      case 'tool.completed': this.#endTool(data, 'completed'); break
      case 'tool.failed': this.#endTool(data, 'failed'); break
      case 'approval.requested': this.#ask(data); break
      case 'approval.decided':
      case 'approval.expired': this.#decide(data, event.type); break
      case 'message.completed':
        this.#final = data.content ?? this.text
        this.messageId = data.message_id ?? null
        this.isPartial = Boolean(data.is_partial)
        break
      case 'execution.completed': this.#end('completed', data); break
      case 'execution.failed': this.#end('failed', data); break
      case 'execution.cancelled': this.#end('cancelled', data); break
      default: break
    }
    return true
  }

  // A step that begins again writes anew.
  #begin(data) {
    this.state = 'typing'
    this.#step = data.step ?? this.#step
    if (this.#step !== null) this.#texts.set(this.#step, '')
  }

  #write(data) {
    if (typeof data.text === 'string') this.#texts.set(this.#step, (this.#texts.get(this.#step) ?? '') + data.text)
  }

  #endTool(data, state) {
    const known = this.#tools.get(data.call_id) ?? { id: data.call_id, name: data.tool, arguments: data.arguments }
    this.#tools.set(data.call_id, { ...known, result: data.result, state, duration_ms: data.duration_ms })
  }

  #ask(data) {
    const id = data.approval_id ?? data.id
    this.state = 'waiting'
    if (!this.approvals.some((one) => one.id === id)) this.approvals.push({ ...data, id, state: 'pending' })
  }

  #decide(data, type) {
    const known = this.approvals.find((one) => one.id === (data.approval_id ?? data.id))
    if (known) known.state = type === 'approval.expired' ? 'expired' : data.state ?? (data.approved ? 'approved' : 'rejected')
  }

  #end(state, data) {
    this.state = state
    this.cost = data.cost ?? null
    if (state === 'failed') this.error = data.message ?? 'The turn failed.'
    for (const tool of this.#tools.values()) if (tool.state === 'running') tool.state = 'cancelled'
  }
}
